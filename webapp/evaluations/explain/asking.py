"""From a row of an evaluation to what the resident worker is asked, and its answers in words."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from django.http import Http404

from classifier.spec.errors import InputError
from classifier.spec.explaining import DEFAULT, METHODS
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import get_for
from webapp.core.resident import Soon, Unavailable
from webapp.datasets import packs
from webapp.datasets.models import Sample
from webapp.evaluations.models import Evaluation
from webapp.experiments import checkpoints, why_client
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model

FORGOTTEN = -1  # the position of an image that was erased
NO_ROW = "This evaluation has no image {row}."
OLD = "This evaluation is of an earlier release, which kept no columns of its predictions. Evaluate the checkpoint again, and look there."
ERASED = "This image was erased: its figures stay, its pixels are gone, so there is nothing to explain."
GONE = "The files of this image are not on this server, so there is nothing to explain."
NO_MODEL = "{name} has no trained network yet; choose another one, or wait for its training."
RAW = ", its weights not averaged"
ALONE = ", of the image alone"  # where what was measured is the mean over several views
LABEL_LENGTH = 200
MOVED = " as it is now, of epoch {now}: that of epoch {then}, which was measured, is not kept"
NO_VIEWS = "none"


class Row(NamedTuple):
    """One prediction: the image as it is kept, what is true and what was said."""

    number: int
    path: str
    picture: why_client.Picture
    true: str
    said: str
    probability: float


class Side(NamedTuple):
    """One network that is asked."""

    name: str
    model: str
    source: str  # as the worker is asked for it: a RUN folder, or published:NAME
    checkpoint: str
    words: str
    raw: bool = False


class Asked(NamedTuple):
    """What somebody wants to see."""

    method: str
    label: str  # empty: what the network says
    beside: str  # another experiment's id; empty: none


def asked_in(fields: Any) -> Asked:
    """From an address's query; raises InputError for an unknown method."""
    method = str(fields.get("method") or DEFAULT)
    if method not in METHODS:
        raise InputError(f"The method must be one of {', '.join(METHODS)}; {method[:40]} came.")
    return Asked(method, str(fields.get("label") or "")[:LABEL_LENGTH], str(fields.get("beside") or ""))


def row_of(evaluation: Evaluation, number: int) -> Row:
    """The prediction with its image; Http404 where there is none, InputError where its image is no more."""
    scored = evaluation.scored
    if scored is None:
        raise InputError(OLD) if evaluation.result else Http404(NO_ROW.format(row=number))
    if number >= len(scored):
        raise Http404(NO_ROW.format(row=number))
    entry, classes = scored[number], evaluation.classes
    sample = Sample.objects.filter(version=evaluation.version, position=int(entry["position"])).first()
    if int(entry["position"]) == FORGOTTEN or sample is None:
        raise InputError(ERASED)
    try:
        data, _ = packs.picture(evaluation.version, sample.image)
    except packs.Missing:
        raise InputError(ERASED if packs.erased(evaluation.version, [sample.image]) else GONE) from None
    picture = why_client.Picture(sample.path, data)
    return Row(number, sample.path, picture, classes[entry["label"]], classes[entry["predicted"]], float(entry["probability"]))


def sides_of(actor: Actor, evaluation: Evaluation, asked: Asked) -> list[Side]:
    """The evaluation's network, and the one beside it; raises InputError where that has learnt nothing yet."""
    several = (evaluation.views or evaluation.experiment.config.get("tta") or NO_VIEWS) != NO_VIEWS
    checkpoint, lost = measured(evaluation)
    words = f"{checkpoints.at_length(checkpoint)}{RAW if evaluation.raw else ''}{ALONE if several else ''}{lost}"
    found = [side_of(evaluation.experiment, checkpoint, words, raw=evaluation.raw)]
    if asked.beside:
        other = get_for(actor, Experiment, asked.beside, "experiment.read")
        other = Experiment.objects.select_related("job").get(pk=other.pk)
        if not has_model(other):
            raise InputError(NO_MODEL.format(name=other.name))
        found.append(side_of(other))
    return found


def measured(evaluation: Evaluation) -> tuple[str, str]:
    """The checkpoint that an evaluation measured, as the worker is asked for it, and what is to be said where it is not kept any more:
    a run that went on has another one that is best or last."""
    experiment, epoch = evaluation.experiment, (evaluation.result or {}).get("epoch")
    now = checkpoints.entry(experiment, evaluation.checkpoint)
    if epoch is None or now is None or now.get("epoch") == epoch:
        return evaluation.checkpoint, ""
    if epoch in checkpoints.kept_epochs(experiment.folder):
        return str(epoch), ""
    return evaluation.checkpoint, MOVED.format(now=now["epoch"], then=epoch)


def side_of(experiment: Experiment, checkpoint: str = "best", words: str = "best checkpoint", *, raw: bool = False) -> Side:
    """The network of an experiment, at a checkpoint."""
    return Side(experiment.name, str(experiment.config["model"]), str(experiment.folder), checkpoint, words, raw)


async def explained(picture: why_client.Picture, sides: list[Side], asked: Asked) -> list[dict[str, Any]]:
    """For each network its answer, or {"error": sentence, "again": whether asking again may help, "soon": in moments}."""
    question = {"about": "why", "method": asked.method, "label": asked.label}
    found: list[dict[str, Any]] = list(await asyncio.gather(*(one(side, picture, question) for side in sides)))
    return found


async def one(side: Side, picture: why_client.Picture, question: dict[str, Any]) -> dict[str, Any]:
    """One network's answer."""
    try:
        return await why_client.ask(side.source, picture, question, checkpoint=side.checkpoint, raw=side.raw)
    except Unavailable as error:
        return {"error": str(error), "again": not isinstance(error, why_client.Refused), "soon": isinstance(error, Soon)}
