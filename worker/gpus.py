"""The host's GPUs by NVML, the driver's own library. No torch; a host without driver or bindings has none."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

AGAIN_SECONDS = 60.0  # a driver may come, or come back, while we run
MILLI = 1000


class Gpus:
    """What NVML tells. It is opened at the first question and again after a while where it could not be."""

    def __init__(self) -> None:
        self.nvml: Any = None
        self.try_at = 0.0

    def figures(self) -> dict[str, Any]:
        """{"driver", "gpus": [{"index", "name", "memory_used", "memory_total", "use", "temperature", "watts"}]}, bytes and shares of 1.

        Each GPU has those that it tells: a slice of one, or one that fell off the bus, does not tell all. Empty without NVML.
        """
        nvml = self.nvml or self.open()
        if nvml is None:
            return {}
        try:
            count = int(nvml.nvmlDeviceGetCount())
            return {"driver": words(nvml.nvmlSystemGetDriverVersion()), "gpus": [gpu(nvml, index) for index in range(count)]}
        except nvml.NVMLError:
            self.nvml = None  # the driver was reloaded, or is gone
            return {}

    def open(self) -> Any:
        """The bindings with NVML open, or None."""
        if time.monotonic() < self.try_at:
            return None
        self.try_at = time.monotonic() + AGAIN_SECONDS
        try:
            import pynvml
        except ImportError:
            return None
        try:
            pynvml.nvmlInit()
        except (pynvml.NVMLError, OSError):
            return None
        self.nvml = pynvml
        return pynvml


def gpu(nvml: Any, index: int) -> dict[str, Any]:
    """One GPU's figures."""
    told: dict[str, Any] = {"index": index}

    def ask(name: str, question: Callable[[Any], Any]) -> None:
        with contextlib.suppress(nvml.NVMLError):  # this one does not tell
            told[name] = question(handle)

    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
    except nvml.NVMLError as error:
        return told | {"fault": str(error)}
    ask("name", lambda it: words(nvml.nvmlDeviceGetName(it)))
    ask("memory_used", lambda it: int(nvml.nvmlDeviceGetMemoryInfo(it).used))
    ask("memory_total", lambda it: int(nvml.nvmlDeviceGetMemoryInfo(it).total))
    ask("use", lambda it: nvml.nvmlDeviceGetUtilizationRates(it).gpu / 100)
    ask("temperature", lambda it: int(nvml.nvmlDeviceGetTemperature(it, nvml.NVML_TEMPERATURE_GPU)))
    ask("watts", lambda it: round(nvml.nvmlDeviceGetPowerUsage(it) / MILLI))
    return told


def words(text: Any) -> str:
    """Older bindings give bytes."""
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
