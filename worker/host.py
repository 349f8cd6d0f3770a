"""What a process tells of its host: how busy it is, what it runs on, and in which versions."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from webapp.core.schema import fingerprint
from webapp.core.version import version as synset_version

LEAST_SECONDS = 0.5  # of processor time between two looks, below which a share says nothing


def versions() -> dict[str, str]:
    """Of Synset, the tables it needs, Python and torch, whose metadata is read: importing it would cost 200 MB."""
    return {"synset": synset_version(), "schema": fingerprint(), "python": platform.python_version(), "torch": packaged("torch")}


def packaged(name: str) -> str:
    """An installed package's version; empty without it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


class Host:
    """The figures of this host; processor use is what it was since the last look."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.looked = time.monotonic()
        psutil.cpu_percent()

    def figures(self) -> dict[str, Any]:
        """Shares of 1, bytes and counts; what cannot be read is left out."""
        memory = psutil.virtual_memory()
        told: dict[str, Any] = {
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "memory_used": memory.total - memory.available,
            "memory_total": memory.total,
        }
        return told | self.cpu() | self.disk()

    def cpu(self) -> dict[str, float]:
        """Nothing at the first look, which has nothing to compare with."""
        now = time.monotonic()
        if now - self.looked < LEAST_SECONDS:
            return {}
        self.looked = now
        return {"cpu": round(psutil.cpu_percent() / 100, 3)}

    def disk(self) -> dict[str, int]:
        """Of the data folder's file system."""
        try:
            usage = psutil.disk_usage(str(self.home))
        except OSError:
            return {}
        return {"disk_free": usage.free, "disk_total": usage.total}
