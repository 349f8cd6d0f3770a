"""The whole check, from a DATASET folder to its file (`classifier.spec.quality`)."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.publish import cannot_write
from classifier.data.quality import apart, facts, judging, near, odd, repeats, shortcuts
from classifier.data.quality.finding import Findings
from classifier.data.quality.looks import Looks, Means, look
from classifier.data.quality.steps import Steps
from classifier.data.together import read_groups
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.events import Event, OnEvent, ShouldStop, finite, ignore, never
from classifier.spec.faults import fault
from classifier.spec.packfile import STORAGE_PIXELS
from classifier.spec.quality import FORMAT, KINDS, LOOKS, SCALE, UNKNOWN
from classifier.spec.words import plural

PACKAGES = {"sklearn": "scikit-learn", "cleanlab": "cleanlab"}
MOST_MEANS = 1_000  # classes whose mean image is kept: 25 MB while they are made, 2 kB each afterwards
COSTS = {"looking": 1.2, "comparing": 0.1, "guessing": 0.3, "recognising": 8.0, "judging": 2.0}  # ms an image, about; shares of the bar


def check(folder: Path, out: Path, *, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> Event:
    """Checks a dataset and writes FILE.json; the `quality` event tells how many findings there are of each kind."""
    lacking = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if lacking:
        raise InputError(f"A check needs scikit-learn and cleanlab, which are not here. Run: pip install {' '.join(PACKAGES.values())}")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}; give --out a file in a folder that is there.")
    whole = Dataset.open(folder)
    dataset, places = whole.without_gaps()
    dataset.tell_left_out(on_event)
    if not len(dataset):
        raise InputError(f"{folder} has no images, so there is nothing to check.")
    if waiting := int(dataset.waiting.sum()):
        words = f"{plural(waiting, 'image')} without a label: left out of imbalance, shortcuts and label errors."
        on_event({"event": "log", "level": "info", "message": words})
    steps = Steps(costs(len(dataset)), on_event, should_stop)
    stays = read_groups(folder, len(whole))
    told, all_findings, looked = checked(dataset, None if stays is None else stays[places], steps)
    beside = out.with_suffix(LOOKS)
    write_looks(beside, looked, places, len(whole))
    try:
        write(out, told, [findings.placed(places) for findings in all_findings])
    except ClassifierError:
        beside.unlink(missing_ok=True)
        raise
    return {"event": "quality", "file": str(out), "images": len(dataset), "counts": told["counts"], "leaks": told["leaks"]}


def costs(images: int) -> dict[str, float]:
    """What each stage will cost, to tell how far the whole is."""
    seen = {"guessing": min(images, shortcuts.MOST_IMAGES), "recognising": min(images, judging.MOST_IMAGES)}
    seen["judging"] = seen["recognising"]
    return {stage: cost * seen.get(stage, images) for stage, cost in COSTS.items()}


def checked(dataset: Dataset, stays: np.ndarray | None, steps: Steps) -> tuple[dict[str, Any], list[Findings], np.ndarray]:
    """(what the file says without its findings, all findings, [N, 2] of what is known of each sample).

    stays: of each sample a number that those of one group have alike, as groups.bin has it; None: there are no groups.
    """
    rows, first, of_sample = np.unique(dataset.images, return_index=True, return_inverse=True)
    means = Means(min(MOST_MEANS, len(dataset.classes)))
    steps.begin("looking", f"Looking at {plural(len(rows), 'image')}")
    looks = look(dataset.folder / "pack", rows, dataset.labels[first], means, steps)
    steps.begin("comparing", "Comparing images with each other")
    index = dataset.pack.index[rows]
    near = near_pairs(looks, index["storage"] == STORAGE_PIXELS, first, steps)
    exact, nearly = (repeats.comparable(dataset, pairs) for pairs in (repeats.same_bytes(dataset.images), near))
    standing = repeats.Standing(dataset, dataset.images)
    same, similar = standing.same(), standing.nearly(near)
    grouped = None if stays is None else repeats.besides(repeats.Standing(dataset, stays).same(), (same, similar))
    steps.begin("guessing", "Guessing classes without a look at the images")
    guessed = list(shortcuts.shortcuts(dataset, looks, of_sample, steps))
    steps.begin("recognising", "Looking with a trained network")
    belongs = apart.belonging(stays, (repeats.same_bytes(dataset.images), near), len(dataset))
    doubts, judged, sure = judging.label_errors(dataset, belongs, steps)
    found = [*repeats.findings(dataset, exact, same, ""), *repeats.findings(dataset, nearly, similar, "near_"), doubts]
    found += [repeats.leaking("group_leak", dataset, grouped)] if grouped else []
    found += odd.findings(looks, (index["height"].astype(np.float64), index["width"].astype(np.float64)), of_sample)
    numbers = {findings.kind: len(findings.positions) for findings in found}
    return (
        {
            "format": FORMAT,
            "dataset": dataset.id,
            "images": len(dataset),
            "unlabelled": int(dataset.waiting.sum()),
            "counts": {kind: numbers.get(kind, 0) for kind in KINDS},
            "leaks": repeats.leaks(dataset, (same, similar)),
            "grouped": repeats.leaks(dataset, (grouped,)) if grouped else None,
            "imbalance": facts.imbalance(dataset),
            "shortcuts": guessed,
            "distributions": facts.distributions(dataset, looks, of_sample),
            "means": facts.mean_images(means),
            "judged": judged,
        },
        found,
        known(looks.looks["brightness"][of_sample] / 255, sure),
    )


def known(light: np.ndarray, sure: judging.Sure) -> np.ndarray:
    """uint16 [N, 2]: light and certainty of each sample, as SAMPLE has them."""
    looked = np.full((len(light), 2), UNKNOWN, np.uint16)
    looked[:, 0] = np.rint(np.clip(light, 0, 1) * SCALE)
    looked[sure.positions, 1] = np.rint(np.clip(sure.chances, 0, 1) * SCALE)
    return looked


def near_pairs(looks: Looks, small: np.ndarray, first: np.ndarray, steps: Steps) -> repeats.Pairs:
    """Pairs that look alike, by the first sample of each image; `first`: its position."""
    one, other, likeness = near.alike(looks, small, steps)
    return repeats.Pairs(first[one], first[other], likeness)


def write_looks(out: Path, looked: np.ndarray, places: np.ndarray, samples: int) -> None:
    """A record for each sample of the version; those that it took out are unknown."""
    whole = np.full((samples, 2), UNKNOWN, "<u2")
    whole[places] = looked
    try:
        whole.tofile(out)
    except OSError as error:
        out.unlink(missing_ok=True)
        raise cannot_write(out, error) from None


def write(out: Path, told: dict[str, Any], all_findings: Iterable[Findings]) -> None:
    """The file, whole or not at all; a finding a line."""
    by_kind = {findings.kind: findings for findings in all_findings}
    lines = [json.dumps(finite(row)) for kind in KINDS if kind in by_kind for row in by_kind[kind].worst().rows()]
    head = json.dumps(finite(told), ensure_ascii=False)[:-1]
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_text(f'{head}, "findings": [\n' + ",\n".join(lines) + "\n]}\n", "utf-8")
        fault("check_publish")
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(out, error) from None
