"""Experiments held against each other, run again and compared with themselves, and the leaderboard of a dataset version."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from ninja import Query, Router, Status

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.comparison_schemas import BoardOut, Comparing, ComparisonOut, FlipsOut, Parting, ReplaysOut
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.models import Dataset
from webapp.evaluations import replays
from webapp.evaluations.comparing import asked, flips, measured, page, pairs, table
from webapp.evaluations.comparing.differences import differences
from webapp.evaluations.leaderboard import board
from webapp.experiments.models import Experiment

router = Router()
FIGURES = ("top1", "top5", "macro_f1")


@router.get("/comparisons", response=answers({200: ComparisonOut}), summary="Compare experiments")
def compare(request: Request, comparing: Query[Comparing]) -> dict[str, Any]:
    """Two to twenty experiments: what they reach, each against the first, what they cost, and what differs in how they were made."""
    wanted = asked_for(request, comparing)
    found = measured.chosen(wanted, measured.known(wanted.experiments))
    return {
        "on": wanted.on,
        "experiments": [compared(line) for line in table.lines(wanted, found)],
        "differs": [{"field": each.name, "values": each.values} for each in differences(wanted.experiments).rows],
        "note": page.unranked(wanted, found),
    }


def asked_for(request: Request, comparing: Comparing) -> asked.Asked:
    """As the page reads its address."""
    request.actor.require("experiment.read")
    query = QueryDict(mutable=True)
    query.setlist("of", comparing.of)
    query["on"] = comparing.on
    wanted = asked.read(request.actor, query)
    if len(wanted.experiments) < 2:
        raise FieldErrors({"of": "takes two to twenty different experiments; one came"})
    return wanted


def compared(line: table.Line) -> dict[str, Any]:
    """One experiment."""
    against, evaluation = line.against, line.evaluation
    return {
        "experiment": line.experiment.pk,
        "name": line.experiment.name,
        "evaluation": evaluation.pk if evaluation else None,
        "version": evaluation.version.number if evaluation else None,
        "n": line.n,
        **{name: getattr(line, name).told() for name in FIGURES},
        "balanced_accuracy": line.balanced.told(),
        "loss": line.loss,
        "against_first": against and against._asdict() | {"paired": against.paired},
        "cost": line.cost._asdict(),
    }


@router.get("/comparisons/images", response=answers({200: FlipsOut}, 409), summary="Images on which two experiments part")
def images(request: Request, parting: Query[Parting]) -> dict[str, Any]:
    """Those that the second one broke, fixed, or gets wrong as the first did; 48 at a time. 409 where single images cannot be compared."""
    wanted = asked_for(request, parting)
    found = measured.chosen(wanted, measured.known(wanted.experiments))
    first, second = (found.get(each.pk) for each in wanted.experiments)
    joined = pairs.joined(first, second) if first and second else None
    if first is None or second is None or joined is None:
        raise ApiError(409, "nothing", pairs.why_not(first, second) or "Their predictions are not on this server any more.")
    label = flips.label_of(joined, first, second, parting.label)
    if label is None:
        raise FieldErrors({"label": f"is no class of these, or the readable name of several; {parting.label[:60]!r} came"})
    shown = flips.page(joined, first, second, parting.show, label, parting.start)
    return {"n": shown.n, "items": [flips.told(each) for each in shown.rows], "next": shown.following or None}


@router.get("/datasets/{id}/leaderboard", response=answers({200: BoardOut}, 409), summary="Leaderboard of a dataset version")
def leaderboard(request: Request, id: str, version: str = "", cursor: str = "", rank: int = 0) -> dict[str, Any]:
    """Networks that were measured on one version's test split, the best first; of `version`, else of the newest that has any.

    Runs on different versions are never ranked as one.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    try:
        found = board.version_named(dataset, version)
    except ConfigError as error:
        raise FieldErrors(error.fields) from None
    if found is None and version:
        raise FieldErrors({"version": f"names no sealed version of this dataset: {version[:20]!r}; leave it out for the newest"})
    if found is None:
        raise ApiError(409, "no_version", f"{dataset.name} has no images yet; wait for its import.")
    found.dataset = dataset
    rows, following, last = board.page(found, cursor, max(0, min(rank, 10**9)))
    told = {"version": found.number, "split": "test", "test_opened": found.test_opened, "rank": last}
    return told | {"items": [row.told() for row in rows], "next": following or None}


@router.post(
    "/experiments/{id}/replays", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Run a training again"
)
def start_replay(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues the same training on the same version with all that was picked for it; 409 while it has not ended well."""
    made = replays.replay(request.actor, get_for(request.actor, Experiment, id, "experiment.create"))
    return Status(202, {"id": made.id, "job": made.job_id})


@router.get("/experiments/{id}/replays", response=answers({200: ReplaysOut}), summary="Whether it comes to the same again")
def list_replays(request: Request, id: str) -> dict[str, Any]:
    """Trainings with the same configuration on the same version, and whether they came to the same."""
    experiment = get_for(request.actor, Experiment, id, "report.read")
    return {"items": [replayed(each) for each in replays.replays(experiment)]}


def replayed(each: replays.Replay) -> dict[str, Any]:
    told = each.told
    of = {"experiment": each.experiment.pk, "name": each.experiment.name, "state": each.experiment.job.state, "words": each.words}
    if told is None:
        return of | dict.fromkeys(("verdict", "epoch", "figure", "changed", "n"))
    return of | {"verdict": told.verdict, "epoch": told.epoch, "figure": told.figure or None, "changed": told.changed, "n": told.n}
