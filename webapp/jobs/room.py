"""Room on the disk of the data folder: with next to none no job is begun, and one that found none waits until there is some."""

from __future__ import annotations

import os

from django.conf import settings

from webapp.core.words import bytes_size

DISK_FULL = "disk_full"  # the code of a job that found no room, the engine's too
PROMISE = "Jobs wait, and go on by themselves once"  # in what is told of a job that was put back for want of room
WHAT_TO_FREE = "Empty the trash, delete datasets and experiments that nobody needs, or give it a larger disk."


def free_bytes() -> int | None:
    """What may still be written there; None where the file system does not say."""
    try:
        told = os.statvfs(settings.SYNSET_HOME)
    except OSError:
        return None
    return told.f_bavail * told.f_frsize if told.f_blocks else None


def lacking(free: float | None = None) -> str:
    """That the disk is full, with how much is free and what to free; empty where a job may begin. `free` where it is known already."""
    free = free_bytes() if free is None else free
    if free is None or free >= settings.JOB_LEAST_FREE_BYTES:
        return ""
    return f"The disk of the data folder is full: {bytes_size(free)} are free. {WHAT_TO_FREE}"


def goes_on() -> str:
    """When what waits for room goes on."""
    return f"{PROMISE} {bytes_size(settings.JOB_LEAST_FREE_BYTES)} are free."


def waited_for() -> str:
    """What is told of jobs that wait for room, and when they go on; empty while there is room."""
    full = lacking()
    return f"{full} {goes_on()}" if full else ""


def why(error: str, full: str) -> str:
    """Why a job waits. One that was put back for want of room waits for what `full` says of the disk now: nothing once it has room."""
    return full if PROMISE in error else error


def advice() -> str:
    """Of a disk that has some room, yet too little for what a job wanted to write."""
    free = free_bytes()
    return WHAT_TO_FREE if free is None else f"{bytes_size(free)} are free in the data folder. {WHAT_TO_FREE}"
