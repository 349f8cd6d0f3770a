"""What may be chosen for a block of a report, and whether what came is such a choice. Pages and programs choose by the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from classifier.spec.errors import ConfigError
from webapp.core.ids import is_id
from webapp.core.words import plural
from webapp.evaluations.figures.showing import FIGURES
from webapp.evaluations.showing import names_of
from webapp.experiments.models import Experiment
from webapp.reports.models import Kind, Report


class Part(NamedTuple):
    """One thing that a block of a kind can show, and which further choices it asks for."""

    words: str
    asks: tuple[str, ...] = ()


CLASSES: Final = ("of", "most", "labels")  # which classes: all, the worst so many, or those that are named
PARTS: Final[dict[str, dict[str, Part]]] = {
    Kind.TEXT: {},
    Kind.CHART: {
        "loss": Part("Loss, epoch by epoch"),
        "accuracy": Part("Accuracy, epoch by epoch"),
        "recall": Part("Recall by class", CLASSES),
        "precision": Part("Precision by class", CLASSES),
        "f1": Part("F1 by class", CLASSES),
        "roc": Part("ROC curve of a class", ("label",)),
        "pr": Part("Precision-recall curve of a class", ("label",)),
        "reliability": Part("Calibration: how sure, how often right"),
        "coverage": Part("Accuracy by coverage"),
        "speed": Part("Images a second by batch size"),
    },
    Kind.TABLE: {
        "figures": Part("Figures", ("figures",)),
        "classes": Part("By class", CLASSES),
        "pairs": Part("What is taken for what most often", ("most",)),
    },
    Kind.MATRIX: {
        "counts": Part("Confusion matrix in counts", CLASSES),
        "rows": Part("Confusion matrix by row", CLASSES),
    },
    Kind.GALLERY: {
        "worst": Part("Worst mistakes: highest loss first", ("shown",)),
        "sure": Part("Surest mistakes: most confident first", ("shown",)),
        "unsure": Part("What it is least sure of", ("shown",)),
        "right": Part("Named rightly: most confident first", ("shown",)),
        "class": Part("Mistakes on one class", ("true", "shown")),
        "cell": Part("One class taken for another", ("true", "said", "shown")),
    },
    Kind.COMPARISON: {
        "figures": Part("Figures beside each other", ("experiments",)),
        "val_top1": Part("Validation top-1 over each other", ("experiments",)),
        "val_loss": Part("Validation loss over each other", ("experiments",)),
        "train_loss": Part("Training loss over each other", ("experiments",)),
        "classes": Part("What each class gains or loses", ("experiments",)),
        "matrix": Part("Change of the confusion matrix", ("experiments",)),
    },
}
OF: Final = {"all": "all", "worst": "the worst by recall", "chosen": "those that I tick"}
MOST: Final = (5, 10, 20, 50)  # classes or pairs
SHOWN: Final = (8, 16, 24, 48)  # images
TOP: Final = (("top1", "Top-1"), ("top5", "Top-5"))
FIGURE_NAMES: Final = dict(TOP) | {key: name for name, key, _, _ in FIGURES}
MOST_LABELS, MOST_EXPERIMENTS = 200, 7  # beside the report's own there is a colour for so many
FIRST_OF, FIRST_MOST, FIRST_SHOWN = "all", 10, 16  # before somebody chooses otherwise
Read = Callable[[Report, Any], Any]


def checked(report: Report, kind: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The choices as they are kept: those that belong to what was chosen, and no others. ConfigError names each that is wrong."""
    parts = PARTS[kind]
    if not parts:
        return {}
    what = typed.get("what") or next(iter(parts))
    if what not in parts:
        raise ConfigError({"what": f"must be one of {', '.join(parts)}; {cut(what)} came"})
    kept: dict[str, Any] = {"what": what}
    wrong: dict[str, str] = {}
    for name in needed(parts[what], typed):
        try:
            kept[name] = READ[name](report, typed.get(name))
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise ConfigError(wrong)
    return kept


def needed(part: Part, typed: Mapping[str, Any]) -> list[str]:
    """Of all classes nobody is asked how many or which."""
    left_out = {"worst": {"labels"}, "chosen": {"most"}}.get(str(typed.get("of") or FIRST_OF), {"most", "labels"})
    return [name for name in part.asks if part.asks != CLASSES or name not in left_out]


def cut(value: Any) -> str:
    """What came, as a sentence names it."""
    return repr(str(value)[:40])


def one_of(choices: Mapping[str, str]) -> Read:
    def read(report: Report, value: Any) -> str:
        if (value or next(iter(choices))) not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}; {cut(value)} came")
        return str(value or next(iter(choices)))

    return read


def number_of(numbers: tuple[int, ...], first: int) -> Read:
    def read(report: Report, value: Any) -> int:
        texts = {str(number): number for number in numbers}
        if value in (None, ""):
            return first
        if isinstance(value, bool) or str(value) not in texts:
            raise ValueError(f"must be one of {', '.join(texts)}; {cut(value)} came")
        return texts[str(value)]

    return read


def label(report: Report, value: Any) -> str:
    """A class by its label, or by its readable name where only one is called so."""
    evaluation, text = report.evaluation, str(value or "").strip()
    if text in evaluation.classes:
        return text
    names = names_of(evaluation)
    called = [each for each in evaluation.classes if names.get(each) == text]
    if len(called) != 1:
        of = f"one of the network's {plural(len(evaluation.classes), 'class')}"
        raise ValueError(f"must be {of}; {cut(text)} came" if text else f"must be {of}; none came. Type a part of its name and pick it")
    return called[0]


def labels(report: Report, value: Any) -> list[str]:
    """Several, each once, in the order of the network."""
    given = list(value or [])
    if not 1 <= len(given) <= MOST_LABELS:
        raise ValueError(f"must be 1 to {MOST_LABELS} classes; {len(given)} came")
    wanted = {label(report, each) for each in given}
    return [each for each in report.evaluation.classes if each in wanted]


def figures(report: Report, value: Any) -> list[str]:
    """Keys of figures in the order of the table; none are all."""
    given = list(value or [])
    unknown = [each for each in given if each not in FIGURE_NAMES]
    if unknown:
        raise ValueError(f"must be some of {', '.join(FIGURE_NAMES)}; {cut(unknown[0])} came")
    return [key for key in FIGURE_NAMES if key in given]


def experiments(report: Report, value: Any) -> list[str]:
    """Others of the report's own team, in the order in which they came."""
    given = list(dict.fromkeys(str(each) for each in value or []))
    if not 1 <= len(given) <= MOST_EXPERIMENTS:
        raise ValueError(f"must be 1 to {MOST_EXPERIMENTS} other experiments; {len(given)} came")
    if report.evaluation.experiment_id in given:
        raise ValueError("must be others than the report's own experiment, which is always there")
    rows = Experiment.objects.filter(team=report.team_id, pk__in=[id for id in given if is_id(id)])
    known = set(rows.values_list("pk", flat=True))
    for id in given:
        if id not in known:
            raise ValueError(f"must be experiments of this team; there is none of the id {cut(id)}")
    return given


READ: Final[dict[str, Read]] = {
    "of": one_of(OF),
    "most": number_of(MOST, FIRST_MOST),
    "shown": number_of(SHOWN, FIRST_SHOWN),
    "label": label,
    "true": label,
    "said": label,
    "labels": labels,
    "figures": figures,
    "experiments": experiments,
}
LISTS: Final = ("labels", "figures", "experiments")
