"""What a page tells of one finished evaluation: key figures with their intervals, classes, matrix, mistakes, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from django.urls import reverse

from classifier.metrics import macro_f1, majority_baseline, most_confused, wilson
from classifier.metrics.counts import Counts
from webapp.core.words import give_or_take, percent, plural, thousands
from webapp.datasets.addresses import links
from webapp.evaluations import groups, leaks
from webapp.evaluations.figures.told import Span, f1_spans
from webapp.evaluations.models import Evaluation
from webapp.experiments import openings
from webapp.experiments.checkpoints import BEST
from webapp.experiments.live import KeyFigure, half_width
from webapp.experiments.matrix_charts import both_ways

AS_HIGH_AS_ITS_CARD = 12  # classes; of more the matrix has a height of its own, and the table beside it scrolls
SEEN = {
    "train": "The network learnt from images of this split: these figures say how well it remembers them, not how it does on new ones.",
    "validation": "The best epoch was chosen by this split, which flatters its figures a little; the test split says how good it is.",
}


def names_of(evaluation: Evaluation) -> dict[str, str]:
    """Readable name of each label of the version it was measured on."""
    return {entry["label"]: entry["name"] or entry["label"] for entry in evaluation.version.classes}


def figure(value: float | None, digits: int = 3) -> str:
    """A figure that is no share."""
    return "–" if value is None else f"{value:.{digits}f}"


def key_figures(result: dict[str, Any], counts: Counts, names: list[str], split: str) -> list[KeyFigure]:
    """Top-1 with its interval, macro F1, calibration error, top-5 and loss."""
    worst = min((row for row in result["per_class"] if row["f1"] is not None), key=lambda row: row["f1"], default=None)
    worst_words = f"lowest: {names[result['per_class'].index(worst)]}, {worst['f1']:.2f}" if worst and worst["f1"] < 1 else ""
    return [
        KeyFigure(f"{split.capitalize()} top-1", percent(result["top1"]), half_width(result["top1"], result["n"]), baseline_words(counts)),
        KeyFigure("Macro F1", figure(macro_f1(counts)), within(result, "f1_macro", 1, 3), worst_words),
        KeyFigure("Calibration error", percent(result["ece"]), within(result, "ece", 100, 1), calibration_words(result)),
        top5_or_loss(result, len(names)),
    ]


def kept_span(result: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """A figure's 95 % interval as it was counted when the evaluation ended; None where it has none."""
    span = (result.get("intervals") or {}).get(name)
    return (span[0], span[1]) if span else None


def within(result: dict[str, Any], name: str, unit: float, digits: int) -> str:
    """ "± 0.021": half of a figure's 95 % interval, as `give_or_take`; nothing where it has none."""
    span, value = kept_span(result, name), result.get(name)
    if span is None or value is None:
        return ""
    return give_or_take(value, *span, unit=unit, digits=digits, most=math.inf if name == "loss" else 1.0)


def calibration_words(result: dict[str, Any]) -> str:
    """What it would be with the temperature that validation images say."""
    told = result.get("calibration") or {}
    if not told.get("after") or told["after"]["ece"] is None:
        return "how sure it is against how often right"
    return f"{percent(told['after']['ece'])} with temperature {told['temperature']:.2f}"


def top5_or_loss(result: dict[str, Any], classes: int) -> KeyFigure:
    """Top-5 says nothing where there are no more than five classes."""
    if classes <= 5:
        return KeyFigure("Loss", figure(result["loss"]), within(result, "loss", 1, 3), "cross-entropy, in nats")
    return KeyFigure("Top-5", percent(result["top5"]), half_width(result["top5"], result["n"]), f"loss {figure(result['loss'])}")


def baseline_words(counts: Counts) -> str:
    """What always saying the commonest class would reach."""
    return f"always the commonest class: {percent(majority_baseline(counts))}"


def summary(result: dict[str, Any], counts: Counts, names: list[str], split: str) -> list[str]:
    """The result in two or three sentences."""
    n, wrong = result["n"], int(counts.sum() - np.trace(counts)) + int(result.get("outside") or 0)
    if not n:
        return [f"The {split} split has no images."]
    low, high = wilson(n - wrong, n)
    told = [f"It is right on {thousands(n - wrong)} of {thousands(n)} {split} images; 95 % interval {100 * low:.1f} to {100 * high:.1f} %."]
    worst = most_confused(counts, names, 1)
    if worst:
        pair = worst[0]
        often = f"most often {pair['label']} is taken for {pair['predicted']} ({plural(pair['count'], 'image')})"
        told.append(f"{mistakes_words(wrong)}; {often}.")
    return told


def mistakes_words(wrong: int) -> str:
    """ "8 mistakes are left"."""
    return "1 mistake is left" if wrong == 1 else f"{thousands(wrong)} mistakes are left"


