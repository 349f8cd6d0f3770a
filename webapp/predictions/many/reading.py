"""What a classification said, for pages, files and programs: read from its folder by place, never counted anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.urls import reverse

from classifier.metrics.answers import BEST, UNSURE, Answer, Answers, Refused
from classifier.metrics.predictions import quoted
from classifier.spec.errors import InputError
from webapp.accounts.models import Team
from webapp.core.pieces import csv_lines
from webapp.evaluations.models import Evaluation
from webapp.predictions.many import beside
from webapp.predictions.many.beside import Beside
from webapp.predictions.models import Classification, Correction

PAGE = 50
CSV_ROWS = 2_000
EVERY, UNSURE_ONES, REFUSED_ONES = "", "unsure", "refused"
SHOWN = (EVERY, UNSURE_ONES, REFUSED_ONES)
HEADER = ["file", "label", "name", "probability", "unsure"]
HEADER += [f"top{place}_{part}" for place in range(1, BEST + 1) for part in ("label", "probability")]
HEADER += ["refused"]
BESIDE_HEADER = [f"beside_{part}" for part in ("label", "name", "probability", "unsure")] + ["differs"]  # with another network's answers


class Guess(NamedTuple):
    """One of the five best."""

    label: str
    name: str
    probability: float


class Row(NamedTuple):
    """One picture."""

    row: int
    file: str
    image: int
    top: list[Guess]
    unsure: bool
    put: Correction | None = None  # what somebody said that it is
    other: Row | None = None  # what the network beside it says
    differs: bool = False  # which is another class


class Wanted(NamedTuple):
    """Which rows: of a class, the unsure, the refused, or all."""

    show: str = EVERY
    label: str = ""
    by_doubt: bool = False  # the least sure first, in place of the order that they came in
    beside: str = ""  # the id of another classification of the same pictures
    differing: bool = False  # those alone on which the two name different classes

    @property
    def narrows(self) -> bool:
        return bool(self.show or self.label or self.differing)


class Page(NamedTuple):
    """Some rows, and the place to go on behind; None at the end."""

    rows: list[Row]
    refused: list[Refused]
    after: int | None
    small: bool  # whether all pictures are small ones, shown pixelated
    beside: Beside | None = None  # where another network's answers stand beside them


def opened(found: Classification) -> Answers:
    """Its answers; InputError where they are not on this server."""
    try:
        return Answers(found.answers)
    except (OSError, ValueError, KeyError) as error:
        raise gone(found) from error


def gone(found: Classification) -> InputError:
    """Its files are not there, or not all of them."""
    words = f"The answers of {found.name} are not on this server any more. Delete it, and send the pictures again."
    return InputError(words, code="gone")


def page(found: Classification, wanted: Wanted, after: int = -1, size: int | None = None, other: Classification | None = None) -> Page:
    """The rows behind that place. A label that the network does not have has none. InputError where they are gone. `other`: one of the
    same pictures, whose answers stand beside them unless they are gone."""
    answers = opened(found)
    try:
        return read(found, answers, wanted, after, size or PAGE, beside_of(found, answers, other) if other else None)
    except OSError as error:  # names and what was refused are opened where they are read
        raise gone(found) from error


def beside_of(found: Classification, answers: Answers, other: Classification) -> Beside | None:
    """The other's answers row by row; None where they are gone, or not of the same pictures any more."""
    try:
        return beside.held(found, answers, other, opened(other))
    except InputError:
        return None


def read(found: Classification, answers: Answers, wanted: Wanted, after: int, size: int, held: Beside | None = None) -> Page:
    """As `page`, of what was opened."""
    small = bool(answers.about["small"])
    if wanted.show == REFUSED_ONES:
        refused, following = answers.refused(size, after)
        return Page([], refused, following, small, held)
    place = place_of(found, wanted)
    if wanted.label and place is None:
        return Page([], [], None, small, held)
    among = held.differs if held and wanted.differing else None
    rows, following = answers.page(size, after, place, by_doubt=wanted.by_doubt, among=among)
    made = [row_of(found, row) for row in rows]
    return Page(with_others(made, held) if held else made, [], following, small, held)


