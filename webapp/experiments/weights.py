"""Where a training's first weights may come from: published, a file of the SYNSET_WEIGHTS folder, an uploaded one, or an earlier run.

Nobody names a path of the server: a choice is a word, a file's name or an id of the team's own, and becomes a path here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from classifier.spec.errors import ConfigError
from webapp.accounts.models import Team
from webapp.core.ids import is_id
from webapp.core.words import plural
from webapp.experiments.checkpoints import kept_epochs
from webapp.experiments.models import Experiment, WeightsFile
from webapp.jobs.models import State

SUFFIXES = (".pth", ".pt", ".safetensors")
RUN = "run:"  # before the id of an earlier experiment
FILE = "file:"  # before the id of an uploaded file
OFFERED_RUNS = 100
EPOCH_DIGITS, NAMED_EPOCHS = 9, 12
LISTED_WITH_EPOCHS = 20  # newest runs whose other kept epochs are offered too: a file is read for each


class Choice(NamedTuple):
    """One entry of the form's list."""

    value: str
    text: str
    model: str  # only for this model; empty: for any


def weights_folder() -> Path | None:
    """The folder of weights files on this machine, where there is one."""
    named = os.environ.get("SYNSET_WEIGHTS", "")
    return Path(named).expanduser().absolute() if named else None


def files() -> list[str]:
    """Names of the weights files in SYNSET_WEIGHTS."""
    folder = weights_folder()
    if folder is None or not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())


def earlier_runs(team: Team) -> list[Experiment]:
    """The team's trained experiments, newest first."""
    done = Experiment.objects.filter(team=team, job__state=State.SUCCEEDED).select_related("dataset")
    return list(done.order_by("-id")[:OFFERED_RUNS])


def uploaded(team: Team) -> list[WeightsFile]:
    """The team's uploaded files that passed their check, newest first."""
    return list(WeightsFile.objects.filter(team=team, job__state=State.SUCCEEDED).order_by("-id")[:OFFERED_RUNS])


def choices(team: Team) -> list[Choice]:
    """What the form offers besides nothing and the published weights."""
    runs = [choice for place, run in enumerate(earlier_runs(team)) for choice in of_run(run, every=place < LISTED_WITH_EPOCHS)]
    own = [Choice(f"{FILE}{file.id}", f"{file.name}, uploaded", only(file.told["fits"])) for file in uploaded(team) if file.told]
    return [Choice(name, name, "") for name in files()] + own + runs


def of_run(run: Experiment, *, every: bool) -> list[Choice]:
    """A run's best epoch, and with `every` the others that are kept."""
    others = [epoch for epoch in kept_epochs(run.folder) if epoch != run.best_epoch] if every else []
    best = Choice(f"{RUN}{run.id}", f"{run.name}, best epoch {run.best_epoch}", run.config["model"])
    return [best] + [Choice(f"{RUN}{run.id}@{epoch}", f"{run.name}, epoch {epoch}", run.config["model"]) for epoch in others]


def kept_epoch(folder: Path, text: str) -> int:
    """The epoch that stands after the @; ValueError where that is none, or none that the RUN has kept."""
    if not (text.isascii() and text.isdecimal() and len(text) <= EPOCH_DIGITS):
        raise ValueError(f"names no epoch after the @: {text[:40]!r}; run:ID@12 is the run's epoch 12")
    kept = sorted(set(kept_epochs(folder)))
    if int(text) not in kept:
        are = "is" if len(kept) == 1 else "are"
        there = f"{plural(len(kept), 'epoch')} {are} kept: {listed(kept)}" if kept else "no epoch of it is kept"
        raise ValueError(f"names epoch {int(text)} of the run, which is not kept; {there}. Without the @ it is the run's best epoch")
    return int(text)


def listed(kept: Sequence[int]) -> str:
    """The epochs as a sentence has them: all, or the last of many."""
    words = [str(epoch) for epoch in kept[-NAMED_EPOCHS:]]
    return ", ".join((["…"] if len(kept) > len(words) else []) + words)


def only(fits: list[str]) -> str:
    """The one network that the weights fit; empty where there are more, or none is known."""
    return fits[0] if len(fits) == 1 else ""


