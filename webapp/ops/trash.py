"""The trash of a team over all kinds of things: what lies there, many moves at once, and the end of its term."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.http import Http404

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.models import Team
from webapp.accounts.permissions import Forbidden, Missing, get_for
from webapp.core import trash
from webapp.core.ids import is_id
from webapp.core.words import plural
from webapp.datasets import removing as dataset_moves
from webapp.datasets.models import Dataset
from webapp.evaluations import removing
from webapp.evaluations.models import Evaluation
from webapp.experiments import removing as experiment_moves
from webapp.experiments.models import Experiment
from webapp.jobs.clock import database_time
from webapp.predictions import removing as classification_moves
from webapp.predictions.models import Classification

logger = logging.getLogger(__name__)
PAGE = 50
MOST = 500  # things in one call
Ids = Mapping[str, list[str]]  # {kind: ids}


class Kind(NamedTuple):
    """A kind of thing that can lie in the trash."""

    noun: str
    model: Any  # with the managers of Trashable
    verb: str  # that moving there and back asks for
    moves: Any  # the module with delete, restore and purge


# In the order in which they are removed for good: a dataset goes when nothing that used it is left.
KINDS = {
    "classification": Kind("classification", Classification, "job.edit", classification_moves),
    "experiment": Kind("experiment", Experiment, "job.edit", experiment_moves),
    "dataset": Kind("dataset", Dataset, "dataset.delete", dataset_moves),
}


class Lying(NamedTuple):
    """One thing in the trash."""

    kind: str
    thing: Any
    until: datetime
    note: str


@dataclass
class Outcome:
    """What became of many: ids by what was done with them, and a sentence for each that stayed as it was."""

    done: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def add(self, what: str, id: str) -> None:
        self.done.setdefault(what, []).append(id)


def lying(team: Team, before: tuple[datetime, str] | None = None) -> list[Lying]:
    """What the team threw away, newest first, after that place; one more than a page, so that one knows whether there are more."""
    rows = [row for kind in KINDS for row in lying_of(kind, team, before)]
    return sorted(rows, key=lambda row: (row.thing.trashed_at, row.thing.pk), reverse=True)[: PAGE + 1]


def lying_of(kind: str, team: Team, before: tuple[datetime, str] | None) -> Iterable[Lying]:
    """Those of one kind."""
    related = ("trashed_by", "dataset") if kind == "experiment" else ("trashed_by",)
    rows = trash.lying(KINDS[kind].model).filter(team=team).select_related(*related)
    if before is not None:
        rows = rows.filter(Q(trashed_at__lt=before[0]) | Q(trashed_at=before[0], id__lt=before[1]))
    for thing in rows.order_by("-trashed_at", "-id")[: PAGE + 1]:
        yield Lying(kind, thing, trash.until(thing.trashed_at), note_of(thing))


def note_of(thing: Any) -> str:
    """What it was, in a few words."""
    if isinstance(thing, Classification):
        return f"by {thing.network_name}"
    if isinstance(thing, Experiment):
        return f"{thing.config.get('model', '')} on {thing.dataset.name}".strip()
    return str(thing.archive_name)


def move(actor: Actor, wanted: Ids) -> Outcome:
    """Each of the living things to the trash, or a dataset that runs used into the archive; rights are asked for one by one."""

    def one(kind: str, thing: Any, outcome: Outcome) -> None:
        what = KINDS[kind].moves.delete(actor, thing)
        outcome.add("archived" if what == "archived" else kind, thing.pk)

    return each(actor, wanted, "objects", one)


def delete_evaluations(actor: Actor, ids: list[str], outcome: Outcome) -> int:
    """Those of the team that came to a bad end, for good: they have nothing to restore. How many; what stays is told."""
    deleted = 0
    for id in list(dict.fromkeys(filter(is_id, ids)))[:MOST]:
        try:
            removing.delete(actor, get_for(actor, Evaluation, id, "job.edit"))
            deleted += 1
        except Missing:
            outcome.refused.append("One evaluation is not there any more.")
        except (InputError, Forbidden) as error:
            outcome.refused.append(str(error))
    return deleted


def restore(actor: Actor, wanted: Ids) -> Outcome:
    """Each back to where it was; `archived` names datasets to take out of the archive again. Datasets first, for their experiments."""
    outcome = each(actor, {"dataset": wanted.get("archived", [])}, "objects", unarchive_one(actor))
    for kind in reversed(KINDS):

        def one(kind: str, thing: Any, outcome: Outcome) -> None:
            KINDS[kind].moves.restore(actor, thing)
            outcome.add(kind, thing.pk)

        each(actor, {kind: wanted.get(kind, [])}, "everything", one, outcome)
    return outcome


def unarchive_one(actor: Actor) -> Callable[[str, Any, Outcome], None]:
    """Takes a dataset out of the archive."""

    def one(kind: str, thing: Any, outcome: Outcome) -> None:
        dataset_moves.unarchive(actor, thing)
        outcome.add(kind, thing.pk)

    return one


def purge(actor: Actor, wanted: Ids) -> Outcome:
    """Each for good."""
    outcome = Outcome()
    for kind in KINDS:
        ids = list(dict.fromkeys(filter(is_id, wanted.get(kind, []))))[:MOST]
        give_up(actor, kind, ids, outcome)
    return outcome


def give_up(actor: Actor, kind: str, ids: list[str], outcome: Outcome) -> None:
    """Those of one kind in one transaction; what stays is told."""
    entry = KINDS[kind]
    names = dict(entry.model.everything.filter(pk__in=ids, team=actor.team).values_list("pk", "name"))
    made = entry.moves.purge_many(names, actor)
    outcome.done.setdefault(kind, []).extend(thing.pk for thing in made.going)
    for id in ids:
        if id in made.held:
            outcome.refused.append(str(made.held[id]))
        elif id not in outcome.done[kind]:
            outcome.refused.append(f"{names[id]} is not in the trash any more." if id in names else gone(kind))


def empty(actor: Actor) -> Outcome:
    """All of it for good, so many things a transaction."""
    outcome = Outcome()
    for kind, entry in KINDS.items():
        for ids in chunks(trash.lying(entry.model).filter(team=actor.team)):
            give_up(actor, kind, ids, outcome)
    return outcome


def chunks(rows: QuerySet[Any]) -> Iterator[list[str]]:
    """The ids of all rows in their order, read anew for each chunk."""
    after = ""
    while ids := list(rows.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:MOST]):
        yield ids
        after = ids[-1]


def gone(kind: str) -> str:
    """Of what is not the team's, or is no more."""
    return f"One {KINDS[kind].noun} is not there any more."


