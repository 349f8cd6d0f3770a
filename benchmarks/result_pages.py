"""The rows of results: what the server does for pages of evaluations of 50,000 images of 1,000 classes, and how large the file is.

Processor time alone, as in `benchmarks/pages.py`. Budgets: a report 300 ms, a comparison 200 ms, the file 15 MB.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Row
from benchmarks.pages import Server

IMAGES, CLASSES = 50_000, 1_000
PAGES = {
    "report": "report-50000",
    "report-blocks": "report-blocks-50000",
    "report-bytes": "report-50000-bytes",
    "compare": "compare-50000",
    "compare-images": "compare-50000-images",
}


class Results(Server):
    """The same, with another child."""

    module = "benchmarks.result_pages"


def rows(scratch: Path) -> list[Row]:
    """A database is filled once one of them runs."""
    server = Results(scratch / "results", "full")
    units = {page: "MB" if page == "report-bytes" else "ms CPU" for page in PAGES}
    return [Row(f"results/{name}", units[page], functools.partial(server.visit, page)) for page, name in PAGES.items()]


def fill() -> tuple[Any, dict[str, str]]:
    """Two networks of a made-up set that are right on about three images in four; the team's owner, and addresses by page."""
    from webapp.accounts.models import Membership, Team, User
    from webapp.datasets.models import Dataset, DatasetVersion
    from webapp.jobs.models import Job
    from webapp.reports.models import Report

    team, user = Team.objects.create(name="Results"), User.objects.create(username="results")
    Membership.objects.create(team=team, user=user, role="owner")
    made = {"team": team, "created_by": user}
    job = Job.objects.create(kind="import", queue="host", title="Set", state="succeeded", **made)
    dataset = Dataset.objects.create(name="Set", job=job, archive_name="set.zip", **made)
    classes = [{"label": f"n{n:08}", "name": f"class {n}", "train": 700, "validation": 50, "test": 50} for n in range(CLASSES)]
    version = DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint="f" * 64, images=IMAGES, classes=classes)
    experiments = [network(made, version, seed) for seed in (0, 1)]
    report = Report.objects.get(evaluation__experiment=experiments[0])
    both = "&".join(f"of={each.pk}" for each in experiments)
    compare = f"/experiments/compare/?{both}"
    page = f"/reports/{report.pk}/"
    composed = compose(user, *experiments)
    addresses = {
        "report": page,
        "report-blocks": composed,
        "report-bytes": f"{page}report.html",
        "compare": compare,
        "compare-images": f"{compare}&part=flips",
    }
    return user, addresses


def compose(user: Any, other: Any, experiment: Any) -> str:
    """The second one's report with a block of each kind, and as many images as one may have; its address."""
    from webapp.accounts.actor import actor_in
    from webapp.datasets.models import Sample, Split
    from webapp.reports import actions
    from webapp.reports.models import Report

    report = Report.objects.get(evaluation__experiment=experiment)
    scored, version, actor = report.evaluation.scored, report.evaluation.version, actor_in(user, via="session")
    assert scored is not None and actor is not None
    wrong = scored[scored["label"] != scored["predicted"]]
    worst = wrong[np.argsort(-wrong["loss"], kind="stable")[:48]]
    Sample.objects.bulk_create(
        Sample(version=version, position=at, image=at, label=label, split=Split.TEST, path=f"{at}.jpg")
        for at, label in zip(worst["position"].tolist(), worst["label"].tolist(), strict=True)
    )
    for kind, choices in (
        ("text", {}),
        ("chart", {"what": "recall", "of": "worst", "most": 20}),
        ("table", {"what": "classes", "of": "worst", "most": 50}),
        ("matrix", {"what": "counts", "of": "worst", "most": 20}),
        ("gallery", {"what": "worst", "shown": 48}),
        ("comparison", {"what": "figures", "experiments": [other.pk]}),
    ):
        actions.add(actor, report, kind, text="What we say of it.", choices=choices)
    return f"/reports/{report.pk}/"


