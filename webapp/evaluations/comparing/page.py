"""What the page of a comparison shows, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from classifier.metrics.comparison import Paired, paired, paired_by_class
from webapp.accounts.models import Team
from webapp.core.words import plural, points, thousands
from webapp.evaluations.comparing import charts, flips, measured, pairs, table
from webapp.evaluations.comparing.asked import LETTERS, MOST, SHOWN, Asked
from webapp.evaluations.comparing.differences import differences
from webapp.evaluations.models import Evaluation
from webapp.experiments.figures import Figure
from webapp.experiments.live import KeyFigure
from webapp.experiments.models import Experiment
from webapp.experiments.queries import validated_on

MOST_OFFERED = 200  # experiments that can be added: the newest, on the same data first


class ClassChange(NamedTuple):
    """One line of the table by class."""

    label: str
    name: str
    counts: Paired

    @property
    def first(self) -> float | None:
        return (self.counts.both_right + self.counts.broken) / self.counts.n if self.counts.n else None

    @property
    def second(self) -> float | None:
        return (self.counts.both_right + self.counts.fixed) / self.counts.n if self.counts.n else None


class Detail(NamedTuple):
    """The second against the first, on the images that both judged."""

    first: Evaluation
    second: Evaluation
    letters: tuple[str, str]
    counts: Paired
    notes: list[str]  # which images these are, where they are not all
    key_figures: list[KeyFigure]
    words: str
    classes: list[ClassChange]
    by_class: Figure
    undrawn: str  # classes that changed, and are not drawn, in words
    matrix: Figure


class Gallery(NamedTuple):
    """Images of one outcome."""

    page: flips.Page
    shown: list[tuple[str, int, bool, str]]  # (title, images, whether it is shown, query) of each outcome
    note: str
    letters: tuple[str, str]
    label: str  # the class whose images alone are shown, by its readable name; empty: of all
    every: str  # the query of all classes
    more: str  # the query of the next images; empty at the end
    small: bool


class Offered(NamedTuple):
    """Experiments that can be added, those on the same dataset version apart."""

    same: list[Experiment]
    others: list[Experiment]


def context(asked: Asked, team: Team) -> dict[str, Any]:
    """The page; of one experiment alone, what it can be compared with."""
    found = measured.known(asked.experiments)
    evaluations = measured.chosen(asked, found)
    shown: dict[str, Any] = {"asked": asked, "offered": offered(asked, team), "most": MOST, "too_many": asked.too_many}
    if not asked.experiments:
        return shown
    shown |= {
        "lines": table.lines(asked, evaluations),
        "choices": measured.choices(asked, found),
        "curves": charts.curves(asked.experiments),
        "curves_on": curves_words(asked.experiments),
        "on": on_words(asked, evaluations),
        "unranked": unranked(asked, evaluations),
    }
    if len(asked.experiments) > 1:
        shown |= {"differences": differences(asked.experiments), **second_one(asked, evaluations, shown["lines"])}
    return shown


def second_one(asked: Asked, evaluations: Mapping[str, Evaluation], lines: Sequence[table.Line]) -> dict[str, Any]:
    """The two in front, in detail, or why that is not to be had."""
    assert asked.second is not None
    first, second = evaluations.get(asked.first.pk), evaluations.get(asked.second.pk)
    told = {"pair_letters": (LETTERS[0], asked.letter(asked.second))}
    why = pairs.why_not(first, second)
    if first is None or second is None or why:
        return told | {"why_not": why}
    found = pairs.joined(first, second)
    if found is None or not len(found.codes):
        return told | {"why_not": "No image was judged by both under the same class."}
    against = lines[asked.second_number - 1].against
    p = paired(found.codes).p if against is None or against.p is None else against.p  # as the table above has it, corrected
    return told | {"detail": detail(asked, first, second, found, p), "gallery": gallery(asked, first, second, found)}


def gallery_alone(asked: Asked) -> Gallery | None:
    """What `context` gives of it, without the rest; None where two are not to be compared."""
    if asked.second is None:
        return None
    evaluations = measured.chosen(asked, measured.known([asked.first, asked.second]))
    first, second = evaluations.get(asked.first.pk), evaluations.get(asked.second.pk)
    found = pairs.joined(first, second) if first and second else None
    return gallery(asked, first, second, found) if first and second and found else None


def gallery(asked: Asked, first: Evaluation, second: Evaluation, found: pairs.Joined) -> Gallery:
    """The images on which they part."""
    label = asked.label if asked.label in found.classes else ""
    codes = found.codes[found.labels == found.classes.index(label)] if label else found.codes
    counts, page = paired(codes), flips.page(found, first, second, asked.show, label, asked.start)
    assert asked.second is not None
    return Gallery(
        page=page,
        shown=[(flips.WORDS[key], getattr(counts, key), key == asked.show, asked.query(show=key)) for key in SHOWN],
        note=flips.NOTES[asked.show],
        letters=(LETTERS[0], asked.letter(asked.second)),
        label=flips.names_in(found, first, second)[found.classes.index(label)] if label else "",
        every=asked.query(**{"class": ""}),
        more=asked.query(**{"from": str(page.following)}) if page.following else "",
        small=first.version.small,
    )


def detail(asked: Asked, first: Evaluation, second: Evaluation, found: pairs.Joined, p: float) -> Detail:
    """Two evaluations, joined; `p` is McNemar's, corrected for all that are held against the first."""
    assert asked.second is not None
    counts, names = paired(found.codes), flips.names_in(found, first, second)
    each = paired_by_class(found.labels, found.codes, len(found.classes))
    letters = (LETTERS[0], asked.letter(asked.second))
    return Detail(
        first=first,
        second=second,
        letters=letters,
        counts=counts,
        notes=notes(first, second, found),
        key_figures=key_figures(counts, letters, p, several=len(asked.experiments) > 2),
        words=words(counts, letters, p),
        classes=[ClassChange(*row) for row in zip(found.classes, names, each, strict=True) if row[2].n],
        by_class=charts.by_class(each, names),
        undrawn=charts.left_out(each),
        matrix=charts.difference(*found.matrices(), names),
    )


