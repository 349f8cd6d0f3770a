"""What a launch will mean, before it is one: how long it takes and how much memory by what was measured, and what its data lack."""

from __future__ import annotations

import statistics
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_features
from classifier.spec.work import FORWARD_SHARE, VIEWS, evaluated_share, validations, whole_epochs
from webapp.core.words import bytes_size, duration, ordinal, plural
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.queries import Leaking, leaking
from webapp.datasets.queries import SPLIT_NAMES
from webapp.datasets.rules import left_out
from webapp.experiments import guesses, leaks, needs, openings
from webapp.experiments.folds import seen
from webapp.experiments.learning import learnt_classes, learnt_counts, left_unlabelled
from webapp.experiments.models import Experiment, MetricPoint
from webapp.experiments.timings import seconds_an_image, shown, trained_on
from webapp.jobs import queries as jobs
from webapp.jobs.models import Queue

RUNS_LOOKED_AT = 12
LEAST_JUDGED = 500  # as classifier.data.part has it


class Check(NamedTuple):
    """One line of the list: whether it is well, and the sentence."""

    well: bool | None  # None: nobody has looked
    words: str
    page: str = "datasets:problems"  # where it is seen
    see: str = "see which"  # what its link says


class Estimate(NamedTuple):
    """How long, and how sure: from the middle half of the measured epochs; of a guess what it rests on."""

    seconds: float
    spread: float
    epochs_measured: int
    guessed: str = ""


def like(version: DatasetVersion, config: TrainConfig) -> list[Experiment]:
    """Earlier trainings of the same network at the same image size, newest first."""
    return list(alike(version, config).order_by("-id")[:RUNS_LOOKED_AT])


def alike(version: DatasetVersion, config: TrainConfig) -> QuerySet[Experiment]:
    """All of them."""
    runs = Experiment.objects.filter(config__model=config.model, config__device=config.device).select_related("version")
    if config.image_size is None:
        # the size is picked by model, data and weights
        runs = runs.filter(version__small=version.small, config__image_size=None, config__weights=config.weights)
    else:
        runs = runs.filter(config__image_size=config.image_size)
    runs = runs.filter(config__freeze=config.freeze)
    unsampled = Q(config__sampling__isnull=True) if config.sampling is None else Q()  # of runs before there was such a field
    runs = runs.filter(Q(config__sampling=config.sampling) | unsampled)
    anew = Q(config__features=None) | Q(config__features__isnull=True)  # earlier runs had no such field
    runs = runs.filter(Q(config__features=config.features) if config.features else anew)
    if config.finetune:
        return runs.filter(config__finetune=config.finetune, config__epochs=config.epochs)  # whose last epochs are of the same kind
    return runs.filter(Q(config__finetune=None) | Q(config__finetune__isnull=True))


def takes(version: DatasetVersion, config: TrainConfig) -> Estimate | None:
    """How long the training will take: by what was measured on this machine, else a guess; None where there is nothing to go by."""
    runs = like(version, config)
    measured = seconds_an_image(runs)
    if not measured:
        return guessed(version, config)
    if config.head_alone and config.features != "each":
        return with_features(runs, version, config)
    images, middle = shown(version, config) * whole_epochs(config), statistics.median(measured)
    looked = middle * FORWARD_SHARE * evaluated_share(config) * (judged(version, config, "validation") * validations(config))
    tested = middle * FORWARD_SHARE * evaluated_share(config) * judged(version, config, "test") * VIEWS[config.tta]
    quartiles = statistics.quantiles(measured, n=4) if len(measured) > 1 else [middle] * 3
    return Estimate(middle * images + looked + tested, (quartiles[2] - quartiles[0]) / 2 * images, len(measured))


