"""A classification whose answers are made by hand: pictures of a dataset's pack under other names, and what a network would say of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.metrics import answers
from classifier.metrics.scored import NO_CLASS
from webapp.accounts.models import User
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.predictions.many import asking
from webapp.predictions.models import Classification

CLASSES = ["blue", "green", "red"]
Said = tuple[str, Sequence[float]]  # a file's name, and a probability a class
SAID: list[Said] = [
    ("trip/sky.png", (0.9, 0.06, 0.04)),
    ("trip/=sea.png", (0.8, 0.15, 0.05)),
    ("trip/grass.png", (0.1, 0.85, 0.05)),
    ("trip/dusk.png", (0.4, 0.25, 0.35)),
]
REFUSED = [{"file": "trip/broken.png", "rule": "truncated", "message": "It is cut short."}]


def write_answers(folder: Path, pack: Path, said: Sequence[Said] = SAID, below: float | None = 0.5) -> dict[str, Any]:
    """A folder ANSWERS, and its "classified" event; the images are the first of that pack."""
    folder.mkdir(parents=True)
    shutil.copytree(pack, folder / "pack")
    rows = np.zeros(len(said), answers.ROW)
    rows["image"], rows["best"] = np.arange(len(said)), NO_CLASS
    for place, (_, odds) in enumerate(said):
        best = np.argsort(-np.array(odds), kind="stable")
        rows["best"][place, : len(best)], rows["probability"][place, : len(best)] = best, np.array(odds)[best]
    told = answers.told_of(rows, below)
    np.save(folder / answers.ROWS, rows)
    np.save(folder / answers.TOLD, told)
    np.save(folder / answers.ORDER, answers.order_of(rows))
    names = [name.encode() for name, _ in said]
    (folder / answers.NAMES).write_bytes(b"".join(names))
    np.save(folder / answers.ENDS, np.cumsum([len(name) for name in names]).astype(np.uint64))
    (folder / answers.REFUSED).write_text("".join(json.dumps(one) + "\n" for one in REFUSED), "utf-8")
    counts = [int((told == place).sum()) for place in range(len(CLASSES))]
    about = {"classes": CLASSES, "names": {"blue": "Blue"}, "counts": counts, "unsure_below": below, "images": len(said)}
    about |= {"unsure": int((told == answers.UNSURE).sum()), "refused": len(REFUSED), "ignored": 1, "small": True, "epoch": 1}
    (folder / answers.ABOUT).write_text(json.dumps(about | {"format": answers.FORMAT, "stamp": "0"}), "utf-8")
    return {"event": "classified", **about}


def classified(experiment: Experiment, user: User, said: Sequence[Said] = SAID, below: float | None = 0.5) -> Classification:
    """One that is done, by that experiment's network, with its files where the server keeps them."""
    job = jobs.submit(team=experiment.team, user=user, kind="classify", title="trip.zip by First")
    network = {"network": experiment.pk, "network_name": experiment.name, "experiment": experiment, "unsure_below": below}
    made = Classification.objects.create(team=experiment.team, created_by=user, job=job, name="trip.zip", **network)
    event = write_answers(made.folder / "data.1.1", experiment.dataset.folder / "data" / "pack", said, below)
    claim = jobs.claim(job.id, "device@here:1")
    assert claim
    jobs.finish(claim, also=lambda: asking.finished(made, event, "data.1.1"))
    return Classification.objects.get(pk=made.pk)
