"""How right a network is on each group of images, by the columns that came along with them, and how far groups lie apart.

Counted from the stored predictions once, then kept beside the dataset: counts alone, no file's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

from classifier.metrics import Prediction, read_predictions, wilson
from classifier.metrics.intervals import difference
from classifier.spec.packfile import ERASED_PATH
from webapp.core.words import percent
from webapp.datasets import packs
from webapp.datasets.cards import files as cards
from webapp.datasets.downloads import rows
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES
from webapp.evaluations.models import Evaluation

LEAST = 5  # images of a group that is compared with others
LEVEL = 0.05  # of all pairs of a column together (Bonferroni)
Counts = dict[str, list[int]]  # {value: [images, right]}


class Group(NamedTuple):
    """The images of one value."""

    value: str
    n: int
    right: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 %."""
        return wilson(self.right, self.n)


class Gap(NamedTuple):
    """Two groups, the better one first, with the interval of what lies between them."""

    better: Group
    worse: Group
    low: float
    high: float

    @property
    def points(self) -> float:
        return self.better.accuracy - self.worse.accuracy

    @property
    def is_sure(self) -> bool:
        """Whether chance would hardly give as much, however many groups were compared."""
        return self.low > 0

    @property
    def words(self) -> str:
        """ "shop 1 is named rightly in 96.0 %, shop 2 in 80.0 %: 16.0 points apart (95 % interval 4.1 to 29.0) …"."""
        better, worse = (f"{group.value or '(empty)'} {percent(group.accuracy)}" for group in (self.better, self.worse))
        said = f"{better}, {worse}: {100 * self.points:.1f} points apart (95 % interval {100 * self.low:.1f} to {100 * self.high:.1f})"
        said = said.replace("interval -", "interval −")
        return f"{said}, {'more than chance would give' if self.is_sure else 'which may be chance'}"


class Column(NamedTuple):
    """The groups of one column, the worst first; `gap` where two of them are large enough to be compared."""

    name: str
    groups: list[Group]
    gap: Gap | None


def columns(evaluation: Evaluation) -> list[Column]:
    """Those with at least two groups in the split, the surest gap first, then the widest; none where its files are gone."""
    try:
        found = counted(evaluation)
    except (packs.Missing, OSError, ValueError, KeyError):  # deleted or changed meanwhile: a page without this is better than none
        return []
    made = [column(name, counts) for name, counts in found.items() if len(counts) > 1]
    return sorted(made, key=lambda it: (it.gap is None, not (it.gap and it.gap.is_sure), -(it.gap.points if it.gap else 0.0)))


def column(name: str, counts: Counts) -> Column:
    groups = sorted((Group(value, *numbers) for value, numbers in counts.items()), key=lambda group: (group.accuracy, -group.n))
    return Column(name, groups, widest([group for group in groups if group.n >= LEAST]))


def widest(groups: list[Group]) -> Gap | None:
    """Between the best and the worst of them; its interval allows for all pairs that might have been the widest."""
    if len(groups) < 2:
        return None
    better, worse = groups[-1], groups[0]
    pairs = sum(1 for _ in combinations(groups, 2))
    z = NormalDist().inv_cdf(1 - LEVEL / 2 / pairs)
    return Gap(better, worse, *difference(better.right, better.n, worse.right, worse.n, z))


def counted(evaluation: Evaluation) -> dict[str, Counts]:
    """{column: {value: [images, right]}}, from what is kept or anew."""
    path = kept_in(evaluation)
    if path.exists():
        return dict(json.loads(path.read_text("utf-8")))
    predictions = evaluation.predictions_file
    if predictions is None:
        return {}
    found = count(evaluation.version, evaluation.split, predictions)
    part = path.with_suffix(".part")
    path.parent.mkdir(exist_ok=True)
    part.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    part.replace(path)
    return found


def kept_in(evaluation: Evaluation) -> Path:
    """Its name tells a later result of the same evaluation apart."""
    name = f"groups-{evaluation.pk}-{(evaluation.result or {}).get('n', 0)}.json"
    return evaluation.version.dataset.folder / "cards" / name


def count(version: DatasetVersion, split: str, predictions: Path) -> dict[str, Counts]:
    """Over all predictions of a split; memory does not grow with their number."""
    names = rows.columns(version)
    places = {told["column"]: names.index(told["column"]) for told in cards.looked_up(version)["groups"]} if names else {}
    found: dict[str, Counts] = {name: {} for name in places}
    for said, known in matched(read_predictions(predictions), version, split) if places else ():
        for name, place in places.items():
            numbers = found[name].setdefault(known.cells[place][: cards.LONGEST_VALUE] if place < len(known.cells) else "", [0, 0])
            numbers[0] += 1
            numbers[1] += said.label == said.predicted
    return found


def matched(predictions: Iterator[Prediction], version: DatasetVersion, split: str) -> Iterator[tuple[Prediction, rows.Known]]:
    """Each prediction with its image. Both come by position; images that could not be read have no prediction, erased ones no name."""
    images = (known for known in rows.known(version) if SPLIT_NAMES[known.row.split] == split)
    for said in predictions:
        if said.path == ERASED_PATH:
            continue
        known = next((image for image in images if image.row.path == said.path), None)
        if known is None:
            return
        yield said, known