def guessed(version: DatasetVersion, config: TrainConfig) -> Estimate | None:
    """By the network's work, where nothing like it was ever trained here."""
    if (an_image := guesses.an_image(version, config)) is None:
        return None
    images, an_epoch = trained_on(version, config.most_images, config.folds), shown(version, config)
    tuned, steps = config.finetune or 0, an_epoch * whole_epochs(config)
    if config.head_alone:
        once = (config.features or pick_features(config, images)) == "once"
        looked_at = images * (1 if version.small else 2) if once else an_epoch * config.head_epochs  # of photographs the mirror image too
        steps = FORWARD_SHARE * looked_at + an_epoch * tuned
        validated = judged(version, config, "validation") * ((1 if once else config.head_epochs) + tuned)
    else:
        validated = judged(version, config, "validation") * validations(config)
    tested = judged(version, config, "test") * VIEWS[config.tta]
    seconds = an_image.seconds * (steps + FORWARD_SHARE * evaluated_share(config) * (validated + tested))
    return Estimate(seconds, 0.0, 0, an_image.basis)


def judged(version: DatasetVersion, config: TrainConfig, split: str) -> float:
    """Images of the validation or the test split that are looked at: of a part of the dataset fewer, 500 at least."""
    counts = seen(version, config.folds)
    if not config.most_images or config.most_images >= counts["train"]:
        return counts[split]
    return min(counts[split], max(LEAST_JUDGED, counts[split] * config.most_images / counts["train"]))


def with_features(runs: list[Experiment], version: DatasetVersion, config: TrainConfig) -> Estimate:
    """Where features are computed once: the first epoch, to which that counts, takes long, and those of a fine-tuning at the end do.

    Testing is like the first epoch's pass through the backbone, by the images that it passed.
    """
    images, head, last = shown(version, config), config.head_epochs, config.finetune or 0
    first, later = seconds_an_image(runs, epoch=1), seconds_an_image(runs, epoch__gt=1, epoch__lte=head)
    whole = seconds_an_image(runs, epoch__gt=head) if last else []
    spread = sum((max(found) - min(found)) / 2 * epochs for found, epochs in ((first, 1), (whole, last)) if found)
    an_image = sum(statistics.median(found) * epochs for found, epochs in ((first, 1), (later, head - 1), (whole, last)) if found)
    passed = trained_on(version, config.most_images, config.folds) + judged(version, config, "validation")  # the backbone
    tested = (statistics.median(first) if first else 0.0) * images / passed * judged(version, config, "test") * VIEWS[config.tta]
    return Estimate(an_image * images + tested, spread * images, len(first) + len(later) + len(whole))


def takes_words(estimate: Estimate | None, *, at_most: bool = False) -> tuple[str, str]:
    """The estimate and what it rests on; `at_most`: it may end before its last epoch."""
    if estimate is None:
        return "not measured yet", "the first training of this network at this size measures it"
    if estimate.guessed:
        return f"{'at most roughly' if at_most else 'roughly'} {duration(coarse(estimate.seconds))}", estimate.guessed
    spread = f" ± {duration(estimate.spread)}" if estimate.spread >= 1 else ""
    about = "at most about" if at_most else "about"
    return f"{about} {duration(estimate.seconds)}{spread}", f"from {plural(estimate.epochs_measured, 'epoch')} measured on this machine"


def coarse(seconds: float) -> float:
    """A guess shows no more digits than it has: tens of seconds, then minutes, then tens of minutes."""
    step = next(step for most, step in ((90, 10), (1200, 60), (7200, 300), (float("inf"), 1800)) if seconds <= most)
    return max(step, round(seconds / step) * step)


def memory_taken(version: DatasetVersion, config: TrainConfig) -> list[float]:
    """Bytes at the peak of the check before earlier trainings of the same network, size, batch and device; the newest first."""
    runs = alike(version, config).filter(config__batch_size=config.batch_size)
    whole = Q(config__accumulate=config.accumulate) | (Q(config__accumulate__isnull=True) if config.accumulate == 1 else Q())
    points = MetricPoint.objects.filter(experiment__in=runs.filter(whole), name="memory_bytes", value__isnull=False).order_by("-id")
    return [value for value in points.values_list("value", flat=True)[:RUNS_LOOKED_AT] if value is not None]


class Memory(NamedTuple):
    """What a training will take, what that rests on, and a sentence where that is not free."""

    words: str
    basis: str
    short: str