class ClassRow(NamedTuple):
    """One line of the table by class, with 95 % intervals; None where nothing was there to divide by."""

    name: str
    n: int
    precision: float | None
    recall: float | None
    f1: float | None
    precision_span: Span
    recall_span: Span
    f1_span: Span  # None as well where the evaluation keeps no file of curves


def class_rows(evaluation: Evaluation, counts: Counts, names: list[str]) -> list[ClassRow]:
    """The table by class."""
    right, said, n = np.diag(counts).tolist(), counts.sum(axis=0).tolist(), counts.sum(axis=1).tolist()
    f1 = f1_spans(evaluation) or [None] * len(names)
    rows = zip(names, (evaluation.result or {})["per_class"], right, said, n, f1, strict=True)
    return [
        ClassRow(name, row["n"], row["precision"], row["recall"], row["f1"], share_span(hits, called), share_span(hits, own), span)
        for name, row, hits, called, own, span in rows
    ]


def share_span(part: int, whole: int) -> Span:
    """Wilson's; None of nothing."""
    return wilson(part, whole) if whole else None


def mistake_rows(evaluation: Evaluation, names: dict[str, str]) -> list[dict[str, Any]]:
    """The stored mistakes with readable names and the addresses of their images (empty where there is none): their pages, else files."""
    pages = pages_of(evaluation, [row["position"] for row in evaluation.mistakes if row.get("position") is not None])
    return [
        {**row, "true": names.get(row["label"], row["label"]), "said": names.get(row["predicted"], row["predicted"])}
        | image_addresses(evaluation, row.get("image"), pages.get(row.get("position")))
        for row in evaluation.mistakes
    ]


def pages_of(evaluation: Evaluation, positions: list[int]) -> dict[int | None, str]:
    """{position: the page of that image}, of a page's few; none where single predictions are not kept."""
    scored = evaluation.scored if positions else None
    if scored is None:
        return {}
    held = scored["position"]
    rows = np.flatnonzero(np.isin(held, positions)).tolist()
    return {int(held[row]): reverse("evaluations:image", args=[evaluation.pk, row]) for row in rows}


def image_addresses(evaluation: Evaluation, image: int | None, page: str | None = None) -> dict[str, str]:
    """Where a member sees an image: its thumbnail, and its page or the whole; nowhere where it is none."""
    if image is None:
        return {"thumb": "", "link": ""}
    found = links(evaluation.version, image)
    return found | {"link": page or found["link"]}


def measured(evaluation: Evaluation) -> dict[str, Any]:
    """What was measured, without any address or id: figures, words, matrix, classes."""
    result, counts, names_by_label = evaluation.result or {}, evaluation.counts, names_of(evaluation)
    names = [names_by_label.get(row["label"], row["label"]) for row in result["per_class"]]
    assert counts is not None, "asked for before it was done"
    matrix, by_row = both_ways(counts, names)
    if len(names) <= AS_HIGH_AS_ITS_CARD:  # that is as high as the table of classes beside it
        for each in (matrix, by_row):
            each["layout"].pop("height", None)
    return {
        "split": evaluation.split,
        "n": result["n"],
        "wrong": int(counts.sum() - np.trace(counts)),
        "key_figures": key_figures(result, counts, names, evaluation.split),
        "summary": summary(result, counts, names, evaluation.split),
        "matrix": matrix,
        "matrix_by_row": by_row,
        "classes": class_rows(evaluation, counts, names),
        "small": evaluation.version.small,
        **leaks.of(evaluation)._asdict(),
    }


def seen_before(evaluation: Evaluation) -> list[str]:
    """What images that the training has looked at do to its figures."""
    chosen = evaluation.split == "train" or evaluation.checkpoint == BEST
    of_own = not evaluation.of_other_data and (evaluation.result or {}).get("n")
    return [SEEN[evaluation.split]] if evaluation.split in SEEN and chosen and of_own else []


def leak_words(evaluation: Evaluation, found: int) -> str:
    """So many of the images that were measured are in what was learnt from, too; empty where that is no news."""
    if not found or evaluation.split == "train":
        return ""
    if evaluation.of_other_data:
        return f"{plural(found, 'image')} learnt from"
    return f"{plural(found, 'image')} in two splits" if evaluation.split == "test" else ""


def test_opened(evaluation: Evaluation) -> str:
    """How often the test set was that it was measured on; empty for another split, and where there was nothing to open."""
    if evaluation.split != "test" or not (evaluation.result or {}).get("n"):
        return ""
    return openings.of(evaluation.experiment, evaluation.version).words


def context(evaluation: Evaluation) -> dict[str, Any]:
    """Everything that the page of a finished evaluation shows."""
    shown = measured(evaluation)
    return shown | {
        "summary": shown["summary"] + seen_before(evaluation),
        "leak_words": leak_words(evaluation, shown["leaks"]),
        "evaluation": evaluation,
        "experiment": evaluation.experiment,
        "version": evaluation.version,
        "test_opened": test_opened(evaluation),
        "groups": groups.columns(evaluation),
        "mistakes": mistake_rows(evaluation, names_of(evaluation)),
    }
