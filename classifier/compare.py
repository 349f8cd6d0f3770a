"""Several RUNs on the same images, from their stored predictions: no network is loaded and no image is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import read_scored, scored_path, top1, wilson
from classifier.metrics.comparison import Paired, holm, matched, outcomes, paired
from classifier.metrics.counts import confusion
from classifier.metrics.replay import verdict
from classifier.metrics.scored import Scored
from classifier.spec.errors import InputError
from classifier.spec.events import Event

MOST = 20
ANYWHERE = ("device",)  # fields of the configuration that a repetition may have otherwise


class Measured(NamedTuple):
    """One run's predictions on a split."""

    folder: Path
    dataset: str  # its id: by it two runs know that a position is the same image
    classes: list[str]
    rows: Scored


def compare(folders: Sequence[Path], split: str) -> Event:
    """The `compared` event: each run's accuracy, and each but the first against it. Raises InputError for what cannot be compared."""
    if not 2 <= len(folders) <= MOST:
        raise InputError(f"Name two to {MOST} RUNs; {len(folders)} came.", code="usage")
    runs = [opened(folder, split) for folder in folders]
    for run in runs[1:]:
        if run.dataset != runs[0].dataset:
            raise InputError(
                f"{run.folder} was trained on another dataset than {runs[0].folder}, so that no image is known to be the same."
            )
    pairs = [against(runs[0], run) for run in runs[1:]]
    corrected = holm([pair.p for pair in pairs])
    told = [told_of(runs[0], run, pair, p) for run, pair, p in zip(runs[1:], pairs, corrected, strict=True)]
    return {"event": "compared", "split": split, "runs": [accuracy(run) for run in runs], "pairs": told}


def opened(folder: Path, split: str) -> Measured:
    """Raises InputError where the folder is no run, or that split of it was not measured."""
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        dataset, classes = str(about["dataset"]["id"]), list(about["classes"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder} is no run: it has no readable run.json. Make one with `train`.") from None
    rows = read_scored(scored_path(folder / f"predictions-{split}.csv"))
    if rows is None:
        raise InputError(f"{folder} has no predictions of its {split} split; make them with `evaluate {folder} --split {split}`.")
    return Measured(folder, dataset, classes, rows)


def against(first: Measured, second: Measured) -> Paired:
    """What the second mends and breaks of the first's."""
    here, there = matched(first.rows["position"], second.rows["position"])
    place = {label: number for number, label in enumerate(first.classes)}
    known = np.array([place.get(label, -1) for label in second.classes], np.int64)
    return paired(outcomes(first.rows["label"][here], first.rows["predicted"][here], known[second.rows["predicted"][there]]))


def accuracy(run: Measured) -> dict[str, Any]:
    """Top-1 with its 95 % interval."""
    n = len(run.rows)
    counts = confusion(run.rows["label"], run.rows["predicted"], len(run.classes))
    return {"run": str(run.folder), "n": n, "top1": top1(counts), "interval": wilson(int(np.trace(counts)), n)}


def told_of(first: Measured, second: Measured, pair: Paired, p: float) -> dict[str, Any]:
    """One comparison; `p` corrected for all of them."""
    counts = {"n": pair.n, "both_right": pair.both_right, "broken": pair.broken, "fixed": pair.fixed, "both_wrong": pair.both_wrong}
    ends = {"first": str(first.folder), "second": str(second.folder)}
    return ends | counts | {"difference": pair.difference, "interval": pair.interval, "p": p}


def verify(first: Path, second: Path, split: str) -> Event:
    """The `verified` event. Raises InputError where either has no result, or they were trained on different data or otherwise."""
    one, other = opened(first, split), opened(second, split)
    if one.dataset != other.dataset:
        raise InputError(f"{second} was trained on another dataset than {first}: it is no repetition of it.")
    before, now = result_of(first), result_of(second)
    differing = sorted(name for name in before["config"] if name not in ANYWHERE and before["config"][name] != now["config"].get(name))
    if differing:
        raise InputError(f"{second} was trained otherwise than {first}: {', '.join(differing)} differ. It is no repetition of it.")
    told = verdict(before["history"], now["history"], one.rows, other.rows)
    return {"event": "verified", **told._asdict(), "words": told.words}


def result_of(folder: Path) -> dict[str, Any]:
    """RUN/result.json; raises InputError where there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{folder} has no result yet; `train` writes it at the end.") from None
    return found
