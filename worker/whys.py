"""Says why networks say what they say, for `webapp.experiments.why_client`, in a thread beside the classifications.

It has networks of its own, for what is watched inside of one must not be watched while another thread classifies with it.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any, NamedTuple

import redis
from django.conf import settings
from redis.exceptions import RedisError

from classifier.explain import Explainer
from classifier.explain.answers import answer
from classifier.spec.errors import ClassifierError, Interrupted, is_out_of_memory
from webapp.experiments.why_client import WHYS, image_key, reply_key, wanted_key
from worker.networks import Models

logger = logging.getLogger(__name__)
WAIT_SECONDS = 1
REPLY_SECONDS = 30
KEPT = 2  # networks, for two are looked at side by side
BROKEN = "The network could not be looked into: {error}. Train it again, or look into the log of the interactive worker."

NO_MEMORY = (
    "The device has no memory left to look into this network. Try again when no training runs on it, "
    "or choose Grad-CAM, which takes the least."
)


class Wanted(NamedTuple):
    """One question that somebody waits for."""

    id: str
    run: str
    checkpoint: str
    file: str
    ask: dict[str, Any]
    image: bytes
    raw: bool = False  # the weights themselves, where the checkpoint keeps an average of them


class Whys:
    """Serves one question after another until it is stopped."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="whys", daemon=True)

    def start(self) -> Whys:
        self.thread.start()
        return self

    def stop(self) -> None:
        """After the pass under way."""
        self.over.set()
        self.thread.join(WAIT_SECONDS + 10)

    def run(self) -> None:
        """A Redis that is away is waited for."""
        server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=WAIT_SECONDS + 5)
        models = Models(Explainer, most=KEPT)
        while not self.over.is_set():
            try:
                serve(server, models, self.over)
            except (RedisError, OSError) as error:
                logger.warning("Nothing is explained: %s", error)
                self.over.wait(WAIT_SECONDS)
            except Exception:  # whatever it is, the thread goes on for the others
                logger.exception("A question could not be read or answered")


def serve(server: redis.Redis, models: Models[Explainer], over: threading.Event) -> None:
    """One question, if one comes, and the answer where its caller waits."""
    first: Any = server.blpop([WHYS], timeout=WAIT_SECONDS)
    wanted = read_wanted(server, first[1]) if first else None
    if wanted is None:
        return
    told = said(models, wanted, lambda: over.is_set() or not server.exists(wanted_key(wanted.id)))
    with server.pipeline(transaction=True) as pipe:
        pipe.rpush(reply_key(wanted.id), json.dumps(told))
        pipe.expire(reply_key(wanted.id), REPLY_SECONDS)
        pipe.execute()


def read_wanted(server: redis.Redis, text: bytes) -> Wanted | None:
    """The question with its picture; None when nobody waits any more."""
    told = json.loads(text)
    image: Any = server.get(image_key(told["id"]))
    return None if image is None or not server.exists(wanted_key(told["id"])) else Wanted(**told, image=image)


def said(models: Models[Explainer], wanted: Wanted, should_stop: Any) -> dict[str, Any]:
    """{"answer": {…}}, or {"error": sentence}."""
    try:
        explainer = models.get(wanted.run, wanted.checkpoint, raw=wanted.raw)
        return {"answer": answer(explainer, wanted.file, wanted.image, wanted.ask, should_stop)}
    except Interrupted:
        return {"error": "Nobody waits for it any more."}
    except ClassifierError as error:
        return {"error": error.message}
    except Exception as error:  # whatever it is, the thread goes on for the others
        logger.exception("Looking into %s failed", wanted.run)
        return {"error": NO_MEMORY if is_out_of_memory(error) else BROKEN.format(error=type(error).__name__)}
