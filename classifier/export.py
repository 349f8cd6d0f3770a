"""A RUN's network as one file for use elsewhere, with its classes and preprocessing inside.

Equal weights give equal bytes: no time, no path and no name of a run goes in.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from classifier.data.augment import EVAL_CROP
from classifier.onnx_file import onnx_file
from classifier.run import Run
from classifier.spec.errors import InputError
from classifier.training.files import check_target, write_atomically

CHANNELS = {"color": "RGB, values 0..1", "grey": "luma (ITU-R BT.601) three times, values 0..1"}
METADATA_KEY = "synset"  # one key alone: the format does not keep the order of several


def resizing(run: Run) -> dict[str, Any]:
    """How an image becomes a square: the mode that was chosen, or what photographs and small images get without one."""
    side = run.eval_size
    if run.config.resize:
        return {"resize": {"mode": run.config.resize, "size": [side, side]}}
    return {
        "photographs": {"resize_short_side": round(side / EVAL_CROP), "center_crop": side},
        "small_images": {"resize": [side, side]},
    }


def about(run: Run) -> dict[str, Any]:
    """What one needs to use the weights, as JSON values."""
    mean, deviation = run.normalisation
    return {
        "model": run.config.model,
        "classes": run.classes,
        "names": run.names,
        "image_size": run.eval_size,
        "preprocessing": {
            "channels": CHANNELS[run.config.channels],
            **resizing(run),
            "interpolation": "bilinear, antialiased",
            "mean": list(mean),
            "std": list(deviation),
        },
    }


def state_of(model: nn.Module) -> dict[str, Tensor]:
    """The tensors in plain layout, by name."""
    return {name: value.detach().cpu().contiguous() for name, value in sorted(model.state_dict().items())}


def as_safetensors(model: nn.Module, run: Run) -> bytes:
    """The whole file; raises InputError without the package."""
    if importlib.util.find_spec("safetensors") is None:
        raise InputError("Export to safetensors needs the package safetensors: pip install safetensors. The format torch works without.")
    from safetensors.torch import save

    return save(state_of(model), {METADATA_KEY: json.dumps(about(run), sort_keys=True, ensure_ascii=False)})


def as_torch(model: nn.Module, run: Run) -> bytes:
    """torch.save of {"state_dict", "synset"}: loads with weights_only=True."""
    stream = io.BytesIO()  # a name on disk would be written into the archive
    torch.save({"state_dict": state_of(model), METADATA_KEY: about(run)}, stream)
    return stream.getvalue()


def as_onnx(model: nn.Module, run: Run) -> bytes:
    """The graph with its weights, at the size that is evaluated: images normalised as "synset" says, any number, to logits."""
    return onnx_file(model, run.eval_size, METADATA_KEY, json.dumps(about(run), sort_keys=True, ensure_ascii=False))


FORMATS: dict[str, Callable[[nn.Module, Run], bytes]] = {"safetensors": as_safetensors, "torch": as_torch, "onnx": as_onnx}


def export(run_folder: Path, format: str, out: Path, *, checkpoint: str = "best") -> dict[str, Any]:
    """Writes the file whole or not at all; gives the "exported" event. Raises InputError for what cannot be exported."""
    check_target(out, "model.safetensors")
    run = Run.open(run_folder)
    model, epoch = run.load_model(checkpoint)
    data = FORMATS[format](model, run)
    write_atomically(out, data)
    digest = hashlib.sha256(data).hexdigest()
    return {"event": "exported", "file": str(out), "format": format, "bytes": len(data), "sha256": digest, "epoch": epoch}
