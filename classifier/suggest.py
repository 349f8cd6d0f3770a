"""A network looks at every image of a dataset and says what it takes it for, so that people label what tells it most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifier.data.dataset import Dataset
from classifier.data.publish import cannot_write
from classifier.data.spoilt import Spoilt
from classifier.evaluate import NO_VIEWS, views_of
from classifier.inference import Pace, logits
from classifier.metrics import softmax, top_k
from classifier.run import Run
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.faults import fault
from classifier.spec.suggestions import RECORD
from classifier.training.devices import choose_device

CHUNK_IMAGES = 4096  # whose logits are in memory at once
DTYPE = np.dtype([("position", "<u4"), ("class", "<u4"), ("probability", "<f4")])
assert DTYPE.itemsize == RECORD.size


def suggest(
    run_folder: Path,
    data: Path,
    out: Path,
    *,
    checkpoint: str = "best",
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> Event:
    """Writes FILE.bin for every image of DATASET, whatever its split and label; gives the `suggested` event that ends the command.

    The network is evaluated as it is on a split, with the views that its run averages. Raises InputError for what does not fit.
    """
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}; give --out a file in a folder that is there.")
    run, dataset = Run.open(run_folder), Dataset.open(data)
    positions = np.flatnonzero(dataset.kept)
    if not len(positions):
        raise InputError(f"{data} has no images, so there is nothing to suggest.")
    views = views_of(run, None)
    model, epoch = run.load_model(checkpoint)
    how: dict[str, Any] = {
        "image_size": run.eval_size,
        "normalisation": run.normalisation,
        "prepare": run.prepare,
        "device": choose_device(device),
    }
    how["tta"] = None if views == NO_VIEWS else views
    pace, found = Pace("suggesting", len(positions), on_event), np.empty(len(positions), DTYPE)
    readable = np.ones(len(positions), bool)
    for start in range(0, len(positions), CHUNK_IMAGES):
        some = positions[start : start + CHUNK_IMAGES]
        spoilt = Spoilt(dataset, some, on_event)
        said = logits(
            model,
            dataset.pack,
            dataset.images[some],
            spoilt=spoilt.positions.add,
            on_event=shifted(pace, start),
            should_stop=should_stop,
            **how,
        )
        spoilt.tell()
        readable[start : start + len(some)] = spoilt.readable()
        found[start : start + len(some)] = records(some, said)
    kept = found[readable]
    write(out, kept[np.lexsort((kept["position"], kept["probability"]))])
    return {"event": "suggested", "images": len(kept), "classes": run.classes, "epoch": epoch, "file": str(out)}


def shifted(pace: Pace, start: int) -> OnEvent:
    """Tells the progress of a chunk as that of the whole."""

    def tell(event: Event) -> None:
        if event["event"] == "progress":
            pace(start + event["done"])
        else:
            pace.on_event(event)

    return tell


def records(positions: np.ndarray, said: torch.Tensor) -> np.ndarray:
    """DTYPE [N]: the best class of each image with its probability, from logits [N, C]."""
    values = said.numpy()
    made = np.empty(len(positions), DTYPE)
    best = top_k(values, 1)[:, 0]
    made["position"], made["class"] = positions, best
    made["probability"] = np.nan_to_num(softmax(values)[np.arange(len(best)), best])
    return made


def write(out: Path, rows: np.ndarray) -> None:
    """The file, whole or not at all."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_bytes(rows.tobytes())
        fault("suggest_publish")
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(out, error) from None
