"""Where the images of a round come from: each source goes on after a place, and looks at a bounded number of rows.

What picks the images stands in `LabelRound.about`:
chosen    {"label": a class's label or "", "splits": [numbers], "search": a part of the path}, and "more" of the gallery's filters
          (webapp.datasets.labelling.filters)
findings  {"check": its id, "finding": its kind}
suggested {"label": as of chosen}; whose suggestions they are stands in the round
review    {"share": of 1, "last": the newest item that belongs to it}
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from webapp.datasets.labelling import filters
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound, RoundKind
from webapp.datasets.models import DatasetVersion, Finding, QualityCheck, Sample, Split
from webapp.datasets.packs import labels
from webapp.datasets.suggested import Suggestion, read

WINDOW_ROWS = 20_000  # that one look at paths reads
MOST_WINDOWS = 5
SAMPLED_OF = 10_000  # a share is known to a hundredth of a percent
SUGGESTED_ROWS = 50_000  # suggestions that one look reads
REVIEW_ROWS = 2_000  # answers among which one look picks those to review


class Candidate(NamedTuple):
    """An image that comes next; its source goes on after `place`."""

    place: int
    position: int
    suggested: str = ""
    score: float | None = None
    was: str = ""  # in a review: what the first person said
    first: int | None = None  # who that was


class Taken(NamedTuple):
    """Some candidates, and the place up to which the source was looked through."""

    found: list[Candidate]
    cursor: int
    ended: bool


def take(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """The next candidates of a round, at most `limit`; fewer, with a cursor that moved on, where a look is long."""
    return SOURCES[RoundKind(round.kind)](round, version, limit)


def chosen(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """By class, splits and path."""
    about = round.about
    label = number_of(version, about["label"])
    if label is None and about["label"]:
        return Taken([], round.cursor, True)
    splits = about["splits"] or Split.values
    if about.get("more"):
        return filtered(round, version, limit)
    if about["search"]:
        return searched(version, label, splits, about["search"], round.cursor, limit)
    positions = in_splits(version, label, splits, round.cursor, limit)
    return Taken([Candidate(position, position) for position in positions], last(positions, round.cursor), len(positions) < limit)


def filtered(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """As the gallery finds them."""
    matching = filters.positions(version, round.about)
    start = int(matching.searchsorted(round.cursor + 1))
    found = matching[start : start + limit].tolist()
    return Taken([Candidate(position, position) for position in found], last(found, round.cursor), len(found) < limit)


def number_of(version: DatasetVersion, label: str) -> int | None:
    """The class of that label in a version."""
    return next((number for number, entry in enumerate(version.classes) if entry["label"] == label), None)


def in_splits(version: DatasetVersion, label: int | None, splits: Sequence[int], after: int, limit: int) -> list[int]:
    """Positions in order; each split by its own index, merged, so that no rows are passed over."""
    rows = version.samples.filter(position__gt=after).order_by("position")
    rows = rows if label is None else rows.filter(label=label)
    each = [list(rows.filter(split=split).values_list("position", flat=True)[:limit]) for split in splits]
    return list(heapq.merge(*each))[:limit]


def searched(version: DatasetVersion, label: int | None, splits: Sequence[int], words: str, after: int, limit: int) -> Taken:
    """Positions whose path holds `words`: some windows of rows a look, since no index knows parts of paths."""
    end: int | None = version.samples.order_by("-position").values_list("position", flat=True).first()
    rows: Any = version.samples.filter(path__icontains=words, split__in=list(splits)).order_by("position")
    rows = rows if label is None else rows.filter(label=label)
    found: list[int] = []
    for _ in range(MOST_WINDOWS):
        if end is None or after >= end or len(found) >= limit:
            break
        window = rows.filter(position__gt=after, position__lte=after + WINDOW_ROWS).values_list("position", flat=True)
        some = list(window[: limit - len(found)])
        found += some
        after = some[-1] if len(found) >= limit else after + WINDOW_ROWS
    return Taken([Candidate(position, position) for position in found], after, end is None or after >= end)


def findings(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """Images of one kind of finding, the worst first, with the class that each seems to be of."""
    check = QualityCheck.objects.select_related("version").defer("means").filter(pk=round.about["check"]).first()
    if check is None:  # another check took its place
        return Taken([], round.cursor, True)
    rows = list(Finding.objects.filter(of=check, kind=round.about["finding"], rank__gt=round.cursor).order_by("rank")[:limit])
    names = [entry["label"] for entry in check.version.classes]
    found = [Candidate(row.rank, row.position, *((names[row.seems], score_of(row)) if row.seems is not None else ())) for row in rows]
    return Taken(found, last([row.rank for row in rows], round.cursor), len(rows) < limit)


def score_of(finding: Finding) -> float | None:
    """How sure the check is of the class; only of likely label errors it says so."""
    return finding.score if finding.kind == "label" else None


def suggested(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """What a network says, the least certain first; of the images of one class where the round has one."""
    if round.suggesting is None:  # other suggestions took their place
        return Taken([], round.cursor, True)
    looked = SUGGESTED_ROWS if round.about["label"] else limit
    rows = read(round.suggesting, round.cursor, looked)
    wanted = of_class(version, round.about["label"], rows)[:limit]
    found = [Candidate(row.place, row.position, row.label, row.probability) for row in wanted]
    cursor = found[-1].place if len(found) == limit else last([row.place for row in rows], round.cursor)
    return Taken(found, cursor, len(rows) < looked and len(found) < limit)


def of_class(version: DatasetVersion, label: str, rows: list[Suggestion]) -> list[Suggestion]:
    """Those whose image has that label in the version; all of them where it is empty."""
    if not label or not rows:
        return rows
    number = number_of(version, label)
    return [row for row, has in zip(rows, labels(version.folder, [row.position for row in rows]), strict=True) if has == number]


def review(round: LabelRound, version: DatasetVersion, limit: int) -> Taken:
    """A share of another round's answers, drawn by a hash, in the order in which they were handed out."""
    share, end = round.about["share"], round.about["last"]
    answers = LabelItem.objects.filter(round=round.reviewed_id, id__gt=round.cursor, id__lte=end, state=ItemState.ANSWERED)
    rows = list(answers.exclude(label="").order_by("id").values_list("id", "position", "label", "user")[:REVIEW_ROWS])
    drawn = [row for row in rows if is_drawn(round.id, row[1], share)][:limit]
    found = [Candidate(place, position, was=said, first=who) for place, position, said, who in drawn]
    ended = len(rows) < REVIEW_ROWS and len(drawn) < limit
    cursor = found[-1].place if len(found) == limit else last([row[0] for row in rows], round.cursor)
    return Taken(found, cursor, ended)


