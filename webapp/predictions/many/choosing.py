"""What may classify, as the lists of pages show it, and what a page is asked to show."""

from __future__ import annotations

from typing import Any

from webapp.accounts.actor import Request
from webapp.experiments.queries import with_model
from webapp.predictions import networks
from webapp.predictions.many.reading import SHOWN, Wanted

LABEL_LENGTH = 500
MOST_DIGITS = 9
DOUBT = "doubt"


def choices(request: Request, wanted: str) -> dict[str, Any]:
    """The networks, and the one that is chosen."""
    experiments, published = with_model(request.actor.team.id), networks.published()
    values = [experiment.id for experiment in experiments] + [network.value for network in published]
    chosen = wanted if wanted in values else next(iter(values), None)
    return {"experiments": experiments, "published": published, "chosen": chosen}


def others(request: Request, network: str) -> dict[str, Any]:
    """The same, another one than that chosen where there is one."""
    shown = choices(request, "")
    values = [experiment.id for experiment in shown["experiments"]] + [entry.value for entry in shown["published"]]
    return shown | {"chosen": next((value for value in values if value != network), shown["chosen"])}


def wanted_of(request: Request) -> Wanted:
    """The filter of an address; what is none counts as no filter."""
    asked = request.GET
    show = asked.get("show", "")
    said = Wanted(show if show in SHOWN else "", asked.get("class", "")[:LABEL_LENGTH], asked.get("sort") == DOUBT)
    return said._replace(beside=asked.get("beside", "")[:LABEL_LENGTH], differing=bool(asked.get("differ")))


def place_of(request: Request) -> int:
    """Behind which row one goes on; what is none counts as the beginning."""
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else -1
