"""What this machine is and how fast it really is: everything here is looked up or measured when asked."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from classifier.data.decode import decode
from classifier.data.jpegs import pixels
from classifier.models.build import build
from classifier.spec.bundled import DISTRIBUTION
from classifier.spec.errors import Interrupted
from classifier.spec.events import OnEvent, ShouldStop, ignore, never
from classifier.training.devices import Plan, Trial, choose_device, describe, has_bfloat16, processor_name, synchronise

MEASURE_SECONDS = 0.4  # a figure
MATRIX_SIDE = 1024
STEP_SHAPE = (32, 3, 32, 32)
JPEG_SIDE = 348  # as many photographs in real sets
INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8", "asimd", "bf16", "sve")

# package: what does not work without it
OPTIONAL = {
    "safetensors": "export to safetensors, and reading .safetensors weights",
    "onnx": "export to onnx",
    "onnxruntime": "export to onnx, whose files are computed by it before they are given out",
    "scikit-learn": "the check of a dataset",
    "cleanlab": "the check of a dataset",
    DISTRIBUTION: "ImageNet weights of efficientnet_lite0 without a download, and the check of a dataset, which looks with them",
}
REQUIRED = ("torch", "torchvision", "numpy", "pillow")


def version_of(package: str) -> str | None:
    """The installed version, None where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Of everything that decides a result."""
    return {"python": platform.python_version(), **{name: version_of(name) for name in (*REQUIRED, *OPTIONAL)}, "cuda": torch.version.cuda}


def missing() -> list[dict[str, str]]:
    """Optional packages that are not installed, and what they are for."""
    return [
        {"package": name, "for": purpose, "install": f"pip install {name}"}
        for name, purpose in OPTIONAL.items()
        if version_of(name) is None
    ]


def first_line(path: str) -> str:
    """The first line of a system file, empty where there is none."""
    try:
        return Path(path).read_text().partition("\n")[0]
    except OSError:
        return ""


def instruction_sets() -> list[str]:
    """Those of INSTRUCTION_SETS that the processor says it has."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return []
    flags = set(next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "").split())
    return [name for name in INSTRUCTION_SETS if name in flags]


def usable_cores() -> int:
    """Cores that this process may run on, under a container's quota too."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = first_line("/sys/fs/cgroup/cpu.max").partition(" ")
    return min(allowed, max(1, round(int(quota) / int(period)))) if quota.isdecimal() else allowed


def processor() -> dict[str, Any]:
    """Model, cores and instruction sets."""
    return {
        "model": processor_name(),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "torch_threads": torch.get_num_threads(),
        "instruction_sets": instruction_sets(),
        "torch_kernels": torch.backends.cpu.get_cpu_capability(),
        "bf16_instructions": has_bfloat16(torch.device("cpu")),
    }


def memory() -> dict[str, int]:
    """Bytes in all and free; a container's limit where that is less."""
    page = os.sysconf("SC_PAGE_SIZE")
    total, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    limit = first_line("/sys/fs/cgroup/memory.max")
    return {"total_bytes": min(total, int(limit)) if limit.isdecimal() else total, "free_bytes": free}


def disk() -> dict[str, Any]:
    """Of the folder where data is kept."""
    folder = Path(os.environ.get("SYNSET_HOME") or ".").absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    usage = shutil.disk_usage(there)
    return {"folder": str(folder), "total_bytes": usage.total, "free_bytes": usage.free, "writable": os.access(there, os.W_OK)}


def devices() -> list[dict[str, Any]]:
    """The processor and each GPU that torch can use."""
    found: list[dict[str, Any]] = [{"device": "cpu", "name": processor_name()}]
    for number in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(number)
        found.append({"device": f"cuda:{number}", "name": about.name, "memory_bytes": about.total_memory})
    if torch.backends.mps.is_available():
        found.append({"device": "mps", "name": "Apple GPU"})
    return found


