"""Blocks that hold other experiments of the team against the report's own."""

from __future__ import annotations

from typing import Any, NamedTuple

from classifier.metrics.comparison import paired, paired_by_class
from webapp.core.words import UNKNOWN, plural, thousands
from webapp.evaluations.comparing import charts, measured, pairs, table
from webapp.evaluations.comparing.flips import names_in
from webapp.evaluations.comparing.page import chance
from webapp.evaluations.comparing.table import Against, Figure
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import within
from webapp.experiments.models import Experiment
from webapp.reports.blocks.shown import Gone, Line, Source, Where

Content = dict[str, Any]
HEAD = (
    ("Experiment", False),
    ("Images", True),
    ("Top-1", True),
    ("Against A", True),
    ("Macro F1", True),
    ("Balanced", True),
    ("Loss", True),
)


class Beside(NamedTuple):
    """The report's own experiment, then the others, with what was measured of each; and how many of those that were chosen are gone."""

    experiments: list[Experiment]
    evaluations: list[Evaluation | None]
    gone: int

    @property
    def letters(self) -> list[tuple[int, str]]:
        return [(number, experiment.name) for number, experiment in enumerate(self.experiments, 1)]

    @property
    def words(self) -> list[str]:
        """What is missing."""
        if not self.gone:
            return []
        return [f"Of those that were compared here {plural(self.gone, 'experiment')} {'is' if self.gone == 1 else 'are'} gone."]


def beside(source: Source, ids: list[str]) -> Beside:
    """Those of the report's own team that are still there. Raises Gone where none of the others is."""
    rows = Experiment.objects.filter(team=source.report.team_id, pk__in=ids).select_related("job", "dataset", "version__dataset")
    known = {row.pk: row for row in rows}
    others = [known[id] for id in ids if id in known]
    if not others:
        raise Gone("The experiments that were compared here are gone.")
    return Beside([source.experiment, *others], [source.evaluation, *evaluations_of(source, others)], len(ids) - len(others))


def evaluations_of(source: Source, others: list[Experiment]) -> list[Evaluation | None]:
    """What speaks for each on the same split: of the same version of the data where there is one, else of its own."""
    every, chosen = measured.known(others), list[measured.Known | None]()
    for experiment in others:
        fits = [each for each in every if each.experiment == experiment.pk and each.split == source.split]
        same = [each for each in fits if each.version == source.evaluation.version_id]
        own = [each for each in fits if each.version == experiment.version_id]
        chosen.append(measured.best_of(same or own, experiment.job_id))
    rows = Evaluation.objects.filter(pk__in=[each.id for each in chosen if each]).defer("mistakes")
    by_id = {row.pk: row for row in rows.select_related("version__dataset", "experiment")}
    return [by_id.get(each.id) if each else None for each in chosen]


def comparison(source: Source, options: dict[str, Any], number: int, where: Where) -> Content:
    """What was chosen of it."""
    what, found = options["what"], beside(source, options["experiments"])
    if what == "figures":
        return figures(source, found, where)
    if what in charts.SERIES:
        return curves(what, found)
    return change(source, what, found)


def figures(source: Source, found: Beside, where: Where) -> Content:
    """A line an experiment, each held against the first."""
    first = source.evaluation
    others = {place: table.against(first, other) for place, other in enumerate(found.evaluations) if place and other and source.n}
    against = table.corrected({str(place): told for place, told in others.items()})
    rows = [
        line(place, experiment, evaluation, against.get(str(place)), where)
        for place, (experiment, evaluation) in enumerate(zip(found.experiments, found.evaluations, strict=True))
    ]
    tests = f", corrected for {plural(len(against), 'comparison')} (Holm)" if len(against) > 1 else ""
    words = [f"± and spans: 95 % intervals. p: McNemar's test on the images that both judged{tests}."]
    return {"head": list(HEAD), "rows": rows, "note": f"{source.split} split", "words": words + found.words}


def line(place: int, experiment: Experiment, evaluation: Evaluation | None, against: Against | None, where: Where) -> Line:
    counts = evaluation.counts if evaluation else None
    link = where.experiment(experiment)
    if evaluation is None or counts is None or not counts.sum():
        return Line([experiment.name, "not measured on this split", *[""] * (len(HEAD) - 2)], place + 1, link, muted=True)
    result = evaluation.result or {}
    told, loss = table.figures(counts, result), result.get("loss")
    cells = [
        experiment.name,
        thousands(int(counts.sum())),
        with_half(told["top1"]),
        against_words(against),
        f"{told['macro_f1'].score} {told['macro_f1'].half_score}".strip(),
        with_half(told["balanced"]),
        UNKNOWN if loss is None else f"{loss:.3f} {within(result, 'loss', 1, 3)}".strip(),
    ]
    return Line(cells, place + 1, link)


def with_half(figure: Figure) -> str:
    """ "93.4 % ± 2.1"."""
    return f"{figure.words} {figure.half}".strip()


def against_words(against: Against | None) -> str:
    """ "+1.3 (−0.4 to +3.1), p 0.034"."""
    if against is None:
        return UNKNOWN
    sure = "not the same images" if against.p is None else f"p {chance(against.p)}"
    return f"{against.words} ({against.span}), {sure}"


def curves(what: str, found: Beside) -> Content:
    """One series of all of them."""
    rows = charts.told(found.experiments)
    if not any(what in each for each in rows.values()):
        raise Gone("No epoch of these trainings is kept.")
    split = "train split" if what.startswith("train") else "validation split of each"
    return {"figure": charts.overlaid(what, found.experiments, rows), "letters": found.letters, "note": split, "words": found.words}


def change(source: Source, what: str, found: Beside) -> Content:
    """The first other one against the report's own, on the images that both judged."""
    second = found.evaluations[1]
    why = pairs.why_not(source.evaluation, second)
    joined = None if second is None or why else pairs.joined(source.evaluation, second)
    if second is None or joined is None or not len(joined.codes):
        raise Gone(why or "No image was judged by both under the same class.")
    names, counts = names_in(joined, source.evaluation, second), paired(joined.codes)
    content: Content = {
        "letters": found.letters[:2],
        "note": f"B minus A, {source.split} split, {plural(counts.n, 'image')} that both judged",
    }
    if what == "matrix":
        figure = charts.difference(*joined.matrices(), names)
        return content | {"figure": figure, "size": "matrix", "words": ["Blue: better. Orange: worse.", *found.words]}
    each = paired_by_class(joined.labels, joined.codes, len(joined.classes))
    figure = charts.by_class(each, names)
    words = [f"Points of recall, 95 % intervals. {charts.left_out(each)}In colour: more than chance would give for that class alone."]
    return content | {"figure": figure, "size": "classes", "words": words + found.words}
