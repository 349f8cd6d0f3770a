"""The resident worker: keeps recent networks loaded and answers what `webapp.predictions.client` asks.

Between classifications it draws the previews that `webapp.experiments.preview_client` asks for (`worker.previews`); beside them it has
images looked at that wait in drafts (`worker.peeks`), and says why networks say what they say (`worker.whys`).

    python -m worker.interactive

SIGTERM and SIGINT end it after the answer under way.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
import django

from classifier.spec.loading import loading
from classifier.threads import share_cores

share_cores()  # before torch is loaded

with loading():
    django.setup()

    import redis
    from django.conf import settings
    from redis.exceptions import RedisError

    from classifier.data.pack import Patience
    from classifier.metrics import embedding
    from classifier.predict import Predictor
    from classifier.spec.errors import ClassifierError
    from webapp.experiments.preview_client import PREVIEWS
    from webapp.predictions.client import ALIVE, REQUESTS, images_key, reply_key
    from worker import previews
    from worker.networks import Models
    from worker.nodes import Reporter
    from worker.peeks import Peeks
    from worker.whys import Whys

logger = logging.getLogger(__name__)
WAIT_SECONDS = 1
GATHER_SECONDS = 0.005  # what arrives within this of the first request shares its batch
MOST_REQUESTS = 32
REPLY_SECONDS = 60
READING_SECONDS = 15.0  # that the pictures of one request may take to be read: others wait behind them, for 30 s
ALIVE_SECONDS = 30  # longer than a large network takes to load and answer
BROKEN = "The network could not be used: {error}. Train it again, or look into the log of the interactive worker."


class Request(NamedTuple):
    """One call that somebody waits for."""

    id: str
    run: str
    files: list[tuple[str, bytes]]
    near: str = ""  # a stem of files that say where the training images lie (classifier.metrics.embedding); empty: not asked for


def read_request(server: redis.Redis, text: bytes) -> Request | None:
    """The request with its pictures; None when nobody waits any more."""
    told = json.loads(text)
    with server.pipeline(transaction=True) as pipe:
        pipe.lrange(images_key(told["id"]), 0, -1)
        pipe.delete(images_key(told["id"]))
        images = pipe.execute()[0]
    if len(images) != len(told["files"]):
        return None
    return Request(told["id"], told["run"], list(zip(told["files"], images, strict=True)), told.get("near", ""))


def gather(server: redis.Redis, stop: threading.Event) -> list[Request] | previews.Wanted:
    """The next requests: waits for one, takes the others that came with it. A preview, one at a time, only where nobody classifies."""
    first: Any = server.blpop([REQUESTS, PREVIEWS], timeout=WAIT_SECONDS)
    if first is None:
        return []
    if first[0] == PREVIEWS.encode():
        return previews.read_wanted(server, first[1]) or []
    stop.wait(GATHER_SECONDS)
    more: Any = server.lpop(REQUESTS, MOST_REQUESTS) or []
    return [request for text in (first[1], *more) if (request := read_request(server, text))]


def answer(models: Models[Predictor], run: str, requests: list[Request], near: str = "") -> dict[str, dict[str, Any]]:
    """{request: answer} of requests to the same network, computed in one go; with `near` each picture's nearest training images."""
    try:
        calls = [request.id for request in requests for _ in request.files]
        files = [file for request in requests for file in request.files]
        space = embedding.read(Path(near)) if near else None
        results = iter(models.get(run).predict(files, patience=Patience(calls, READING_SECONDS), near=space))
    except ClassifierError as error:
        return {request.id: {"error": error.message} for request in requests}
    except Exception as error:  # whatever it is, the worker goes on for the others
        logger.exception("Classifying with %s failed", run)
        return {request.id: {"error": BROKEN.format(error=type(error).__name__)} for request in requests}
    return {request.id: {"results": [next(results) for _ in request.files]} for request in requests}


def serve(server: redis.Redis, models: Models[Predictor], previewers: previews.Previewers, stop: threading.Event) -> None:
    """One round: gather, answer, reply."""
    by_run: dict[tuple[str, str], list[Request]] = {}
    gathered = gather(server, stop)
    if isinstance(gathered, previews.Wanted):
        previews.reply(server, previewers, gathered)
        return
    for request in gathered:
        by_run.setdefault((request.run, request.near), []).append(request)
    for (run, near), requests in by_run.items():
        for key, told in answer(models, run, requests, near).items():
            with server.pipeline(transaction=True) as pipe:
                pipe.rpush(reply_key(key), json.dumps(told))
                pipe.expire(reply_key(key), REPLY_SECONDS)
                pipe.execute()


def run(stop: threading.Event) -> None:
    """Until it is stopped; a Redis that is away is waited for."""
    server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=WAIT_SECONDS + 5)
    models, previewers = Models[Predictor](), previews.Previewers()
    while not stop.is_set():
        try:
            server.set(ALIVE, 1, ex=ALIVE_SECONDS)
            serve(server, models, previewers, stop)
        except (RedisError, OSError) as error:
            logger.warning("Waiting for Redis: %s", error)
            stop.wait(1.0)


def main() -> None:
    """Runs until a signal."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    reporter = Reporter(f"interactive@{socket.gethostname()}", "interactive").start()
    looking, whys = Peeks().start(), Whys().start()
    run(stop)
    looking.stop()
    whys.stop()
    reporter.stop()


if __name__ == "__main__":
    main()
