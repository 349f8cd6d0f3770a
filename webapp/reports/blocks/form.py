"""The form of a block: what can be chosen for its kind, and what is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from webapp.core.words import plural
from webapp.evaluations.showing import names_of
from webapp.experiments.models import Experiment
from webapp.reports.blocks import choices
from webapp.reports.blocks.choices import FIGURE_NAMES, FIRST_MOST, FIRST_OF, FIRST_SHOWN, MOST, OF, PARTS, SHOWN
from webapp.reports.models import Block, Kind, Report

MOST_OFFERED = 200  # experiments: the newest, those on the same version first


class Offer(NamedTuple):
    """A kind as the page offers it."""

    kind: str
    name: str
    words: str


KINDS = (
    Offer(Kind.TEXT, "Text", "Your own words, in Markdown."),
    Offer(Kind.CHART, "Chart", "Curves of the training, figures by class, ROC, calibration, coverage."),
    Offer(Kind.TABLE, "Table", "Figures with their intervals, classes, or what is mixed up most."),
    Offer(Kind.MATRIX, "Matrix", "The confusion matrix of all classes, or of those that matter."),
    Offer(Kind.GALLERY, "Images", "The worst mistakes, one cell of the matrix, what it is least sure of."),
    Offer(Kind.COMPARISON, "Comparison", "This experiment beside others: figures, curves, what changed."),
)


class Option(NamedTuple):
    """One thing that can be picked."""

    value: str
    words: str
    on: bool
    note: str = ""


def empty(report: Report, kind: str, typed: Mapping[str, Any] | None = None, wrong: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Of a block that is not there yet."""
    return made(report, kind, typed or {}, wrong or {})


def of(block: Block, typed: Mapping[str, Any] | None = None, wrong: Mapping[str, str] | None = None, stale: bool = False) -> dict[str, Any]:
    """Of one that is there."""
    kept = {"title": block.title, "text": block.text, **block.options}
    return made(block.report, block.kind, kept if typed is None else typed, wrong or {}) | {"block": block, "stale": stale}


def made(report: Report, kind: str, typed: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, Any]:
    """What the template needs."""
    parts = PARTS[kind]
    what = typed.get("what") if typed.get("what") in parts else next(iter(parts), "")
    of = typed.get("of") if typed.get("of") in OF else FIRST_OF
    told: dict[str, Any] = {
        "kind": kind,
        "name": Kind(kind).label,
        "typed": typed,
        "wrong": wrong,
        "what": [Option(key, part.words, key == what) for key, part in parts.items()],
        "of": [Option(key, words, key == of) for key, words in OF.items()],
        "most": numbers(MOST, typed.get("most"), FIRST_MOST),
        "shown": numbers(SHOWN, typed.get("shown"), FIRST_SHOWN),
        "fields": fields(kind, what or "", of),
    }
    if any("label" in part.asks or part.asks == choices.CLASSES or "true" in part.asks for part in parts.values()):
        told |= classes(report, typed)
    if kind == Kind.TABLE:
        wanted = typed.get("figures") or list(FIGURE_NAMES)
        told["figures"] = [Option(key, name, key in wanted) for key, name in FIGURE_NAMES.items()]
    if kind == Kind.COMPARISON:
        told["experiments"] = others(report, list(typed.get("experiments") or []))
    return told


def numbers(offered: tuple[int, ...], typed: Any, first: int) -> list[Option]:
    picked = str(typed) if str(typed) in map(str, offered) else str(first)
    return [Option(str(number), str(number), str(number) == picked) for number in offered]


def fields(kind: str, what: str, of: Any) -> dict[str, dict[str, Any]]:
    """{field: for which parts it is asked, for which classes, and whether it is asked now}."""
    told: dict[str, dict[str, Any]] = {}
    for name in choices.READ:
        asking = [key for key, part in PARTS[kind].items() if name in part.asks]
        if asking:
            by_of = {"most": "worst", "labels": "chosen"}.get(name, "")
            limited = [key for key in asking if PARTS[kind][key].asks == choices.CLASSES] if by_of else []
            now = what in asking and (what not in limited or of == by_of)
            told[name] = {"parts": " ".join(asking), "limited": " ".join(limited), "of": by_of, "now": now}
    return told


def classes(report: Report, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The network's classes, as a list to pick from and one to tick; and what single ones are called that are chosen."""
    labels, known = report.evaluation.classes, names_of(report.evaluation)
    often = Counter(known.values())
    names = {label: name if often[name := known.get(label, label)] < 2 else label for label in labels}  # what is typed must name one
    ticked = set(typed.get("labels") or [])
    return {
        "classes": [Option(label, names[label], label in ticked) for label in labels],
        "called": {name: names.get(str(typed.get(name) or ""), typed.get(name) or "") for name in ("label", "true", "said")},
        "classes_note": plural(len(labels), "class"),
    }


def others(report: Report, ticked: list[str]) -> list[Option]:
    """Experiments of the team that can stand beside the report's own: those that are ticked, then the newest on the same data first."""
    own = report.evaluation.experiment
    rows = Experiment.objects.filter(team=report.team_id).exclude(pk=own.pk).select_related("dataset", "version").order_by("-id")
    rows = rows.defer("config", "resolved", "curves", "version__classes", "dataset__problem_rules")
    same = list(rows.filter(version=own.version_id)[:MOST_OFFERED])
    rest = list(rows.exclude(version=own.version_id)[: MOST_OFFERED - len(same)])
    there = {each.pk for each in same + rest}
    older = list(rows.filter(pk__in=[id for id in ticked if id not in there]))
    every = sorted(older + same + rest, key=lambda each: each.pk not in ticked)  # stable: the others stay in their order
    return [Option(each.pk, each.name, each.pk in ticked, f"{each.dataset.name} v{each.version.number}") for each in every]
