"""What an address asks to compare: which experiments, on which images, which two of them in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.http import QueryDict

from classifier.spec.events import SPLITS
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Missing
from webapp.core.ids import is_id
from webapp.experiments.models import Experiment

MOST = 20
LETTERS = "ABCDEFGHIJKLMNOPQRST"
SHOWN = ("broken", "fixed", "both_wrong")
MOST_DIGITS = 9


class Asked(NamedTuple):
    """Of the experiments the first is what the others are held against."""

    experiments: list[Experiment]
    split: str
    version: int | None  # its number, of one dataset: all measured on that; None: each on its own
    second: Experiment | None  # the one that is held against the first in detail
    show: str  # one of SHOWN
    label: str  # images of that class alone; empty: of all
    start: int  # how many of those images go before
    too_many: int  # experiments beyond MOST that were asked for

    @property
    def first(self) -> Experiment:
        return self.experiments[0]

    @property
    def on(self) -> str:
        """ "test", "test@2"."""
        return self.split if self.version is None else f"{self.split}@{self.version}"

    @property
    def second_number(self) -> int:
        """Of its letter and colour, from 1."""
        return self.place(self.second) + 1 if self.second else 0

    def letter(self, experiment: Experiment) -> str:
        """A, B, C … as they were asked for."""
        return LETTERS[self.place(experiment)]

    def place(self, experiment: Experiment) -> int:
        return next(place for place, each in enumerate(self.experiments) if each.pk == experiment.pk)

    def query(self, **changes: str) -> str:
        """The address's query with some of it changed; what stands for nothing is left out."""
        return self.of([each.pk for each in self.experiments], **changes)

    def of(self, ids: Sequence[str], **changes: str) -> str:
        """The same about these experiments; a second one that is not among them is forgotten."""
        kept = self.second.pk if self.second and len(self.experiments) > 2 and self.second.pk in ids[1:] else ""
        values = {"on": "" if self.on == SPLITS[-1] else self.on, "with": kept, "show": self.show, "class": self.label} | changes
        found = QueryDict(mutable=True)
        found.setlist("of", list(ids))
        found.update({name: value for name, value in values.items() if value and (name, value) != ("show", SHOWN[0])})
        return found.urlencode()


def read(actor: Actor, query: QueryDict) -> Asked:
    """The address's query; raises Missing where the actor's team has no such experiment."""
    ids = list(dict.fromkeys(query.getlist("of")))
    found = experiments(actor, ids[:MOST])
    split, _, number = query.get("on", "").partition("@")
    return Asked(
        experiments=found,
        split=split if split in SPLITS else SPLITS[-1],
        version=int(number) if number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS else None,
        second=second_of(found, query.get("with", "")),
        show=show if (show := query.get("show", "")) in SHOWN else SHOWN[0],
        label=query.get("class", "")[:1000].replace("\0", ""),
        start=start_of(query.get("from", "")),
        too_many=max(0, len(ids) - MOST),
    )


def experiments(actor: Actor, ids: Sequence[str]) -> list[Experiment]:
    """Those of the actor's team, in that order; one that is another team's, in the trash or made up raises the same Missing."""
    rows = Experiment.objects.filter(team=actor.team, pk__in=[id for id in ids if is_id(id)])
    known = {row.pk: row for row in rows.select_related("job", "dataset", "version__dataset", "created_by")}
    for id in ids:
        if id not in known:
            raise Missing(Experiment, id)
    return [known[id] for id in ids]


def second_of(found: Sequence[Experiment], id: str) -> Experiment | None:
    """The one of that id, unless it is the first; else the second."""
    others = found[1:]
    return next((each for each in others if each.pk == id), others[0] if others else None)


def start_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 0