def is_drawn(round_id: str, position: int, share: float) -> bool:
    """Whether an image is among the share that a review looks at; the same each time it is asked."""
    digest = hashlib.blake2b(f"{round_id}:{position}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % SAMPLED_OF < round(share * SAMPLED_OF)


def last(places: Sequence[int], otherwise: int) -> int:
    return places[-1] if places else otherwise


Source = Callable[[LabelRound, DatasetVersion, int], Taken]
SOURCES: dict[RoundKind, Source] = {
    RoundKind.CHOSEN: chosen,
    RoundKind.FINDINGS: findings,
    RoundKind.REVIEW: review,
    RoundKind.SUGGESTED: suggested,
}


def counted(version: DatasetVersion, about: dict[str, Any]) -> int | None:
    """How many images are chosen, by the stored aggregates or as the gallery counts; None where a part of the path decides."""
    if about.get("more"):
        return len(filters.positions(version, about))
    if about["search"]:
        return None
    names = [name for number, name in Split.choices if not about["splits"] or number in about["splits"]]
    entries = [entry for entry in version.classes if about["label"] in ("", entry["label"])]
    return sum(int(entry[name]) for entry in entries for name in names)


def rows_at(version: DatasetVersion, positions: Sequence[int]) -> dict[int, Sample]:
    """{position: its sample}."""
    return {sample.position: sample for sample in version.samples.filter(position__in=positions)}
