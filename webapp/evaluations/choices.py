"""What an evaluation can be asked of: the checkpoints that a run keeps, splits, datasets whose classes the network knows, views."""

from __future__ import annotations

from typing import Any, NamedTuple

from classifier.spec.fields import TTA
from webapp.core.words import percent, plural
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES, newest_ones
from webapp.experiments.checkpoints import entries
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
    """ "150 test, 30 validation, 700 train"."""
    counts = {split: sum(row.get(split) or 0 for row in version.classes) for split in reversed(SPLIT_NAMES) if split}
    return ", ".join(f"{number:,} {split}" for split, number in counts.items() if number) or "no images"


def splits(version: DatasetVersion) -> list[Choice]:
    """Each with its images in the experiment's own version, those to measure on first."""
    found = []
    for split in ("validation", "test", "train"):
        found.append(Choice(split, f"{split}, {plural(sum(row.get(split) or 0 for row in version.classes), 'image')}"))
    return found


def datasets(experiment: Experiment) -> list[Choice]:
    """Other datasets of the team of whose newest version the network knows every class."""
    known = {row["label"] for row in experiment.version.classes}
    offered = Dataset.objects.filter(team=experiment.team_id, archived_at=None, job__state=State.SUCCEEDED).exclude(
        pk=experiment.dataset_id
    )
    ids = list(offered.order_by("-id").values_list("id", flat=True)[:MOST_DATASETS])
    rows = newest_ones().filter(dataset__in=ids).select_related("dataset").order_by("-dataset")
    fitting = [row for row in rows if row.classes and {each["label"] for each in row.classes} <= known]
    return [Choice(row.dataset_id, f"{row.dataset.name} v{row.number}: {split_words(row)}") for row in fitting]


def form(experiment: Experiment) -> dict[str, Any]:
    """All choices of the page where it is asked for."""
    configured = experiment.config.get("tta") or "none"
    views = [Choice("", f"as configured: {VIEW_WORDS[configured]}")]
    return {
        "checkpoints": named(experiment),
        "splits": splits(experiment.version),
        "datasets": datasets(experiment),
        "views": views + [Choice(name, VIEW_WORDS[name]) for name in VIEWS if name and name != configured],
        "averages": averages(experiment),
    }
