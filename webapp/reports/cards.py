"""A model card, written from what is known: what the network is, for what, on which data, how right it is and for whom, and its limits.

After Mitchell and others, "Model Cards for Model Reporting" (2019). What it is for nobody but the team knows: that they write themselves.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from classifier.metrics import balanced_accuracy, macro_f1, top1, wilson
from classifier.metrics.counts import Counts
from classifier.spec.catalogue import MODELS
from webapp.core.words import percent, plural, thousands
from webapp.datasets.cards.card import BY_SPLIT, Card, Section, Table
from webapp.datasets.queries import SPLIT_NAMES
from webapp.evaluations import choices, groups, leaks, showing
from webapp.evaluations.models import Evaluation
from webapp.experiments import insights
from webapp.experiments.checkpoints import short
from webapp.experiments.folds import seen
from webapp.experiments.live import told_by_run
from webapp.experiments.models import Experiment
from webapp.experiments.weights import shown
from webapp.reports.models import Report
from webapp.reports.replay import commands

MOST_CLASSES = 1_000  # that a card names one by one
FEW = 10  # test images of a class below which its figure says little
LOW = 0.5  # recall below which a class is named among the limits
MOST_NAMED = 5
UNSAID = "The team has not said what it is meant for, and what not."


def card_of(report: Report) -> Card:
    """The whole card; its description is what the team says that the network is for."""
    evaluation = report.evaluation
    sections = [model(evaluation), data(evaluation), accuracy(evaluation), *by_group(evaluation), limits(evaluation), licence(evaluation)]
    sections.append(Section("How to get it again", [], commands=commands(evaluation)))
    return Card(f"Model card: {report.title}", report.intended or UNSAID, licence_words(evaluation), sections)


def model(evaluation: Evaluation) -> Section:
    """What it is, and what it began from."""
    experiment = evaluation.experiment
    ran = experiment.resolved or experiment.config
    facts = [
        ("Network", str(ran.get("model"))),
        *parameters(experiment),
        ("Image size", f"{ran.get('eval_size') or ran.get('image_size')} pixels a side"),
        ("Began from", {"none": "nothing", "published": "weights published for ImageNet"}.get(began := shown(ran.get("weights")), began)),
        ("Checkpoint", checkpoint(evaluation)),
        ("Trained", f"{epochs(experiment, int(ran.get('epochs') or 0))}, {ran.get('optimizer')}, seed {ran.get('seed')}"),
    ]
    return Section("What it is", facts)


def parameters(experiment: Experiment) -> list[tuple[str, str]]:
    """As the run counted them; of an earlier release's those of the catalogue, which has a head of 1,000 classes."""
    if counted := told_by_run(experiment).get("parameters"):
        return [("Parameters", thousands(counted))]
    network = MODELS.get(str(experiment.config.get("model")))
    return [("Parameters", f"{thousands(network.parameters)} with 1,000 classes")] if network else []


def epochs(experiment: Experiment, planned: int) -> str:
    """ "30 epochs"; of one that stopped before, as by early stopping, "12 of 30 epochs"."""
    ran = experiment.points.filter(name="train_loss").aggregate(most=Max("epoch"))["most"] or planned
    return plural(planned, "epoch") if ran >= planned else f"{thousands(ran)} of {plural(planned, 'epoch')}"


def checkpoint(evaluation: Evaluation) -> str:
    best = evaluation.experiment.best_epoch
    name = f"best by validation, epoch {best}" if evaluation.checkpoint == "best" else short(evaluation.checkpoint)
    return name + choices.suffix(evaluation.views, evaluation.raw)


def data(evaluation: Evaluation) -> Section:
    """What it learnt from and was measured on."""
    experiment, version = evaluation.experiment, evaluation.experiment.version
    counts = seen(version, experiment.config.get("folds") or 0)
    facts = [
        ("Learnt from", f"{version.dataset.name}, version {version.number}"),
        ("Images", " · ".join(f"{name} {thousands(counts[name])}" for name in SPLIT_NAMES)),
        ("Hash of its rows (sha256)", version.fingerprint),
    ]
    if evaluation.of_other_data:
        facts.append(("Measured on", f"{evaluation.version.dataset.name}, version {evaluation.version.number}"))
    shown_classes = version.classes[:MOST_CLASSES]
    rows = [[entry["name"] or entry["label"], *row_of(entry)] for entry in shown_classes]
    more = len(version.classes) - len(shown_classes)
    table = Table("Classes", ["Class", *BY_SPLIT], rows, f"{thousands(more)} more are not named here." if more else "")
    return Section("Data", facts, [], [table])


def row_of(entry: dict[str, Any]) -> list[str]:
    counts = [int(entry[name]) for name in SPLIT_NAMES]
    return [thousands(number) for number in (*counts, sum(counts))]


def accuracy(evaluation: Evaluation) -> Section:
    """Figures with their intervals, in all and by class."""
    counts, result = evaluation.counts, evaluation.result or {}
    assert counts is not None, "asked for before it was done"
    if not counts.sum():
        return Section("How right it is", [], [f"The {evaluation.split} split has no images: nothing says how right it is on new ones."])
    facts = [
        ("Measured on", f"the {evaluation.split} split, {plural(int(counts.sum()), 'image')}"),
        ("Top-1", share_words(top1(counts), int(counts.sum()))),
        ("Macro F1", score_words(macro_f1(counts), showing.kept_span(result, "f1_macro"))),
        ("Balanced accuracy", interval_words(balanced_accuracy(counts), showing.kept_span(result, "balanced_accuracy"))),
        ("Calibration error", interval_words(result.get("ece"), showing.kept_span(result, "ece"))),
    ]
    opened = showing.test_opened(evaluation)
    facts += [("Looked at", opened)] if opened else []
    return Section("How right it is", facts, [], [by_class(evaluation, counts)])


