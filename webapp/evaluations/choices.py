"""What an evaluation can be asked of: the checkpoints that a run keeps, splits, datasets whose classes the network knows, views."""

from __future__ import annotations

from typing import Any, NamedTuple

from classifier.spec.fields import TTA
from webapp.core.words import percent, plural
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES, newest_ones
from webapp.experiments.checkpoints import entries
from webapp.experiments.folds import seen
from webapp.experiments.learning import learnt_classes, learnt_counts
from webapp.experiments.models import Experiment
from webapp.jobs.models import State

VIEWS = ("", "none", *TTA)
VIEW_WORDS = {"none": "the image alone", "flip": "with its mirror image", "ten_crop": "ten crops"}
MOST_DATASETS = 100  # the newest that are looked at for matching classes


class Kept(NamedTuple):
    """A checkpoint of a run's manifest."""

    epoch: int
    whole: bool  # of the end of an epoch
    best: bool
    top1: float | None  # on validation
    loss: float | None

    @property
    def words(self) -> str:
        """ "epoch 21: validation 93.4 %, loss 0.213"."""
        told = [f"validation {percent(self.top1)}"] if self.top1 is not None else []
        told += [f"loss {self.loss:.3f}"] if self.loss is not None else []
        return f"epoch {self.epoch}" + (f": {', '.join(told)}" if told else "")


class Choice(NamedTuple):
    """One option of a select."""

    value: str
    words: str


def checkpoints(experiment: Experiment) -> list[Kept]:
    """Those that are kept, oldest first; none where the run's files are not here."""
    try:
        return [kept(entry) for entry in entries(experiment)]
    except (ValueError, KeyError, TypeError):
        return []


def kept(entry: dict[str, Any]) -> Kept:
    """An entry of manifest.json."""
    return Kept(int(entry["epoch"]), bool(entry["whole"]), bool(entry["best"]), entry.get("val_top1"), entry.get("val_loss"))


def named(experiment: Experiment) -> list[Choice]:
    """Best and last with what they are, then the epochs that are kept, newest first."""
    found = checkpoints(experiment)
    best, last = next((each for each in found if each.best), None), found[-1] if found else None
    told = [Choice(name, f"{name}, {each.words}" if each else name) for name, each in (("best", best or last), ("last", last))]
    return told + [Choice(str(each.epoch), each.words) for each in reversed(found) if each.whole]


def averages(experiment: Experiment) -> bool:
    """Whether its checkpoints keep an average of the weights beside the weights themselves."""
    return bool(experiment.config.get("ema") or experiment.config.get("swa_from"))


def told(views: str, raw: bool) -> str:
    """What an evaluation did otherwise than its training was configured: "with its mirror image, weights without average"."""
    words = [VIEW_WORDS[views]] if views else []
    return ", ".join([*words, *(["weights without average"] if raw else [])])


def suffix(views: str, raw: bool) -> str:
    """The same behind its name: ", with its mirror image"."""
    words = told(views, raw)
    return f", {words}" if words else ""


def split_words(version: DatasetVersion) -> str:
    """ "150 test, 30 validation, 700 train": images that somebody has labelled."""
    counts = learnt_counts(version)
    return ", ".join(f"{counts[split]:,} {split}" for split in reversed(SPLIT_NAMES) if counts[split]) or "no images"


def splits(version: DatasetVersion, folds: int = 0) -> list[Choice]:
    """Each with the images that are measured of the version, those to measure on first; `folds`: with its fold as validation."""
    counts = seen(version, folds)
    return [Choice(split, f"{split}, {plural(counts[split], 'image')}") for split in ("validation", "test", "train")]


def unknown(experiment: Experiment, version: DatasetVersion) -> list[str]:
    """Labels of a version that the network does not know; images that nobody has labelled are not measured."""
    known = {row["label"] for row in experiment.version.classes}
    return [row["label"] for row in learnt_classes(version) if row["label"] not in known]


def datasets(experiment: Experiment) -> list[Choice]:
    """Datasets of the team of whose newest version the network knows every class: its own first, where that has a later version."""
    offered = Dataset.objects.filter(team=experiment.team_id, archived_at=None, job__state=State.SUCCEEDED).order_by("-id")
    own, others = offered.filter(pk=experiment.dataset_id), offered.exclude(pk=experiment.dataset_id)
    ids = [*own.values_list("id", flat=True), *others.values_list("id", flat=True)[:MOST_DATASETS]]
    rows = newest_ones().filter(dataset__in=ids).exclude(pk=experiment.version_id).select_related("dataset").order_by("-dataset")
    fitting = [row for row in rows if row.classes and not unknown(experiment, row)]
    fitting.sort(key=lambda row: row.dataset_id != experiment.dataset_id)
    return [Choice(row.dataset_id, f"{row.dataset.name} v{row.number}: {split_words(row)}") for row in fitting]


def form(experiment: Experiment) -> dict[str, Any]:
    """All choices of the page where it is asked for."""
    configured = experiment.config.get("tta") or "none"
    views = [Choice("", f"as configured: {VIEW_WORDS[configured]}")]
    return {
        "checkpoints": named(experiment),
        "splits": splits(experiment.version, experiment.folds_on(experiment.version)),
        "datasets": datasets(experiment),
        "views": views + [Choice(name, VIEW_WORDS[name]) for name in VIEWS if name and name != configured],
        "averages": averages(experiment),
    }
