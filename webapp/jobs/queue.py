"""The only door to Celery. A message is a poke: it says that there is work, the database says which."""

from __future__ import annotations

import logging
from functools import cache

from celery import Celery
from celery.exceptions import CeleryError
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
RUN_JOB = "worker.run_job"
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}  # kombu's; of none it makes "for ever"


class Patience:
    """Seconds that a Redis which hangs, and does not even refuse, is waited for. The keeper, for whom nobody waits, has more."""

    seconds = 2.0


@cache
def sender() -> Celery:
    """The web's end of Celery, with the same settings as the worker's."""
    app = Celery("synset-sender", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    impatient = {**AT_ONCE, "socket_timeout": Patience.seconds}  # somebody waits for the page
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **impatient}
    return app


def poke(job_id: str, queue: str) -> None:
    """Tell a worker of that queue that a job waits. A poke that is lost is sent again by the keeper, so this never raises."""
    try:
        sender().send_task(RUN_JOB, args=[job_id], queue=queue, retry=False)
    except (KombuError, CeleryError, RedisError, OSError) as error:
        logger.warning("Job %s is saved and waits; the queue's Redis does not answer yet: %s", job_id, error)
