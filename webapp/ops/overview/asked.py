"""What a reader asks of the home page: whose, which kind, which words, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from webapp.jobs.models import Kind

SEARCH_LENGTH = 100
KINDS = {"": "Everything", Kind.TRAIN.value: "Trainings", Kind.EVALUATE.value: "Evaluations", Kind.IMPORT.value: "Imports"}
DEFAULTS = {"who": "team", "kind": "", "q": "", "moving": "order", "needs": "state", "sort": "ended", "all": ""}


@dataclass(frozen=True)
class Asked:
    """The filters, which hold for every table, and an order for each. What is not understood asks nothing."""

    who: str = "team"  # or mine
    kind: str = ""  # a job's kind
    q: str = ""  # in a name
    moving: str = "order"  # an order of overview.moving
    needs: str = "state"  # one of overview.needs
    sort: str = "ended"  # one of overview.finished
    all: str = ""  # "needs": all that needs somebody, in place of the newest

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """From an address."""
        kind = query.get("kind", "")
        return cls(
            who="mine" if query.get("who") == "mine" else "team",
            kind=kind if kind in KINDS else "",
            q=query.get("q", "").replace("\0", "").strip()[:SEARCH_LENGTH],
            moving=query.get("moving", "order")[:20],
            needs=query.get("needs", "state")[:20],
            sort=query.get("sort", "ended")[:20],
            all="needs" if query.get("all") == "needs" else "",
        )

    @property
    def mine(self) -> bool:
        return self.who == "mine"

    @property
    def filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.mine or self.kind or self.q)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """For the list of the form."""
        return list(KINDS.items())

    def wants(self, kind: str) -> bool:
        """Whether things of that kind are asked for."""
        return self.kind in ("", kind)

    def address(self, **changes: str) -> str:
        """The home page with something changed; what has its default is left out."""
        changed = replace(self, **changes)
        named = {name: getattr(changed, name) for name, default in DEFAULTS.items() if getattr(changed, name) != default}
        return f"/?{urlencode(named)}" if named else "/"

    @property
    def all_needs(self) -> str:
        """All that needs somebody."""
        return f"{self.address(all='needs')}#needs"

    @property
    def fewer_needs(self) -> str:
        """The newest of it."""
        return f"{self.address(all='')}#needs"
