"""Nudges to the browsers: who is subscribed reads the rows that a nudge speaks of."""

from __future__ import annotations

import asyncio
import logging
import time

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
SEND_SECONDS = 2.0  # a Redis that hangs must not hold up a training's heartbeat
PAUSE_SECONDS = 5.0  # after a failure; sockets poll the database meanwhile


class Pause:
    """Until when nothing is sent because Redis did not answer."""

    until = 0.0


def job_group(job_id: str) -> str:
    """Who watches one job."""
    return f"job.{job_id}"


def team_group(team_id: str) -> str:
    """Who watches whatever a team does."""
    return f"team.{team_id}"


def nudge(job_id: str, team_id: str, seq: int) -> None:
    """Say that the job now has events up to `seq`. Never raises for a broken Redis: the rows are the truth."""
    if time.monotonic() < Pause.until:
        return
    try:
        async_to_sync(send)(job_id, team_id, seq)
    except (RedisError, OSError, TimeoutError) as error:
        Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning("Live updates are delayed, Redis does not answer: %s", error)


async def send(job_id: str, team_id: str, seq: int) -> None:
    """The nudge to both groups, within SEND_SECONDS."""
    layer = get_channel_layer()
    async with asyncio.timeout(SEND_SECONDS):
        for group in (job_group(job_id), team_group(team_id)):
            await layer.group_send(group, {"type": "job.nudge", "group": group, "job": job_id, "seq": seq})
