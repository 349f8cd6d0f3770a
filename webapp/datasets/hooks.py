"""Who uses a dataset, what goes with it, what comes after its import, and the pages that other apps have below a dataset's.

Other apps tell in their `apps.py`: this app imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from django.db.models import QuerySet
from django.utils.module_loading import import_string

from webapp.accounts.actor import Actor
from webapp.accounts.models import Team
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.jobs.models import Job

MOST_NAMES = 3
pages_from: set[str] = set()  # dotted names of modules with `urlpatterns`, whose names and addresses join this app's


class Uses(NamedTuple):
    """Rows of things that need images of datasets, the newest first, with the paths to the dataset's id and to the thing's name."""

    rows: QuerySet[Any]
    dataset: str
    name: str


UsedBy: TypeAlias = Callable[..., Uses]  # (with_trash) → all there are; what is being removed for good does not count

users_from: set[str] = set()  # dotted names of such functions, imported when they are first needed


def uses(with_trash: bool) -> Iterator[Uses]:
    """What every app tells."""
    return (import_string(name)(with_trash) for name in sorted(users_from))


def users(dataset: Dataset, *, with_trash: bool, most: int = MOST_NAMES) -> list[str]:
    """Names of what needs the dataset's images, up to three; things in the trash count on request."""
    told = (use.rows.filter(**{use.dataset: dataset.pk}).values_list(use.name, flat=True)[:most] for use in uses(with_trash))
    return list(islice(dict.fromkeys(chain.from_iterable(told)), most))


def needed(ids: Collection[str]) -> set[str]:
    """Those of the datasets that anything needs, in the trash or not."""
    found = (use.rows.filter(**{f"{use.dataset}__in": ids}).order_by().values_list(use.dataset, flat=True).distinct() for use in uses(True))
    return set(chain.from_iterable(found))


when_trashed: set[str] = set()  # dotted names of functions (actor, dataset) → None, called in the transaction that lays it there
taken_along: set[str] = set()  # dotted names of functions (dataset) → bool: what hangs on one that goes for good goes; False: not yet


def tell_trashed(actor: Actor, dataset: Dataset) -> None:
    """Calls each of them."""
    for name in sorted(when_trashed):
        import_string(name)(actor, dataset)


def take_along(dataset: Dataset) -> bool:
    """Whether nothing hangs on the dataset any more, so that it may go itself."""
    return all(import_string(name)(dataset) for name in sorted(taken_along))


def in_words(names: list[str]) -> str:
    """ "First and Second", "First, Second, Third and others"."""
    shown = [*names[:MOST_NAMES], *(["others"] if len(names) > MOST_NAMES else [])]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


when_sealed: set[str] = set()  # dotted names of functions (draft, version) → None, called in the transaction that ends the sealing


def tell_sealed(draft: Draft, version: DatasetVersion) -> None:
    """Calls each of them, once the version's files are in their place; none may raise what would undo the sealing."""
    for name in sorted(when_sealed):
        import_string(name)(draft, version)


class Saw(NamedTuple):
    """Something that used images of a dataset, as who asks to erase one is told."""

    address: str  # the name of a URL that takes its id
    id: str
    name: str
    words: str  # "learnt from it", "was measured on it"


saw_from: set[str] = set()  # dotted names of functions (dataset, positions) → what used samples of those positions
when_erased: set[str] = set()  # dotted names of functions (dataset, positions, paths) → None: forgets them; may be called again


def saw(dataset: Dataset, positions: Sequence[int]) -> list[Saw]:
    """What every app tells."""
    return [use for name in sorted(saw_from) for use in import_string(name)(dataset, positions)]


def tell_erased(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Calls each of them, before the dataset's own rows forget the paths."""
    for name in sorted(when_erased):
        import_string(name)(dataset, positions, paths)


class Elsewhere(NamedTuple):
    """Something outside of datasets that keeps an image, as who asks to erase one is told."""

    address: str  # the name of a URL that takes its id; empty in the trash, where it has no page
    id: str
    name: str
    words: str  # "1 image of 40"
    folder: Path  # ANSWERS, from which the engine erases it
    is_erased: bool  # there, already
    busy: Job | None  # what reads its images at this moment


known_as: set[str] = set()  # dotted names of functions (team, digest) → the other content hashes under which the same picture is kept
elsewhere_from: set[str] = set()  # dotted names of functions (team, digests) → list[Elsewhere]: what keeps images of those hashes
names_erased_from: set[str] = set()  # (team, digests) → None: rows forget their names, before the files do; may be called again
counted_anew_from: set[str] = set()  # (team, digests) → None: rows are counted anew, after the files; may be called again
unread_from: set[str] = set()  # dotted names of functions (team) → [(name, words)]: archives that lie here and nobody has looked into


def other_hashes(team: Team, digest: str) -> list[str]:
    """As what else the team keeps that picture, as far as any app knows."""
    return sorted({other for name in sorted(known_as) for other in import_string(name)(team, digest)} - {digest})


def elsewhere(team: Team, digests: Collection[str]) -> list[Elsewhere]:
    """What every app tells."""
    return [kept for name in sorted(elsewhere_from) for kept in import_string(name)(team, digests)]


def tell_names_erased(team: Team, digests: Collection[str]) -> None:
    """Calls each of them."""
    for name in sorted(names_erased_from):
        import_string(name)(team, digests)


def tell_counted_anew(team: Team, digests: Collection[str]) -> None:
    """Calls each of them."""
    for name in sorted(counted_anew_from):
        import_string(name)(team, digests)


def unread(team: Team) -> list[tuple[str, str]]:
    """What every app tells."""
    return [archive for name in sorted(unread_from) for archive in import_string(name)(team)]


class Taker(NamedTuple):
    """What an archive that is sent in parts becomes where it becomes no dataset, by the name that its metadata says."""

    check: str  # dotted name of a function (actor, told) → what is kept with the upload; raises ConfigError, Http404 or Forbidden
    make: str  # dotted name of a function (actor, archive, upload, also) → its id; calls also() in its transaction
    form: str  # the name of the URL of the page that sends it
    page: str  # the name of a URL that takes the id
    call: str  # its address below /api/v1, with {} for the id


takers: dict[str, Taker] = {}


class Step(NamedTuple):
    """Something to do with a dataset whose import is done: a form of one button, sent to `address` with the dataset's id."""

    title: str
    words: str  # what it will do, and how long it takes
    address: str  # the name of a URL that takes the dataset's id
    button: str


class Network(NamedTuple):
    """A trained network of a team that may suggest labels."""

    id: str
    name: str
    words: str  # what it was trained on, and how well it does
    folder: Path  # the RUN folder


networks_from: set[str] = set()  # dotted names of functions (team) → list[Network], the newest first


def networks(team: Team) -> list[Network]:
    """Those of the team that can be used now."""
    return [network for name in sorted(networks_from) for network in import_string(name)(team)]


def network(team: Team, id: str) -> Network | None:
    """The team's network of that id; None where it cannot be used."""
    return next((found for found in networks(team) if found.id == id), None)


next_steps: set[str] = set()  # dotted names of functions (actor, version) → Step or None, imported when they are first needed


def steps(actor: Actor, version: DatasetVersion) -> list[Step]:
    """What the actor may do next with a version that nothing has used yet."""
    told = (import_string(name)(actor, version) for name in sorted(next_steps))
    return [step for step in told if step]