def each(actor: Actor, wanted: Ids, manager: str, one: Callable[[str, Any, Outcome], None], outcome: Outcome | None = None) -> Outcome:
    """Does it to each of the team's things, one transaction each; what one refuses is told, and the others go on."""
    outcome = outcome or Outcome()
    for kind, entry in KINDS.items():
        ids = list(dict.fromkeys(filter(is_id, wanted.get(kind, []))))[:MOST]
        things = {thing.pk: thing for thing in getattr(entry.model, manager).filter(pk__in=ids, team=actor.team)}
        for id in ids:
            try:
                if id not in things:
                    raise Http404(gone(kind))
                one(kind, things[id], outcome)
            except Forbidden:
                outcome.refused.append(f"{things[id]} stays: the role {actor.role} may not do this to a {entry.noun}.")
            except (InputError, Http404) as error:
                outcome.refused.append(str(error))
    return outcome


def counted(done: Mapping[str, list[str]]) -> str:
    """ "2 experiments and 1 dataset"."""
    return " and ".join(plural(len(done[kind]), entry.noun) for kind, entry in KINDS.items() if done.get(kind))


def purge_over_term() -> list[str]:
    """Gives up for good what lies in the trash for longer than its term; the ids. What still holds it back waits for the next time."""
    over = database_time() - trash.term()
    found = []
    for entry in KINDS.values():
        for ids in chunks(trash.lying(entry.model).filter(trashed_at__lte=over)):
            made = entry.moves.purge_many(ids)
            found += [thing.pk for thing in made.going]
            for reason in made.held.values():
                logger.info("Over its term: %s", reason)
    return found
