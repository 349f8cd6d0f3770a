"""How much memory steps take, measured: on a GPU what torch allocated at most, else how far this process grew.

A process keeps what it freed, so the growth is taken from where its free memory has gone back to the system.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from torch import nn

OWN = Path("/proc/self")
CGROUP = Path("/sys/fs/cgroup")
RESET_PEAK = "5"  # of /proc/PID/clear_refs (proc(5))


@dataclass
class Peak:
    """Filled in when the measuring ends."""

    bytes: int = 0  # at the peak: all that torch holds on a GPU; on the processor the growth alone
    growth: int = 0  # from before the steps to their peak


def memory_words(device: torch.device) -> str:
    """What `Peak.bytes` counts there."""
    return "allocated on the GPU at the peak" if device.type == "cuda" else "growth of the process to its peak"


@contextmanager
def peak_memory(device: torch.device) -> Iterator[Peak]:
    """Measures the peak of what runs inside it."""
    peak = Peak()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        yield peak
        torch.cuda.synchronize(device)
        peak.bytes = torch.cuda.max_memory_allocated(device)
        peak.growth = peak.bytes - before
        return
    give_back_freed()
    reset = reset_peak()
    before = resident("VmRSS") if reset else most_resident()
    yield peak
    peak.bytes = peak.growth = max(0, (resident("VmHWM") if reset else most_resident()) - before)


def give_back_freed() -> None:
    """What was freed goes back to the system, where the C library can do so; else growth into it would not be seen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def give_back_cached() -> None:
    """The same, and what torch keeps of a GPU's for later."""
    give_back_freed()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def gpu_bytes(device: torch.device) -> int | None:
    """The memory of a GPU, used or not; None where the device is none."""
    return int(torch.cuda.get_device_properties(device).total_memory) if device.type == "cuda" else None


def reset_peak() -> bool:
    """Whether the system let the peak of this process begin anew; else only a new record of its whole life is seen."""
    try:
        (OWN / "clear_refs").write_text(RESET_PEAK)
    except OSError:
        return False
    return resident("VmHWM") > 0


def resident(name: str) -> int:
    """A figure of this process in bytes, as Linux tells it; 0 elsewhere."""
    return kilobytes(OWN / "status", name)


def kilobytes(file: Path, name: str) -> int:
    """The line `NAME: N kB` of a file of /proc, in bytes; 0 where there is none."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def most_resident() -> int:
    """The most that this process ever held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def free_memory(device: torch.device) -> int | None:
    """Bytes that a step could still take there; None where nothing tells."""
    if device.type == "cuda":
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + held
    found = [left for left in (kilobytes(Path("/proc/meminfo"), "MemAvailable") or None, left_in_container()) if left is not None]
    return min(found) if found else None


def left_in_container() -> int | None:
    """What a container's limit leaves, its file cache counted as free; None where there is no limit."""
    try:
        limit, used = ((CGROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
        told = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return max(0, int(limit) - int(used) + int(told.get("inactive_file", 0))) if limit.isdecimal() else None


def copy_bytes(model: nn.Module, *, whole: bool = False) -> int:
    """What a copy of the network takes that is trained: weights, statistics and gradients; whole: also of what is frozen now."""
    kept = sum(tensor.numel() * tensor.element_size() for tensor in chain(model.parameters(), model.buffers()))
    return kept + sum(p.numel() * p.element_size() for p in model.parameters() if whole or p.requires_grad)


def size_words(count: int) -> str:
    """ "1.3 GB", "640 MB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6)):,} MB"


def keep_freed_memory() -> None:
    """Tells the C library to keep freed memory in place of giving it back to the kernel after each step.

    Activations of a batch are tens of megabytes, allocated and freed every step; giving them back costs a page fault
    for each 4 kB touched again. Does nothing where the C library is not glibc.
    """
    if sys.platform != "linux":
        return
    trim_threshold, mmap_threshold, most = -1, -3, 2**31 - 1  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(mmap_threshold, most)
        mallopt(trim_threshold, most)