def notes(first: Evaluation, second: Evaluation, found: pairs.Joined) -> list[str]:
    """Which images are compared, where they are fewer than either was measured on."""
    n, told = len(found.codes), []
    if first.version_id != second.version_id:
        numbers = f"versions {first.version.number} and {second.version.number}"
        told.append(f"They were measured on {numbers}. Compared are the {plural(n, 'image')} that stand in both.")
    elif n < max((each.result or {}).get("n") or 0 for each in (first, second)):
        told.append(f"Compared are the {plural(n, 'image')} that both judged and that are still there.")
    if found.relabelled:
        told.append(f"{plural(found.relabelled, 'image')} of another class in the two versions {one(found.relabelled)} left out.")
    return told


def one(number: int) -> str:
    return "is" if number == 1 else "are"


def key_figures(counts: Paired, letters: tuple[str, str], p: float, *, several: bool) -> list[KeyFigure]:
    """The difference, what was mended and broken, and whether it is chance."""
    low, high = counts.interval
    gap = counts.difference or 0.0
    sure = "" if p >= 0.05 else "good" if gap > 0 else "warn"
    corrected = ", corrected as above" if several else ""
    return [
        KeyFigure(
            f"{letters[1]} minus {letters[0]}",
            points(gap),
            "points",
            f"95 % interval {points(low)} to {points(high)} · {plural(counts.n, 'image')}",
            sure,
        ),
        KeyFigure("Fixed", thousands(counts.fixed), note=f"{letters[0]} wrong, {letters[1]} right"),
        KeyFigure("Broken", thousands(counts.broken), note=f"{letters[0]} right, {letters[1]} wrong"),
        KeyFigure("McNemar's p", chance(p), note=f"of so many changes by chance, were both equally good{corrected}"),
    ]


def chance(p: float) -> str:
    """ "0.034", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def words(counts: Paired, letters: tuple[str, str], p: float) -> str:
    """The two in a sentence or two."""
    first, second = letters
    changed = counts.fixed + counts.broken
    if not changed:
        return f"Both are right and wrong on the same {plural(counts.n, 'image')}."
    told = f"{second} mends {plural(counts.fixed, 'mistake')} of {first} and makes {thousands(counts.broken)} of its own"
    told += f"; {plural(counts.both_wrong, 'image')} {one(counts.both_wrong)} wrong with both."
    if p >= 0.05:
        return f"{told} So small a difference may be chance (p = {chance(p)})."
    better = second if counts.fixed > counts.broken else first
    return f"{told} {better} is better by more than chance would give (p {'' if p < 0.001 else '= '}{chance(p)})."


def on_words(asked: Asked, evaluations: Mapping[str, Evaluation]) -> str:
    """ "test split of Colours v1, 450 images"."""
    versions = {each.version_id: each.version for each in evaluations.values()}
    if len(versions) != 1:
        return f"{asked.split} split"
    version = next(iter(versions.values()))
    return f"{asked.split} split of {version.dataset.name} v{version.number}"


def curves_words(experiments: Sequence[Experiment]) -> str:
    """Which images the curves are of: "validation split, 450 images; train loss of what is learnt from"."""
    numbers = sorted({validated_on(each) for each in experiments})
    of = plural(numbers[-1], "image") if len(numbers) == 1 else f"{thousands(numbers[0])} to {plural(numbers[-1], 'image')}"
    return f"validation split{' of each' if len(experiments) > 1 else ''}, {of}; train loss of what is learnt from"


def unranked(asked: Asked, evaluations: Mapping[str, Evaluation]) -> str:
    """Why the figures are no ranking; empty where all were measured on the same images."""
    versions = {(each.version.dataset.name, each.version.number) for each in evaluations.values()}
    if len(versions) < 2:
        return ""
    named = ", ".join(f"{name} v{number}" for name, number in sorted(versions))
    rest = "Of two of them the images that both judged are compared below."
    if len({name for name, _ in versions}) > 1:
        rest = "No image is the same in different datasets."
    return f"These figures are of different images ({named}) and rank nothing. {rest}"


def offered(asked: Asked, team: Team) -> Offered:
    """The newest of the team that are not there yet; nothing once there are as many as can be compared."""
    if len(asked.experiments) >= MOST:
        return Offered([], [])
    rows = Experiment.objects.filter(team=team).exclude(pk__in=[each.pk for each in asked.experiments]).select_related("dataset", "version")
    rows = rows.defer("config", "resolved", "curves", "version__classes", "dataset__problem_rules").order_by("-id")
    versions = {each.version_id for each in asked.experiments}
    same = list(rows.filter(version__in=versions)[:MOST_OFFERED]) if versions else []
    others = list(rows.exclude(version__in=versions)[: MOST_OFFERED - len(same)])
    return Offered(same, others)