def with_others(rows: list[Row], held: Beside) -> list[Row]:
    """The same, each with what the network beside it says."""
    said = {one.row: row_of(held.other, one) for one in held.answers.answers([row.row for row in rows])}
    return [row._replace(other=said.get(row.row), differs=bool(held.differs[row.row])) for row in rows]


def place_of(found: Classification, wanted: Wanted) -> int | None:
    """By what rows are filtered: the class's place, or UNSURE; None where they are not."""
    if wanted.show == UNSURE_ONES:
        return UNSURE
    return next((place for place, one in enumerate(found.classes) if one["label"] == wanted.label), None)


def row_of(found: Classification, row: Answer) -> Row:
    """With the names of its classes."""
    top = [Guess(found.classes[place]["label"], found.classes[place]["name"], odds) for place, odds in row.top]
    return Row(row.row, row.file, row.image, top, row.unsure)


def as_csv(found: Classification, answers: Answers, held: Beside | None = None) -> Iterator[bytes]:
    """All of it, so many rows at a time; those that were refused come last, with the reason. `held`: with another network's answers."""
    more = BESIDE_HEADER if held else []
    yield csv_lines([HEADER + more])
    for start in range(0, len(answers), CSV_ROWS):
        some = range(start, min(start + CSV_ROWS, len(answers)))
        rows = [row_of(found, row) for row in answers.answers(some)]
        yield csv_lines(map(cells, with_others(rows, held) if held else rows))
    for refused in answers.refused_in_parts(CSV_ROWS):
        yield csv_lines([quoted(one.file), *[""] * (len(HEADER) - 2), quoted(one.message), *[""] * len(more)] for one in refused)


def cells(row: Row) -> list[str]:
    """A row's cells; none of them starts like a formula."""
    best = row.top[0]
    told = [row.file, best.label, best.name, f"{best.probability:.7g}", "yes" if row.unsure else "no"]
    for guess in row.top:
        told += [guess.label, f"{guess.probability:.7g}"]
    told += [""] * (len(HEADER) - len(told))
    if row.other:
        said = row.other.top[0]
        told += [said.label, said.name, f"{said.probability:.7g}", "yes" if row.other.unsure else "no", "yes" if row.differs else "no"]
    return [quoted(cell) for cell in told]


def history(team: Team, network: str = "") -> QuerySet[Classification]:
    """The team's, the newest first; by that network alone."""
    rows = Classification.objects.filter(team=team).select_related("job", "created_by", "experiment")
    return rows.filter(network=network) if network else rows


def networks(team: Team) -> list[tuple[str, str]]:
    """(value, name) of each network of the history, by the name it had last."""
    newest = Classification.objects.filter(team=team).values("network").annotate(newest=Max("id")).values("newest")
    rows = Classification.objects.filter(pk__in=newest).values_list("network", "network_name")
    return sorted(rows, key=lambda pair: pair[1].lower())


def network_words(found: Classification) -> str:
    """What became of its network, where that is not there to be looked at."""
    if not found.network_left:
        return ""
    return "deleted since" if found.experiment is None else "in the trash"


def threshold_page(found: Classification) -> str:
    """Where the threshold of its network is seen and set: its newest evaluation, on validation images where there is one, since a
    threshold that is chosen on test images flatters; empty where there is none, as of a published network."""
    if found.experiment is None or network_words(found):
        return ""
    done = Evaluation.objects.filter(experiment=found.experiment, result__isnull=False).order_by("-id")
    pk = done.filter(split="validation").values_list("pk", flat=True).first() or done.values_list("pk", flat=True).first()
    return f"{reverse('evaluations:detail', args=[pk])}#unsure" if pk else ""


def counted(found: Classification) -> list[dict[str, Any]]:
    """The classes that were seen, the commonest first, with their share of all pictures."""
    seen = sorted((one for one in found.classes if one["n"]), key=lambda one: (-one["n"], one["name"]))
    return [one | {"share": one["n"] / max(1, found.images or 0)} for one in seen]
