"""The Celery application of the workers.

    python -m celery -A worker.celery worker -Q device -n device@%h --without-mingle --without-gossip
    python -m celery -A worker.celery worker -Q host   -n host@%h   --without-mingle --without-gossip

Without `-c` each takes as many slots as the host offers. SIGTERM stops in good order: running children keep a checkpoint,
their jobs go back to the queue.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, signals

from worker import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

broker.prefer()
app = Celery("synset")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("worker.tasks",)
logger = logging.getLogger(__name__)
REPORTERS: list[Any] = []


@signals.celeryd_init.connect
def choose_concurrency(sender: str, conf: Any, options: dict[str, Any], **_: Any) -> None:
    """As many pool processes as slots, unless the command line says otherwise."""
    from webapp.core import schema
    from worker import slots

    schema.of_code()  # as it is now, before an update changes the files; the pool inherits it
    if not options.get("concurrency"):
        conf.worker_concurrency = slots.count(sender.partition("@")[0])


@signals.worker_ready.connect
def report(sender: Any, **_: Any) -> None:
    """The node reports itself from now on."""
    from webapp.jobs.models import Queue
    from worker import slots
    from worker.nodes import Reporter

    name = sender.hostname
    role = name.partition("@")[0]
    serves_devices = role == Queue.DEVICE
    if serves_devices:
        slots.restore()
    shown = [slot.name for slot in slots.devices()] if serves_devices else []
    REPORTERS.append(Reporter(name, role, sender.controller.concurrency, slots.facts if serves_devices else dict, devices=shown).start())


@signals.worker_shutting_down.connect
def stop_jobs(**_: Any) -> None:
    """Runs in the main process at SIGTERM; the pool processes see the same flag."""
    from worker import stopping

    stopping.stop()


@signals.worker_shutdown.connect
def leave(**_: Any) -> None:
    """The node is gone."""
    for reporter in REPORTERS:
        reporter.stop()


@signals.worker_process_init.connect
def tie_to_parent(**_: Any) -> None:
    """A pool process dies with its main process, and with it the child whose standard input it holds."""
    from worker.parent import die_with

    die_with(os.getppid())
