"""What the overview of a finished evaluation shows beyond matrix and classes: every figure, curves, calibration, coverage, speed."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import F

from webapp.core.words import percent, plural, state
from webapp.evaluations import choices
from webapp.evaluations.figures import charts, threshold, told
from webapp.evaluations.models import Evaluation
from webapp.experiments.checkpoints import BEST, short
from webapp.experiments.live import half_width
from webapp.experiments.models import Experiment

MOST_OTHERS = 50
FIRST_K = 5  # of top-k, before another is chosen


class Line(NamedTuple):
    """One figure of the table; `key` where the page lets one choose among several."""

    name: str
    value: str
    span: str
    means: str


SHARE, SCORE = "share", "score"
# name, key, how it is written, what it means
FIGURES = (
    ("Balanced accuracy", "balanced_accuracy", SHARE, "as if all classes were equally common"),
    ("Macro precision", "precision_macro", SHARE, "right among what is called a class; each class counts the same"),
    ("Macro recall", "recall_macro", SHARE, "found of a class; each class counts the same"),
    ("Macro F1", "f1_macro", SCORE, "of precision and recall; each class counts the same"),
    ("Weighted precision", "precision_weighted", SHARE, "each class counts by its images"),
    ("Weighted recall", "recall_weighted", SHARE, "each class counts by its images: top-1 once more"),
    ("Weighted F1", "f1_weighted", SCORE, "each class counts by its images"),
    ("Cohen's kappa", "kappa", SCORE, "agreement with the labels beyond chance; 0 is chance, 1 is all"),
    ("Matthews correlation", "mcc", SCORE, "between answers and labels; 0 is chance, 1 is all"),
    ("Mean ROC area", "roc_area_macro", SCORE, "how well a class is told from all others; 0.5 is chance"),
    ("Mean average precision", "pr_area_macro", SCORE, "the same where a class is rare among others"),
    ("Loss", "loss", SCORE, "negative log-likelihood, in nats; less is better"),
    ("Brier score", "brier", SCORE, "squared distance of probabilities from the truth; less is better"),
    ("Calibration error", "ece", SHARE, "between how sure and how often right, 15 bins"),
    ("Risk by coverage", "aurc", SCORE, "wrong answers, averaged over how many are given; less is better"),
)


def said(value: float | None, kind: str) -> str:
    """A figure as it is read."""
    return "–" if value is None else percent(value) if kind == SHARE else f"{value:.3f}"


def span_words(span: Any, kind: str) -> str:
    """ "91.2 to 95.5 %"."""
    if not span:
        return "–"
    return f"{100 * span[0]:.1f} to {100 * span[1]:.1f} %" if kind == SHARE else f"{span[0]:.3f} to {span[1]:.3f}"


def lines(result: dict[str, Any]) -> list[Line]:
    """The table of figures but for top-k."""
    spans = result.get("intervals") or {}
    return [Line(name, said(result.get(key), kind), span_words(spans.get(key), kind), means) for name, key, kind, means in FIGURES]


class TopK(NamedTuple):
    """The share whose true class is among the k best."""

    k: int
    value: str
    span: str


def top_k(result: dict[str, Any]) -> list[TopK]:
    """For every k that was counted."""
    shares, spans = result.get("top_k") or [], (result.get("intervals") or {}).get("top_k") or []
    return [TopK(k, said(share, SHARE), span_words(span, SHARE)) for k, (share, span) in enumerate(zip(shares, spans, strict=True), 1)]


class Row(NamedTuple):
    """One class in the list that curves are chosen from."""

    place: int
    name: str
    n: int
    roc: float | None
    roc_span: told.Span
    pr: float | None
    pr_span: told.Span


def rows(classes: list[told.ByClass], names: list[str]) -> list[Row]:
    """Those with images, the least average precision first."""
    known = [each for each in classes if each.n]
    worst = sorted(known, key=lambda each: (2.0 if each.pr_area is None else each.pr_area, each.place))
    return [Row(each.place, names[each.place], each.n, each.roc_area, each.roc_span, each.pr_area, each.pr_span) for each in worst]


def class_figures(evaluation: Evaluation, place: int, name: str) -> dict[str, Any] | None:
    """What is drawn of one class, and what the slider needs."""
    found = told.curves_of(evaluation, place)
    if found is None:
        return None
    shown = found | {"label": name}
    slider = {name: shown[name] for name in ("label", "n", "own", "thresholds", "said", "right", "best_threshold")}
    words = {"roc": charts.area_words(found["roc"]), "pr": charts.area_words(found["pr"])}
    return {"place": place, "roc": charts.roc(shown), "pr": charts.precision_recall(shown), "slider": slider, "words": words}


def calibration(evaluation: Evaluation) -> dict[str, Any]:
    """Two diagrams and their figures; empty where there is nothing to draw."""
    found = told.calibration_of(evaluation)
    if found is None or not found["bins"]:
        return {}
    before, after = found["before"], found["after"]
    shown = {"reliability": charts.reliability(found["bins"], before["ece"], "as trained"), "calibration": found}
    if found["bins_after"]:
        words = f"with temperature {found['temperature']:.2f}"
        shown["reliability_after"] = charts.reliability(found["bins_after"], after["ece"], words)
    return shown | {"temperature_words": temperature_words(found) + fitted_here(evaluation, found)}


def temperature_words(found: dict[str, Any]) -> str:
    """What dividing the logits would change, and by what it is known."""
    if found["temperature"] is None:
        return f"No temperature was fitted: {found['why']}."
    before, after, which = found["before"], found["after"], sureness(found["temperature"])
    told_images = plural(found["n"], "validation image")
    loss, then = said(before["loss"], SCORE), said(after["loss"], SCORE)
    change = f"the error goes from {percent(before['ece'])} to {percent(after['ece'])}, loss from {loss} to {then}"
    return f"By {told_images} it is {which}: with temperature {found['temperature']:.2f} {change}. No answer changes."


def sureness(temperature: float) -> str:
    """What the temperature says of the probabilities; of one that reads as 1 nothing is wrong."""
    near = round(temperature, 2)
    return "too sure" if near > 1 else "not sure enough" if near < 1 else "as sure as it is right"


def fitted_here(evaluation: Evaluation, found: dict[str, Any]) -> str:
    """Where the images that are measured are those that it was fitted on."""
    own = evaluation.version.dataset_id == evaluation.experiment.dataset_id  # also of a later version: most of them are the same
    same = evaluation.split == "validation" and own and found["temperature"] is not None
    return " It was fitted on images of this split, so that the change flatters." if same else ""


def is_other_network(evaluation: Evaluation) -> bool:
    """Whether its probabilities are others than those of what classifies: the best checkpoint, as it was configured."""
    configured = evaluation.experiment.config.get("tta") or "none"
    return evaluation.checkpoint != BEST or evaluation.raw or evaluation.views not in ("", configured)


def overview(evaluation: Evaluation, names: list[str]) -> dict[str, Any]:
    """Everything of it; without a file of curves, as of an earlier release, what there is."""
    result, classes = evaluation.result or {}, told.by_class(evaluation)
    listed = rows(classes, names)
    covered = told.coverage_of(evaluation)
    speed = result.get("speed") or {}
    counted = top_k(result) if result["n"] else []
    return {
        "lines": lines(result) if "intervals" in result and result["n"] else [],
        "top_k": counted,
        "top_k_first": counted[min(FIRST_K, len(counted)) - 1] if counted else None,
        "class_list": listed,
        "without_curves": bool(result["n"]) and not classes,
        "first_class": class_figures(evaluation, listed[0].place, listed[0].name) if listed else None,
        "coverage": covered and charts.coverage(covered),
        "coverage_slider": covered and {name: covered[name] for name in ("n", "thresholds", "answered", "right")},
        "speed": speed,
        "throughput": charts.throughput(speed["batches"]) if speed.get("batches") else None,
        "unsure_below": threshold.of(evaluation.experiment),
        "other_network": is_other_network(evaluation),
        "how_words": choices.suffix(evaluation.views, evaluation.raw),
        "others": others(evaluation.experiment, evaluation.pk),
        **calibration(evaluation),
    }


def others(experiment: Experiment, but: str = "") -> list[dict[str, Any]]:
    """Other evaluations of its network, newest first, without what takes long to read."""
    found = (
        Evaluation.objects.filter(experiment=experiment).exclude(pk=but).order_by("-id").annotate(top1=F("result__top1"), n=F("result__n"))
    )
    fields = ("id", "split", "checkpoint", "views", "raw", "top1", "n", "job__state", "version__number", "version__dataset__name")
    return [told_of(dict(zip(fields, row, strict=True))) for row in found.values_list(*fields)[:MOST_OTHERS]]


def told_of(row: dict[str, Any]) -> dict[str, Any]:
    """One of them: what was measured, how sure its figure is, and how far it is while it has none."""
    words = f"{short(row['checkpoint'])} on {row['split']}{choices.suffix(row['views'], row['raw'])}"
    return row | {"words": words, "half": half_width(row["top1"], row["n"] or 0), "state": state("evaluate", row["job__state"])[0]}
