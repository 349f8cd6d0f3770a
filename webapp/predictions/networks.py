"""What may classify: the team's trained networks, and published ones with their own 1,000 classes of ImageNet."""

from __future__ import annotations

from typing import Any, NamedTuple

from classifier.spec import bundled
from classifier.spec.catalogue import MODELS, ModelEntry
from classifier.spec.local_weights import at_hand, local_file
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import get_for
from webapp.datasets.addresses import links
from webapp.datasets.models import DatasetVersion
from webapp.evaluations.models import EmbeddingMap
from webapp.evaluations.space import reading
from webapp.experiments.learning import learnt_classes
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model
from webapp.predictions.client import PUBLISHED

NO_NETWORK = "This experiment has no trained network yet. Choose another one, or wait for its training."
NO_WEIGHTS = "The published weights of this network are not on this machine. Choose another one."


class Published(NamedTuple):
    """One entry of the page's list."""

    value: str
    text: str
    name: str


class Network(NamedTuple):
    """One that was chosen: how the worker is asked for it, and the readable names of its labels, as far as it does not tell them."""

    source: str
    names: dict[str, str]
    name: str
    model: str
    space: EmbeddingMap | None = None  # where the images lie that it learnt from, if that was looked at


def published() -> list[Published]:
    """The networks whose published weights are on this machine; what comes with Synset first."""
    names = sorted(at_hand(), key=lambda name: name != bundled.MODEL)
    return [Published(f"{PUBLISHED}{name}", words(MODELS[name]), name) for name in names]


def words(entry: ModelEntry) -> str:
    """ "efficientnet_lite0 · top-1 75.1 % · comes with Synset"."""
    top1 = [] if entry.top1 is None else [f"top-1 {entry.top1:.1f} %"]
    comes = ["comes with Synset"] if entry.name == bundled.MODEL and bundled.bundled_file() else []
    return " · ".join([entry.name, *top1, *comes])


def chosen(actor: Actor, wanted: str) -> Network | None:
    """The network of that value of the list; None where it has learnt nothing yet. Of another team, or of none: 404."""
    if wanted.startswith(PUBLISHED):
        name = wanted.removeprefix(PUBLISHED)
        return Network(wanted, {}, name, "ImageNet") if name in MODELS and local_file(name) else None
    experiment = get_for(actor, Experiment, wanted, "classify")
    loaded = Experiment.objects.select_related("job", "version").get(id=experiment.id)
    if not has_model(loaded):
        return None
    return Network(str(loaded.folder), names_of(loaded), loaded.name, str(loaded.config["model"]), reading.index_of(loaded))


def missing(wanted: str) -> str:
    """Why there is no network of that value."""
    return NO_WEIGHTS if wanted.startswith(PUBLISHED) else NO_NETWORK


def classes(actor: Actor, wanted: str) -> list[tuple[str, str]]:
    """(label, readable name) of what the network tells apart; none of a published one, whose names its answers bring along."""
    if wanted.startswith(PUBLISHED):
        return []
    experiment = get_for(actor, Experiment, wanted, "classify")
    return [(entry["label"], entry["name"] or entry["label"]) for entry in learnt_classes(experiment.version)]


def names_of(experiment: Experiment) -> dict[str, str]:
    """Readable name of each label."""
    return {entry["label"]: entry["name"] or entry["label"] for entry in experiment.version.classes}


def with_images(results: list[dict[str, Any]], network: Network) -> list[dict[str, Any]]:
    """The results with the addresses of their nearest training images, and how their classes are called; erased ones are left out."""
    wanted = {near["position"] for result in results for near in result.get("nearest", ())}
    if network.space is None or not wanted:
        return results
    version = network.space.experiment.version
    images = dict(version.samples.filter(position__in=wanted).values_list("position", "image"))
    return [
        result
        | {
            "nearest": [
                addressed(near, version, images[near["position"]], network.names)
                for near in result["nearest"]
                if near["position"] in images
            ]
        }
        if "nearest" in result
        else result
        for result in results
    ]


def addressed(near: dict[str, Any], version: DatasetVersion, image: int, names: dict[str, str]) -> dict[str, Any]:
    """One of them."""
    return {**near, **links(version, image), "name": names.get(near["label"]) or near["label"], "small": version.small}


def named(result: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The result with a readable name beside each label."""
    if "top" not in result:
        return result
    return result | {"top": [{**top, "name": names.get(top["label"]) or top.get("name") or top["label"]} for top in result["top"]]}