def resolved(team: Team, wanted: str | None) -> str | None:
    """What the engine takes (null, "default" or a path) for what was chosen; ValueError with a sentence."""
    if wanted is None or wanted == "default":
        return wanted
    if wanted.startswith(RUN):
        id, mark, epoch = wanted.removeprefix(RUN).partition("@")
        run = run_folder(team, id)
        return f"{run}@{kept_epoch(run, epoch)}" if mark else str(run)
    if wanted.startswith(FILE):
        return str(uploaded_path(team, wanted.removeprefix(FILE)))
    folder = weights_folder()
    if folder is not None and Path(wanted).name in files() and Path(wanted) in (Path(Path(wanted).name), folder / Path(wanted).name):
        return str(folder / Path(wanted).name)
    raise ValueError(
        "must be null, default, a file of the server's weights folder (SYNSET_WEIGHTS), file:ID of an uploaded one "
        "or run:ID of an earlier experiment (run:ID@EPOCH: one of its kept epochs); "
        f"{wanted[:80]!r} is none of them"
    )


def misfit(team: Team, wanted: str | None, model: str) -> str:
    """What is wrong with weights that are known to be another network's; empty where they fit, or where only reading them tells."""
    known = networks_of(team, wanted or "")
    if not known or model in known:
        return ""
    return f"are those of {' or '.join(known[:3])}, and the model is {model}; choose the model that they belong to, or other weights"


def networks_of(team: Team, wanted: str) -> list[str]:
    """The networks that a choice is known to fit."""
    if wanted.startswith(RUN):
        run = Experiment.objects.filter(team=team, id=wanted.removeprefix(RUN).partition("@")[0]).first()
        return [run.config["model"]] if run else []
    file = WeightsFile.objects.filter(team=team, id=wanted.removeprefix(FILE)).first() if wanted.startswith(FILE) else None
    return list(file.told["fits"]) if file and file.told else []


def run_folder(team: Team, run_id: str) -> Path:
    """The RUN folder of the team's trained experiment."""
    run = Experiment.objects.filter(team=team, id=run_id, job__state=State.SUCCEEDED).first()
    if run is None:
        raise ValueError(f"names no trained experiment of your team: {run_id[:40]!r}")
    return run.folder


def uploaded_path(team: Team, id: str) -> Path:
    """The safetensors file of the team's upload that passed its check."""
    found = WeightsFile.objects.filter(team=team, id=id, job__state=State.SUCCEEDED).first() if is_id(id) else None
    if found is None:
        raise ValueError(f"names no weights file of your team that passed its check: {id[:40]!r}")
    return found.path


def upload_of(weights: str | None) -> str:
    """The id of the uploaded file that a configuration starts from; empty where it starts from something else."""
    path = Path(weights or "")
    return path.parent.name if path.parent.parent == Path(settings.SYNSET_HOME) / "weights" and path.name == "weights.safetensors" else ""


def run_of(weights: str | None) -> str:
    """The id of the earlier experiment that a configuration starts from; empty where it starts from something else."""
    path = Path(without_epoch(weights or ""))
    return path.name if path.parent == Path(settings.SYNSET_HOME) / "experiments" else ""


def side_behind(weights: str | None, model: str) -> int | None:
    """Pixels a side that the earlier experiment of that network was trained at which the weights are of; None where they are others."""
    run = Experiment.everything.filter(id=id).first() if (id := run_of(weights)) else None
    told = (run.resolved if run else None) or {}
    return told.get("image_size") if told.get("model") == model else None


def without_epoch(weights: str) -> str:
    """A run's folder without the epoch that may stand behind it."""
    folder, mark, epoch = weights.rpartition("@")
    return folder if mark and epoch.isdecimal() else weights


def keep(team: Team, weights: str | None) -> None:
    """Inside a transaction: what a training is to start from stays until its end. ConfigError where it is gone.

    Before any lock on a dataset, which who evaluates an experiment takes second too.
    """
    if (id := upload_of(weights)) and not WeightsFile.objects.select_for_update().filter(team=team, id=id).exists():
        raise ConfigError({"weights": "names a file that was deleted meanwhile; choose another"})
    if (id := run_of(weights)) and not Experiment.objects.select_for_update(no_key=True).filter(team=team, id=id).exists():
        raise ConfigError({"weights": "names an experiment that was deleted meanwhile; choose another"})


def chosen(weights: str | None) -> str | None:
    """The choice that `resolved` made this of, for a form that starts from an earlier configuration."""
    if weights is None or weights == "default":
        return weights
    if id := upload_of(weights):
        return f"{FILE}{id}"
    path = Path(weights)
    folder = Path(without_epoch(weights))
    run = Experiment.everything.filter(id=folder.name).first()  # one in the trash is named, then refused with a sentence
    return f"{RUN}{path.name}" if run is not None and run.folder == folder else path.name


def shown(weights: str | None) -> str:
    """A configuration's weights in words, without the server's folders."""
    if weights is None:
        return "none"
    if weights == "default":
        return "published"
    file = WeightsFile.objects.filter(id=upload_of(weights)).first() if upload_of(weights) else None
    return file.name if file else Path(weights).name
