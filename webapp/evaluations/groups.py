"""How right a network is on each group of images, by the columns that came along with them and by what images are like, and how far
groups lie apart: what a page and a report tell at once. `slices` tells more of it.

Counted from the stored predictions once, when an evaluation ends, then kept beside the dataset: counts alone, no file's name.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import compress
from pathlib import Path
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import Prediction, read_predictions, wilson
from classifier.metrics.intervals import difference
from classifier.spec.packfile import ERASED, ERASED_PATH
from webapp.core.kept import keep_json
from webapp.core.words import percent, plural
from webapp.datasets import packs
from webapp.datasets.cards import files as cards
from webapp.datasets.cards import numbers
from webapp.datasets.downloads import rows
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.queries import newest_looked
from webapp.datasets.queries import SPLIT_NAMES
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import ways
from webapp.evaluations.slices.ways import Counts, Seen

logger = logging.getLogger(__name__)
LIGHT = 100_000  # images of a version of which a page goes over the lines of files: of a larger one what was not kept is not told
LEAST = 5  # images of a group that is compared with others
TOLD = (ways.SIZE, ways.SHAPE, ways.LIGHT)  # besides columns
LEVEL = 0.05  # of all pairs of a column together (Bonferroni)


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

    @property
    def is_compared(self) -> bool:
        """Whether it has images enough to say anything."""
        return self.n >= LEAST

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {"value": self.value, "n": self.n, "accuracy": self.accuracy, "interval": self.interval, "compared": self.is_compared}


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

    def told(self) -> dict[str, Any]:
        """For programs."""
        ends = {"better": self.better.value, "worse": self.worse.value, "points": self.points}
        return {**ends, "interval": (self.low, self.high), "sure": self.is_sure}

    @property
    def words(self) -> str:
        """ "shop 1 is named rightly in 96.0 %, shop 2 in 80.0 %: 16.0 points apart (95 % interval 4.1 to 29.0) …"."""
        better, worse = (named(group) for group in (self.better, self.worse))
        said = f"{better}, {worse}: {100 * self.points:.1f} points apart (95 % interval {100 * self.low:.1f} to {100 * self.high:.1f})"
        said = said.replace("interval -", "interval −")
        return f"{said}, {'more than chance would give' if self.is_sure else 'which may be chance'}"


def named(group: Group) -> str:
    """ "shop 1 96.0 %"; of a range, where two numbers would stand side by side, "18 to 34 (96.0 %)"."""
    value, share = group.value or "(empty)", percent(group.accuracy)
    return f"{value} ({share})" if value[-1].isdigit() else f"{value} {share}"


class Column(NamedTuple):
    """The groups of one column, the worst first; `gap` where two of them are large enough to be compared; `kept_back` of its groups are
    too small to be told outside the team."""

    name: str
    groups: list[Group]
    gap: Gap | None
    kept_back: int = 0

    @property
    def compared(self) -> list[Group]:
        """Those that are large enough, the worst first."""
        return [group for group in self.groups if group.is_compared]

    @property
    def small(self) -> list[Group]:
        """The others: a single mistake would put them first."""
        return [group for group in self.groups if not group.is_compared]

    @property
    def small_words(self) -> str:
        """What cannot be said, or nothing."""
        number = len(self.small) or self.kept_back
        if not number:
            return "" if self.gap else "There is nothing to compare it with."
        few = f"fewer than {LEAST} images"
        if self.kept_back:
            return f"{plural(number, 'group')} of {few} {'is' if number == 1 else 'are'} not shown here."
        if not self.compared:
            return f"Each of its groups has {few}: too few to say how right it is on them."
        alone = "" if self.gap else ", so that nothing can be compared"
        return f"{plural(number, 'group')} {'has' if number == 1 else 'have'} {few}, too few to say how right it is there{alone}."


def columns(evaluation: Evaluation) -> list[Column]:
    """Those with at least two groups in the split, the surest gap first, then the widest; none where its files are gone."""
    try:
        found = counted(evaluation)
    except (packs.Missing, OSError, ValueError, KeyError):  # deleted or changed meanwhile: a page without this is better than none
        return []
    made = [column(name, counts) for name, counts in found.items() if len(counts) > 1]
    return sorted(made, key=order)


def order(column: Column) -> tuple[bool, bool, float]:
    """The surest gap first, then the widest."""
    return column.gap is None, not (column.gap and column.gap.is_sure), -(column.gap.points if column.gap else 0.0)


def column(name: str, counts: Counts) -> Column:
    groups = sorted((Group(value, *numbers) for value, numbers in counts.items()), key=lambda group: (group.accuracy, -group.n))
    return Column(name, groups, widest([group for group in groups if group.is_compared]))


def widest(groups: list[Group]) -> Gap | None:
    """Between the best and the worst of them; its interval allows for all pairs that might have been the widest."""
    if len(groups) < 2:
        return None
    better, worse = groups[-1], groups[0]
    pairs = len(groups) * (len(groups) - 1) // 2
    z = NormalDist().inv_cdf(1 - LEVEL / 2 / pairs)
    return Gap(better, worse, *difference(better.right, better.n, worse.right, worse.n, z))


def told(evaluation: Evaluation) -> list[dict[str, Any]]:
    """As `columns`, for programs."""
    found = columns(evaluation) if evaluation.result else []
    return [{"column": each.name, "groups": [group.told() for group in each.groups], "gap": each.gap and each.gap.told()} for each in found]


def outward(found: list[Column]) -> list[Column]:
    """As others may have them: what is told of fewer images than are compared may be about somebody."""
    made = [Column(each.name, each.compared, each.gap, len(each.small)) for each in found]
    return [each for each in made if len(each.groups) > 1]


def counted(evaluation: Evaluation) -> dict[str, Counts]:
    """{column: {value: [images, right]}}, from what is kept; anew where that takes no page long."""
    path = kept_in(evaluation)
    if path.exists():
        return dict(json.loads(path.read_text("utf-8")))
    return keep(evaluation) if evaluation.version.images <= LIGHT else {}


def keep(evaluation: Evaluation) -> dict[str, Counts]:
    """Counts them, and keeps that for who looks; nothing where its predictions are gone."""
    told, path = ways.seen(evaluation), kept_in(evaluation)
    if told is None and (evaluation.predictions_file is None or not rows.columns(evaluation.version)):
        return {}
    found = read_over(evaluation) if told is None else by_ways(evaluation, told)
    keep_json(path, found)
    return found


def by_ways(evaluation: Evaluation, told: Seen) -> dict[str, Counts]:
    """Of the columns that the version's card tells, and of how large, light and wide images are."""
    named = {one["column"] for one in cards.looked_up(evaluation.version)["groups"]}
    found = [way for way in ways.ways(evaluation, told, ahead=True) if way.key in named or way.key in TOLD]
    return {way.name: as_cards_tell(ways.count(way, told)) for way in found}


