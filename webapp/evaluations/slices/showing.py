"""What the page of an evaluation's groups tells: all ways to slice, one of them closely, and the shortcuts that explain it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse

from classifier.spec.events import finite
from webapp.core.words import percent, plural, thousands
from webapp.datasets.models import Sample
from webapp.datasets.quality import queries as quality
from webapp.datasets.quality import showing as quality_words
from webapp.datasets.queries import newest_version
from webapp.evaluations import showing
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import charts, figures, links, ways
from webapp.evaluations.slices.figures import Chosen, Line
from webapp.evaluations.studies import probes
from webapp.experiments.live import KeyFigure, half_width

MOST_IMAGES = 16  # mistakes of a group that are shown
MOST_GROUPS = 200  # rows of a table


class Asked(NamedTuple):
    """What somebody chose, as it came."""

    by: str = ""
    also: str = ""
    label: str = ""
    value: str | None = None


def context(evaluation: Evaluation, asked: Asked) -> dict[str, Any]:
    """All of it."""
    lines = figures.lines(evaluation)
    check = quality.newest_looked(evaluation.version)
    label, trouble = class_of(evaluation, asked)
    by = asked.by or (lines[0].key if lines else "")
    found = figures.chosen(evaluation, by, asked.also, label) if by else None
    if found is None and (asked.by or asked.also):
        trouble = "These images cannot be sliced like that: there is no such column, or it makes too many groups. Choose another."
    return {
        "evaluation": evaluation,
        "experiment": evaluation.experiment,
        "version": evaluation.version,
        "split": evaluation.split,
        "n": (evaluation.result or {}).get("n", 0),
        "lines": lines,
        "by": by,
        "also": asked.also,
        "label": asked.label,
        "classes": choices(evaluation),
        "trouble": trouble,
        "key_figures": key_figures(evaluation, lines),
        "shortcuts": shortcuts(evaluation),
        "checked": check is not None,
        "checkable": newest_version(evaluation.version.dataset) == evaluation.version,
        "earlier": evaluation.result is not None and evaluation.scored is None,
        "many": many(evaluation),
        **probes.context(evaluation),
        **(close(evaluation, found, asked._replace(by=by), label) if found else {}),
    }


def class_of(evaluation: Evaluation, asked: Asked) -> tuple[int | None, str]:
    """(the place of the class whose images alone are wanted, what is wrong with it)."""
    if not asked.label:
        return None, ""
    if asked.label in evaluation.classes:
        return evaluation.classes.index(asked.label), ""
    return None, f"The network knows no class {asked.label[:60]!r}; choose one of its {plural(len(evaluation.classes), 'class')}."


def choices(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Its classes by label, with readable names."""
    names = showing.names_of(evaluation)
    return [(label, names.get(label, label)) for label in evaluation.classes]


def many(evaluation: Evaluation) -> list[str]:
    try:
        return ways.too_many(evaluation)
    except figures.ERRORS:
        return []


def key_figures(evaluation: Evaluation, lines: list[Line]) -> list[KeyFigure]:
    """All images; of the groups that lie below the others the one that does so the surest; the widest gap; how many lie below for sure."""
    result = evaluation.result or {}
    whole = KeyFigure(
        f"{evaluation.split.capitalize()} top-1",
        percent(result.get("top1")),
        half_width(result.get("top1"), result.get("n", 0)),
        plural(result.get("n", 0), "image"),
    )
    compared = [(line, one) for line in lines for one in line.slices if len(line.slices) > 1]
    if not compared:
        return [whole]
    line, worst = max(compared, key=lambda pair: (pair[1].behind > 0, pair[1].low, pair[1].behind))
    behind = [one for _, one in compared if one.is_behind]
    gap = next((line.column.gap for line in lines if line.column.gap), None)
    low, high = worst.group.interval
    told = [
        whole,
        KeyFigure(
            "Worst group",
            percent(worst.group.accuracy),
            f"{100 * low:.0f} to {100 * high:.0f} %",
            f"{line.column.name}: {worst.group.value or '(empty)'}, {plural(worst.group.n, 'image')}",
            "warn" if worst.is_behind else "",
        ),
    ]
    if gap:
        sure = "more than chance would give" if gap.is_sure else "may be chance"
        span = f"{100 * gap.low:.1f} to {100 * gap.high:.1f}".replace("-", "−")
        label = "Largest sure gap" if gap.is_sure else "Largest gap"  # sure ones come first, also where another is wider
        told.append(KeyFigure(label, f"{100 * gap.points:.1f}", "points", f"{span}; {sure}"))
    of = f"of {thousands(len(compared))}"
    told.append(KeyFigure("Groups below the rest", thousands(len(behind)), of, "more than chance would give in one column"))
    return told


def close(evaluation: Evaluation, found: Chosen, asked: Asked, label: int | None) -> dict[str, Any]:
    """One way with its groups, their chart, and the worst mistakes of the group that was picked, else of the worst."""
    column = found.column
    n, right = sum(group.n for group in column.groups), sum(group.right for group in column.groups)
    picked = asked.value if asked.value is not None else (found.slices[0].group.value if found.slices else None)
    rows: list[int] = []
    if found.way is not None and picked is not None:
        rows = figures.worst_rows(evaluation, found.way, picked, label, MOST_IMAGES)
    return {
        "chosen": found,
        "column": column,
        "slices": found.slices[:MOST_GROUPS],
        "more_slices": max(0, len(found.slices) - MOST_GROUPS),
        "of": n,
        "figure": charts.by_group(found.name, found.slices, right / n) if found.slices and n else None,
        "picked": picked,
        "mistakes": mistakes(evaluation, rows),
        "images_url": "" if found.way is None or picked is None else links.images_of(evaluation, keys_of(asked), picked, label),
        "small": evaluation.version.small,
    }


def keys_of(asked: Asked) -> list[str]:
    """One way, or two at once."""
    return [asked.by, asked.also] if asked.also and asked.also != asked.by else [asked.by]


def mistakes(evaluation: Evaluation, rows: list[int]) -> list[dict[str, Any]]:
    """The predictions at these places, with their images, which lead to their pages."""
    scored = evaluation.scored
    if scored is None or not rows:
        return []
    names, classes = showing.names_of(evaluation), evaluation.classes
    some = scored[rows]
    samples = Sample.objects.filter(version=evaluation.version, position__in=some["position"].tolist())
    known = {position: (path, image) for position, path, image in samples.values_list("position", "path", "image")}
    told = []
    for number, row in zip(rows, some, strict=True):
        path, image = known.get(int(row["position"]), ("", None))
        label, said = classes[int(row["label"])], classes[int(row["predicted"])]
        figures_of = finite({name: float(row[name]) for name in ("probability", "loss")})
        words = {"path": path, "true": names.get(label, label), "said": names.get(said, said)}
        page = reverse("evaluations:image", args=[evaluation.pk, number])
        told.append({**words, **figures_of, **showing.image_addresses(evaluation, image, page)})
    return told


def shortcuts(evaluation: Evaluation) -> list[dict[str, Any]]:
    """What tells the class without a look at what is shown, by the newest check of the version; with the way to slice by it."""
    check = quality.newest_looked(evaluation.version)
    if check is None:
        return []
    keys = {by: key for key, by in ways.SHORTCUT_OF.items()}
    return [{**told, "key": keys.get(told["by"], "")} for told in quality_words.shortcuts(check) if told["suspicious"]]