def network(made: dict[str, Any], version: Any, seed: int) -> Any:
    """An experiment with its evaluation, its predictions and its report."""
    from classifier.metrics import scored_path, write_scored
    from classifier.metrics.predictions import Prediction, write_rows
    from classifier.spec.config import TrainConfig
    from webapp.evaluations.models import Evaluation
    from webapp.experiments.models import Experiment
    from webapp.jobs.models import Job
    from webapp.reports.actions import report_on

    job = Job.objects.create(kind="train", queue="device", title=f"Run {seed}", state="succeeded", **made)
    config = TrainConfig(model="resnet18", seed=seed).to_mapping()
    of = {"dataset": version.dataset, "version": version, "config": config, "resolved": config}
    experiment = Experiment.objects.create(name=f"Run {seed}", job=job, best_epoch=9, best_top1=0.75, **of, **made)
    experiment.folder.mkdir(parents=True)
    scored, file = predictions(seed), experiment.folder / "predictions-test.csv"
    labels = [entry["label"] for entry in version.classes]
    said = (
        Prediction(f"{at}.jpg", labels[row["label"]], labels[row["predicted"]], 0.7, float(row["loss"]), [])
        for at, row in enumerate(scored)
    )
    write_rows(file, said)
    write_scored(scored_path(file), scored)
    evaluation = Evaluation(experiment=experiment, version=version, job=job, split="test", checkpoint="best", predictions=file.name, **made)
    evaluation.figures = figures(scored, labels)
    evaluation.mistakes = [mistake(row, labels) for row in scored[scored["label"] != scored["predicted"]][:48]]
    evaluation.save()
    report_on(evaluation)
    return experiment


def predictions(seed: int) -> Any:
    """Columns of made-up answers."""
    from classifier.metrics.scored import ROW

    draw = np.random.default_rng(seed)
    rows = np.zeros(IMAGES, ROW)
    rows["position"], rows["label"] = np.arange(IMAGES), np.arange(IMAGES) % CLASSES
    wrong = draw.random(IMAGES) < 0.25
    rows["predicted"] = np.where(wrong, draw.integers(0, CLASSES, IMAGES), rows["label"])
    rows["probability"], rows["loss"] = 0.7, np.where(wrong, 3.0, 0.3) + draw.random(IMAGES)
    return rows


def figures(rows: Any, labels: list[str]) -> dict[str, Any]:
    """As an evaluation tells them."""
    from classifier.metrics import confusion, per_class, top1

    counts = confusion(rows["label"], rows["predicted"], CLASSES)
    of = {"n": IMAGES, "top1": top1(counts), "top5": 0.9, "loss": float(rows["loss"].mean()), "ece": 0.02}
    return of | {"confusion": counts.tolist(), "per_class": per_class(counts, labels)}


def mistake(row: Any, labels: list[str]) -> dict[str, Any]:
    """A stored one."""
    of = {"path": f"{row['position']}.jpg", "label": labels[row["label"]], "predicted": labels[row["predicted"]]}
    return of | {"probability": 0.7, "loss": float(row["loss"]), "position": int(row["position"]), "image": None}


def main() -> None:
    """Visits whatever is asked for, as `benchmarks.visits`."""
    from benchmarks.visits import client, start, visited

    start(Path(sys.argv[1]))
    user, addresses = fill()
    browser = client(user)
    print(json.dumps(sorted(addresses)), flush=True)
    for line in sys.stdin:
        page = line.strip()
        print(json.dumps(megabytes(browser, addresses[page]) if page == "report-bytes" else visited(browser, addresses[page])), flush=True)


def megabytes(browser: Any, address: str) -> float:
    """The size of a download."""
    return sum(map(len, browser.get(address, headers={"host": "localhost"}).streaming_content)) / 1e6


if __name__ == "__main__":
    main()
