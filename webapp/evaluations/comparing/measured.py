"""Which evaluation speaks for an experiment, and on which images several of them can be held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from classifier.spec.events import SPLITS
from webapp.evaluations.comparing.asked import Asked
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment

MOST_LOOKED_AT = 2000  # evaluations of all experiments together


class Choice(NamedTuple):
    """Images that can be chosen: a split of each one's own version, or of one version for all."""

    value: str
    words: str
    on: bool


class Known(NamedTuple):
    """An evaluation that has a result, without the result."""

    id: str
    experiment: str
    version: int
    number: int
    dataset: str
    split: str
    checkpoint: str
    job: str
    views: str
    raw: bool

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """Of several on the same images the best checkpoint's speaks, of these one by the views of its training, then the newest."""
        return self.checkpoint == "best", not self.views and not self.raw, self.id


def known(experiments: Sequence[Experiment]) -> list[Known]:
    """All that have a result, in one query."""
    rows = Evaluation.objects.filter(experiment__in=[each.pk for each in experiments], result__isnull=False).order_by("-id")
    about = ("id", "experiment_id", "version_id", "version__number", "version__dataset_id")
    how = ("split", "checkpoint", "job_id", "views", "raw")
    return [Known(*row) for row in rows.values_list(*about, *how)[:MOST_LOOKED_AT]]


def best_of(found: Sequence[Known], own_job: str) -> Known | None:
    """The training's own where there is one."""
    own = [each for each in found if each.job == own_job]
    return max(own or found, key=lambda each: each.rank, default=None)


def chosen(asked: Asked, found: Sequence[Known]) -> dict[str, Evaluation]:
    """{experiment: its evaluation on what was asked for}, of those that have one."""
    dataset = {each.dataset_id for each in asked.experiments}
    speaks: dict[str, str] = {}
    for experiment in asked.experiments:
        fits = [each for each in found if each.experiment == experiment.pk and each.split == asked.split]
        if asked.version is None:
            fits = [each for each in fits if each.version == experiment.version_id]
        else:
            fits = [each for each in fits if each.number == asked.version and {each.dataset} == dataset]
        if best := best_of(fits, experiment.job_id):
            speaks[experiment.pk] = best.id
    rows = Evaluation.objects.filter(pk__in=speaks.values()).defer("mistakes").select_related("version__dataset")
    by_id = {row.pk: row for row in rows}
    experiments = {each.pk: each for each in asked.experiments}
    made = {experiment: by_id[id] for experiment, id in speaks.items() if id in by_id}
    for id, evaluation in made.items():
        evaluation.experiment = experiments[id]
    return made


def choices(asked: Asked, found: Sequence[Known]) -> list[Choice]:
    """What the experiments were measured on, test first; of different versions of one dataset also each version by itself."""
    versions = {each.version_id for each in asked.experiments}
    datasets = {each.dataset_id for each in asked.experiments}
    own = {(each.pk, each.version_id) for each in asked.experiments}
    splits = {each.split for each in found if (each.experiment, each.version) in own}
    several = len(versions) > 1
    made: list[tuple[str, str]] = [
        (split, f"{split} split{', each of its own version' if several else ''}") for split in reversed(SPLITS) if split in splits
    ]
    if several and len(datasets) == 1:
        made += shared(found, datasets)
    values = [value for value, _ in made]
    if asked.on not in values:
        made.append((asked.on, f"{asked.split} split" + (f" of version {asked.version}" if asked.version else "")))
    return [Choice(value, words, value == asked.on) for value, words in made]


def shared(found: Sequence[Known], datasets: set[str]) -> list[tuple[str, str]]:
    """Splits of single versions on which at least two of them were measured, the newest version first."""
    measured: dict[tuple[int, str], set[str]] = defaultdict(set)
    for each in found:
        if each.dataset in datasets:
            measured[each.number, each.split].add(each.experiment)
    places = sorted((place for place, who in measured.items() if len(who) > 1), key=lambda place: (-place[0], -SPLITS.index(place[1])))
    return [(f"{split}@{number}", f"{split} split of version {number}") for number, split in places]