def memory(version: DatasetVersion, config: TrainConfig) -> Memory:
    """As measured before trainings like it, the most of them; else a guess."""
    left, taken = needs.free(config), memory_taken(version, config)
    if not taken:
        guessed = needs.need(version, config, left)
        return Memory(*needs.words(guessed), needs.short(guessed.bytes, left))
    when = "while the whole network learns" if config.finetune else "at the peak of two batches"
    basis = f"{when}, measured before {plural(len(taken), 'earlier training')}"
    return Memory(f"about {bytes_size(max(taken))}", basis, needs.short(max(taken), left))


def starts_words() -> str:
    """The place that a job launched now would have."""
    ahead = jobs.waiting().filter(queue=Queue.DEVICE).count()
    slots = sum(node.slots for node in jobs.nodes() if node.role == Queue.DEVICE)
    busy = jobs.running().filter(queue=Queue.DEVICE).count()
    if slots and busy + ahead < slots:
        return "at once"
    return f"{ordinal(ahead + 1)} in line" + ("" if slots else ", when a worker is there")


def checks(version: DatasetVersion, folds: int = 0) -> list[Check]:
    """What the data have and lack, for a training with so many folds."""
    empty = [entry["name"] or entry["label"] for entry in learnt_classes(version) if not all(entry[split] for split in SPLIT_NAMES)]
    found = [Check(not empty, "Every class in every split" if not empty else f"No image in some split: {', '.join(empty[:4])}")]
    found.append(leak_check(leaking(version, folds), "train or validation" if folds else "train"))
    if folds and (torn := leaks.torn_words(version)):
        found.append(Check(False, torn, "datasets:quality"))
    if unlabelled := left_unlabelled(version):
        found.append(Check(False, f"{plural(unlabelled, 'unlabelled image')} left out of the training", "datasets:label"))
    if left := left_out(version.dataset.problem_rules):
        found.append(Check(False, f"{plural(left, 'file')} left out at import"))
    return found


def leak_check(known: Leaking, learnt: str = "train") -> Check:
    """Whether the test would be of images that were learnt from: that none is known is no more than was looked for."""
    if known.images:
        return Check(False, known.words, f"datasets:{known.page}")
    if known.checked:
        return Check(True, f"No test image in {learnt}")
    return Check(None, f"No test image in {learnt} by its bytes; not looked for look-alikes", "datasets:quality", "check it")


def test_words(version: DatasetVersion, n: int, folds: int = 0) -> str:
    """What the training does with the test split, and how often others have opened it."""
    if not n:
        return "no images, so there will be no test result"
    so_far = openings.before(version)
    opened = f"opened by each of {folds} folds at its end" if folds else "opened once at the end"
    return f"{plural(n, 'image')}, {opened}" + (f"; {so_far}" if so_far else "")


def train_words(version: DatasetVersion, config: TrainConfig) -> str:
    """How many images are learnt from, and how many an epoch shows where that is another number."""
    there, an_epoch = trained_on(version, config.most_images, config.folds), shown(version, config)
    return plural(there, "image") + (f", {an_epoch:,} shown an epoch" if an_epoch != there else "")


def before(version: DatasetVersion | None, config: TrainConfig | None) -> dict[str, Any]:
    """The card at the side of the form."""
    if version is None:
        return {}
    counts = learnt_counts(version)
    words, basis = ("once the fields are right", "")
    folds = config.folds if config else 0
    each = folds if config and config.fold is None else 0  # experiments that are launched together
    if config:
        words, basis = takes_words(takes(version, config), at_most=config.early_stopping is not None)
    return {
        "starts": starts_words(),
        "takes": words,
        "basis": basis,
        "busy": guesses.busy_words(),
        "memory": memory(version, config) if config else None,
        "test": test_words(version, counts["test"], each),
        "folds": each,
        "train": train_words(version, config or TrainConfig()),
        "checks": checks(version, folds),
        "leaks": leaks.gate(version, folds),
        "dataset": version.dataset,
    }