def by_class(evaluation: Evaluation, counts: Counts) -> Table:
    """Recall of each class with its interval."""
    names, rows = showing.names_of(evaluation), []
    for place, label in enumerate(evaluation.classes[:MOST_CLASSES]):
        n, right = int(counts[place].sum()), int(counts[place, place])
        rows.append([names.get(label, label), thousands(n), share_words(right / n, n) if n else "–"])
    more = len(evaluation.classes) - len(rows)
    return Table(
        "By class", ["Class", "Images", "Recall, 95 % interval"], rows, f"{thousands(more)} more are not named here." if more else ""
    )


def share_words(share: float | None, n: int) -> str:
    """ "93.4 % (90.7 to 95.4)"."""
    return interval_words(share, wilson(round(share * n), n) if share is not None and n else None)


def interval_words(value: float | None, interval: tuple[float, float] | None) -> str:
    span = f" ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})" if interval else ""
    return f"{percent(value)}{span}"


def score_words(value: float | None, interval: tuple[float, float] | None) -> str:
    """ "0.934 (0.907 to 0.954)": F1 is no share of images, and is told as on every page."""
    span = f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
    return f"{showing.figure(value)}{span}"


def by_group(evaluation: Evaluation) -> list[Section]:
    """Figures by what came with the images, of groups that are large enough to say anything."""
    found = groups.outward(groups.columns(evaluation))
    if not found:
        return []
    tables = [group_table(column) for column in found]
    said = [f"{column.name}: {column.gap.words}." for column in found if column.gap]
    return [Section("For whom it is right", [], said, tables)]


def group_table(column: groups.Column) -> Table:
    rows = [[group.value or "(empty)", thousands(group.n), share_words(group.accuracy, group.n)] for group in column.groups]
    return Table(column.name, ["Group", "Images", "Top-1, 95 % interval"], rows, column.small_words)


def limits(evaluation: Evaluation) -> Section:
    """What not to expect of it."""
    classes = len(evaluation.classes)
    said = [
        f"It names one of its {plural(classes, 'class')} for any image, also for one that shows none of them.",
        f"It was measured on images that came as those of {evaluation.version.dataset.name} did; how right it is on others nobody knows.",
        *class_limits(evaluation),
        *leak_limits(evaluation),
        *group_limits(evaluation),
        *worries(evaluation),
    ]
    return Section("Limits", [], said)


def class_limits(evaluation: Evaluation) -> list[str]:
    """Classes of few test images, and such as it finds seldom."""
    counts, names = evaluation.counts, showing.names_of(evaluation)
    assert counts is not None
    labels = [names.get(label, label) for label in evaluation.classes]
    sizes = counts.sum(axis=1).tolist()
    few = [label for label, n in zip(labels, sizes, strict=True) if n < FEW]
    low = [label for place, label in enumerate(labels) if sizes[place] >= FEW and counts[place, place] < LOW * sizes[place]]
    said = [f"Fewer than {FEW} images were there to measure {listed(few)}: their figures say little."] if few else []
    return said + ([f"It finds fewer than half of {listed(low)}."] if low else [])


def listed(names: list[str]) -> str:
    """ "ant, bee and 3 more"."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {thousands(more)} more" if more > 0 else "")


def leak_limits(evaluation: Evaluation) -> list[str]:
    """Whether it had seen what it was measured on."""
    stamp = leaks.of(evaluation)
    if stamp.leaks:
        return [f"{plural(stamp.leaks, 'image')} that it was measured on stand among those it learnt from: its figures are too good."]
    if stamp.leaks_known == leaks.LOOKS:
        return []
    if stamp.leaks_known == leaks.BYTES:
        return ["Nobody has looked for look-alikes between what it learnt from and what it was measured on."]
    return ["What it was measured on was not compared with what it learnt from."]


def group_limits(evaluation: Evaluation) -> list[str]:
    """Gaps between groups that are more than chance."""
    return [f"By {column.name}: {column.gap.words}." for column in groups.columns(evaluation) if column.gap and column.gap.is_sure]


def worries(evaluation: Evaluation) -> list[str]:
    """What the rules over its figures find to worry about, of a training's own evaluation."""
    if evaluation.job_id != evaluation.experiment.job_id:
        return []
    told = insights.told(evaluation.experiment, evaluation.counts, evaluation.split, ece=(evaluation.result or {}).get("ece"))
    return [f"{each.title}. {each.words}" for each in told if each.tone in ("warn", "bad")]


def licence(evaluation: Evaluation) -> Section:
    """Under which words its parts came."""
    ran = evaluation.experiment.resolved or evaluation.experiment.config
    network = MODELS.get(str(ran.get("model")))
    facts = [("Images", evaluation.experiment.version.dataset.licence or "not stated")]
    if ran.get("weights") and network:
        facts.append(("Weights it began from", network.licence if ran["weights"] == "default" else "those of the file, not stated"))
    return Section("Licence", facts, ["Who trains on images is bound by what may be done with them; so is who uses the network."])


def licence_words(evaluation: Evaluation) -> str:
    """That of the images, since nothing else is known."""
    own = evaluation.experiment.version.dataset.licence
    return f"{own} (the images)" if own else ""