def as_cards_tell(counts: Counts) -> Counts:
    """By the first letters of each value: those that go on differently behind them are one group, as on the version's card."""
    found: Counts = {}
    for value, (images, right) in counts.items():
        kept = found.setdefault(value[: cards.LONGEST_VALUE], [0, 0])
        kept[0] += images
        kept[1] += right
    return found


def read_over(evaluation: Evaluation) -> dict[str, Counts]:
    """From the lines of an evaluation of an earlier release."""
    predictions = evaluation.predictions_file
    assert predictions is not None, "asked for without one"
    folds = bool(evaluation.experiment.folds_on(evaluation.version))
    return count(evaluation.version, evaluation.split, predictions, folds=folds)


def keep_ahead(evaluation: Evaluation) -> None:
    """Once it is done, so that nobody waits for it; without them a page counts small ones itself."""
    try:
        keep(evaluation)
    except (packs.Missing, OSError, ValueError, KeyError) as error:
        logger.warning("The groups of evaluation %s are not counted: %s", evaluation.pk, error)


def kept_in(evaluation: Evaluation) -> Path:
    """Its name tells apart a later result of the same evaluation, a later check that knows how light images are, and other programs."""
    check = newest_looked(evaluation.version)
    name = f"groups-{evaluation.pk}-{(evaluation.result or {}).get('n', 0)}-{check.pk if check else 0}-{cards.FORMAT}.json"
    return evaluation.version.dataset.folder / "cards" / name


def count(version: DatasetVersion, split: str, predictions: Path, *, folds: bool = False) -> dict[str, Counts]:
    """Over all predictions of a split; memory does not grow with their number. About five seconds for a million images."""
    names = rows.columns(version)
    columns = cards.looked_up(version)["groups"] if names else []
    readers = [(one["column"], names.index(one["column"]), numbers.reader(one, cards.LONGEST_VALUE)) for one in columns]
    found: dict[str, Counts] = {name: {} for name, _, _ in readers}
    for said, cells in matched(read_predictions(predictions), version, split, folds=folds) if readers else ():
        for name, place, read in readers:
            counts = found[name].setdefault(read(cells[place] if place < len(cells) else ""), [0, 0])
            counts[0] += 1
            counts[1] += said.label == said.predicted
    return found


def matched(
    predictions: Iterator[Prediction], version: DatasetVersion, split: str, *, folds: bool = False
) -> Iterator[tuple[Prediction, list[str]]]:
    """Each prediction with the cells of its image. Both come by position; images that could not be read have no prediction, erased ones
    no name. With `folds` an image of the fold may stand in train or in validation."""
    samples, index = packs.table(version.folder), packs.index(version.folder)
    splits = [SPLIT_NAMES.index(name) for name in (("train", "validation") if folds and split != "test" else (split,))]
    wanted = np.isin(samples["split"], splits) & (index["storage"][samples["image"]] & ERASED == 0)
    with (version.folder / "paths.txt").open("rb") as paths, (version.folder / "metadata.jsonl").open("rb") as metadata:
        images = compress(zip(paths, metadata, strict=True), wanted.tolist())
        for said in predictions:
            if said.path == ERASED_PATH:
                continue
            cells = next((cells for path, cells in images if json.loads(path) == said.path), None)
            if cells is None:
                return
            yield said, json.loads(cells)
