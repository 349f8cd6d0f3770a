"""Where a training's first weights may come from: published, a file of the SYNSET_WEIGHTS folder, or an earlier run of the team.

Nobody names a path of the server: a choice is a word, a file's name or a run's id, and becomes a path here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from webapp.accounts.models import Team
from webapp.experiments.models import Experiment
from webapp.jobs.models import State

SUFFIXES = (".pth", ".pt", ".safetensors")
RUN = "run:"  # before the id of an earlier experiment
OFFERED_RUNS = 100


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


def choices(team: Team) -> list[Choice]:
    """What the form offers besides nothing and the published weights."""
    runs = [Choice(f"{RUN}{run.id}", f"{run.name}, best epoch {run.best_epoch}", run.config["model"]) for run in earlier_runs(team)]
    return [Choice(name, name, "") for name in files()] + runs


def resolved(team: Team, wanted: str | None) -> str | None:
    """What the engine takes (null, "default" or a path) for what was chosen; ValueError with a sentence."""
    if wanted is None or wanted == "default":
        return wanted
    if wanted.startswith(RUN):
        return str(run_folder(team, wanted.removeprefix(RUN)))
    folder = weights_folder()
    if folder is not None and Path(wanted).name in files() and Path(wanted) in (Path(Path(wanted).name), folder / Path(wanted).name):
        return str(folder / Path(wanted).name)
    raise ValueError(
        "must be null, default, a file of the server's weights folder (SYNSET_WEIGHTS) or run:ID of an earlier experiment; "
        f"{wanted[:80]!r} is none of them"
    )


def run_folder(team: Team, run_id: str) -> Path:
    """The RUN folder of the team's trained experiment."""
    run = Experiment.objects.filter(team=team, id=run_id, job__state=State.SUCCEEDED).first()
    if run is None:
        raise ValueError(f"names no trained experiment of your team: {run_id[:40]!r}")
    return run.folder


def chosen(weights: str | None) -> str | None:
    """The choice that `resolved` made this of, for a form that starts from an earlier configuration."""
    if weights is None or weights == "default":
        return weights
    path = Path(weights)
    run = Experiment.everything.filter(id=path.name).first()  # one in the trash is named, then refused with a sentence
    return f"{RUN}{path.name}" if run is not None and run.folder == path else path.name


def shown(weights: str | None) -> str:
    """A configuration's weights in words, without the server's folders."""
    if weights is None:
        return "none"
    return "published" if weights == "default" else Path(weights).name
