"""The networks that the resident worker keeps loaded: the most recently used, as many as their memory's budget holds."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Generic, TypeVar, cast

from django.conf import settings

from classifier.predict import Predictor, Source
from classifier.published import Published
from classifier.spec.errors import InputError
from classifier.spec.local_weights import local_file
from classifier.spec.runfile import MANIFEST
from classifier.training.memory import give_back_cached, gpu_bytes
from webapp.predictions.client import PUBLISHED
from worker.memory import host_bytes

SHARE = 0.125  # of the host's memory, and of a GPU's where it classifies there, unless SYNSET_LOADED_MB says otherwise
OBJECTS = 1_000_000  # bytes that a network takes beside its weights, so that thousands of tiny ones have an end too
MEGABYTE = 1_000_000

Key = tuple[str, int, str, bool]  # of a run or a published network, of the state of its files, of the checkpoint, and whether it is raw
Kept = TypeVar("Kept", bound=Predictor)


class Models(Generic[Kept]):
    """The most recently used networks, each until its run's checkpoints or its published weights change; no more than `most`, if that
    is said."""

    def __init__(self, kind: type[Kept] | None = None, most: int | None = None) -> None:
        self.kind, self.most = cast(type[Kept], kind or Predictor), most
        self.kept: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, run: str, checkpoint: str = "best", *, raw: bool = False) -> Kept:
        """That network of a RUN (`raw`: without the average of its weights), or a published one; ClassifierError where there is none."""
        name = run.removeprefix(PUBLISHED) if run.startswith(PUBLISHED) else ""
        key = (run, stamp(weights_of(name) if name else Path(run) / MANIFEST), checkpoint, raw)
        if key not in self.kept:
            self.forget(*[other for other in self.kept if other[0] == run and other[1] != key[1]])  # an earlier state of the same
            self.kept[key] = self.kind(published(name) if name else Path(run), checkpoint=checkpoint, raw=raw, device=device())
            self.forget(*self.too_many(budget(self.kept[key])))
        self.kept.move_to_end(key)
        return self.kept[key]

    def too_many(self, most: int) -> list[Key]:
        """Those beyond so many bytes, or beyond so many, the longest unused first; the newest stays, however large it is."""
        held = sum(map(taken, self.kept.values()))
        gone: list[Key] = []
        for key, predictor in list(self.kept.items())[:-1]:
            if held <= most and (self.most is None or len(self.kept) - len(gone) <= self.most):
                break
            held -= taken(predictor)
            gone.append(key)
        return gone

    def forget(self, *keys: Key) -> None:
        """Gives their memory back."""
        for key in keys:
            del self.kept[key]
        if keys:
            give_back_cached()


def taken(predictor: Predictor) -> int:
    """Bytes that it takes while it is loaded."""
    return predictor.held_bytes + OBJECTS


def budget(newest: Predictor) -> int:
    """Bytes that all of them together may take; all are on one device."""
    if settings.LOADED_MEGABYTES is not None:
        return int(settings.LOADED_MEGABYTES * MEGABYTE)
    return int(SHARE * min(host_bytes(), gpu_bytes(newest.device) or host_bytes()))


def device() -> str:
    """Where to classify: what SYNSET_DEVICES names first."""
    return settings.SYNSET_DEVICES.split(",")[0] or "auto"


def published(name: str) -> Source:
    """The network with its ImageNet head, from weights on this machine: nobody waits here for a download."""
    return Published(name, str(weights_of(name)))


def weights_of(name: str) -> Path:
    """Its weights file; raises InputError where it is not on this machine."""
    file = local_file(name)
    if file is None:
        raise InputError(
            f"The weights of {name} are not on the machine that classifies. Put them into SYNSET_WEIGHTS there, or choose another."
        )
    return file


def stamp(file: Path) -> int:
    """Changes with what is in the file."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