def gpu_note() -> str | None:
    """Why a GPU that is there cannot be used, as far as one can see."""
    if torch.cuda.is_available() or not Path("/dev/nvidiactl").exists():
        return None
    if torch.version.cuda is None:
        return "There is an NVIDIA driver, but this torch is a build without CUDA: install the CUDA build."
    return f"There is an NVIDIA driver, but torch cannot use it: it may be older than CUDA {torch.version.cuda} needs."


def per_second(work: Callable[[], object], device: torch.device) -> float:
    """How often a second the work is done: the median of MEASURE_SECONDS of calls, after one to warm up where that was quick."""
    times = [seconds_of(work, device)]
    if times[0] < MEASURE_SECONDS:
        times = []
    while sum(times) < MEASURE_SECONDS:
        times.append(seconds_of(work, device))
    return 1 / statistics.median(times)


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """How long one call takes, until the device has done it."""
    started = time.perf_counter()
    work()
    synchronise(device)
    return time.perf_counter() - started


def photograph() -> bytes:
    """A JPEG with soft shapes and some grain, so that it costs what photographs cost."""
    coarse = torch.randint(0, 256, (3, 24, 24), generator=torch.Generator().manual_seed(0)).float()
    soft = torch.nn.functional.interpolate(coarse[None], size=(JPEG_SIDE, JPEG_SIDE), mode="bicubic")[0]
    grain = torch.randn(soft.shape, generator=torch.Generator().manual_seed(1)) * 6
    stream = BytesIO()
    Image.fromarray((soft + grain).clamp(0, 255).byte().permute(1, 2, 0).numpy()).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def decode_rates() -> dict[str, float]:
    """Images a second on one core: as training decodes, and as an import does."""
    data = photograph()
    stored, cpu = torch.frombuffer(bytearray(data), dtype=torch.uint8), torch.device("cpu")
    return {
        "training": round(per_second(lambda: pixels(stored), cpu), 1),
        "import": round(per_second(lambda: decode(data, "photograph.jpg"), cpu), 1),
    }


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """10⁹ operations a second of a square matrix product."""
    left = torch.rand(MATRIX_SIDE, MATRIX_SIDE, device=device).to(dtype)
    return round(per_second(lambda: left @ left, device) * 2 * MATRIX_SIDE**3 / 1e9, 1)


def matrix_rates(device: torch.device) -> dict[str, float]:
    """By number format."""
    return {name: matrix_rate(device, dtype) for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))}


def step_rate(plan: Plan, device: torch.device) -> float:
    """Images a second of small_cnn's training step, 32×32 pixels, 32 a batch."""
    trial = Trial(plan, build("small_cnn", 10, image_size=STEP_SHAPE[-1]), torch.rand(STEP_SHAPE), device)
    return round(per_second(trial.step, device) * STEP_SHAPE[0], 1)


def step_rates(device: torch.device) -> Iterator[dict[str, Any]]:
    """Each number format in each memory layout."""
    for plan in (Plan(precision, layout) for precision in ("fp32", "bf16") for layout in (False, True)):
        yield {"precision": plan.precision, "channels_last": plan.channels_last, "images_per_second": step_rate(plan, device)}


def examine(on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> dict[str, Any]:
    """Looks and measures, about ten seconds; gives the "doctor" event. Raises Interrupted between two measurements."""
    found: dict[str, Any] = {"event": "doctor", "versions": versions(), "devices": devices(), "processor": processor()}
    found |= {"memory": memory(), "disk": disk(), "missing": missing(), "note": gpu_note(), "measured_on": describe(choose_device("auto"))}
    device = choose_device("auto")
    measurements: dict[str, Callable[[], Any]] = {
        "decoded_images_per_second": decode_rates,
        "matrix_gflops": lambda: matrix_rates(device),
        "training_steps": lambda: list(step_rates(device)),
    }
    for name, measure in measurements.items():
        if should_stop():
            raise Interrupted("Interrupted.")
        on_event({"event": "stage", "stage": "measuring", "message": f"Measuring {name.replace('_', ' ')}"})
        found[name] = measure()
    return found
