"""Previews that the resident worker draws for `webapp.experiments.preview_client`, when nobody waits for a classification."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import redis

from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.preview import Previewer
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError
from webapp.experiments.preview_client import reply_key, wanted_key

logger = logging.getLogger(__name__)
DATASETS_KEPT = 4
REPLY_SECONDS = 30
GONE = "The images of this dataset cannot be read now. If it is being imported again, wait for that; else import it again."
BROKEN = "The preview could not be drawn: {error}. A training may fail likewise; the log of the interactive worker says more."


class Wanted(NamedTuple):
    """One preview that somebody waits for."""

    id: str
    data: str
    config: dict[str, Any]
    number: int


class Previewers:
    """The most recently shown datasets, each until it is imported anew."""

    def __init__(self) -> None:
        self.kept: OrderedDict[tuple[Any, ...], Previewer] = OrderedDict()

    def get(self, data: str, config: TrainConfig) -> Previewer:
        """Raises InputError where nothing can be shown, OSError where the dataset is gone."""
        key = (data, (Path(data) / "dataset.json").stat().st_mtime_ns, config.folds, config.fold)
        if key not in self.kept:
            self.kept[key] = Previewer(folded(Dataset.open(data).labelled(), config.folds, config.fold))
            while len(self.kept) > DATASETS_KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(key)
        return self.kept[key]


def read_wanted(server: redis.Redis, text: bytes) -> Wanted | None:
    """The request; None when nobody waits any more."""
    told = json.loads(text)
    return Wanted(**told) if server.delete(wanted_key(told["id"])) else None


def draw(previewers: Previewers, wanted: Wanted) -> dict[str, Any]:
    """{"preview": {…}}, or {"error": sentence}."""
    try:
        config = TrainConfig(**wanted.config)
        return {"preview": previewers.get(wanted.data, config).preview(config, wanted.number)}
    except FileNotFoundError:
        return {"error": GONE}
    except ClassifierError as error:
        return {"error": error.message}
    except Exception as error:  # whatever it is, the worker goes on for the others
        logger.exception("A preview of %s failed", wanted.data)
        return {"error": BROKEN.format(error=type(error).__name__)}


def reply(server: redis.Redis, previewers: Previewers, wanted: Wanted) -> None:
    """Draws it, and puts the answer where its caller waits."""
    told = draw(previewers, wanted)
    with server.pipeline(transaction=True) as pipe:
        pipe.rpush(reply_key(wanted.id), json.dumps(told))
        pipe.expire(reply_key(wanted.id), REPLY_SECONDS)
        pipe.execute()
