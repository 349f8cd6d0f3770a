"""What bounds a training: microseconds that an image takes in each of its stages, one after the other, in one process.

`python -m benchmarks.stages --dataset DATASET --model resnet18 --side 128 --batch 32 --seconds 5` prints them as JSON: "read"
(out of the pack or memory, to the training's size), "augment" (and normalise), "step" (forward, backward, optimiser).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from classifier.threads import share_cores

share_cores()  # before torch is loaded

from torch import Tensor  # noqa: E402

from classifier.data.dataset import Dataset  # noqa: E402
from classifier.spec.config import TrainConfig  # noqa: E402
from classifier.training.devices import synchronise  # noqa: E402
from classifier.training.loop import make_ready  # noqa: E402
from classifier.training.memory import keep_freed_memory  # noqa: E402
from classifier.training.order import generator  # noqa: E402
from classifier.training.setup import Training, Watch, resolved, set_up  # noqa: E402
from classifier.training.step import augmented, learn, steps_of  # noqa: E402

WARM_UP = 2


def batches(training: Training) -> Iterator[tuple[Tensor, Tensor]]:
    """(positions, images) of each batch, without end."""
    for epoch in count(1):
        steps = steps_of(training, epoch)
        yield from zip(steps, training.images.batches(steps), strict=True)


def microseconds(work: Callable[[], object], images: int, training: Training, seconds: float) -> float:
    """What an image takes in the `work` of a batch of about so many, once it is warm."""
    for _ in range(WARM_UP):
        work()
    synchronise(training.device)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        work()
        done += 1
    synchronise(training.device)
    return 1e6 * (time.perf_counter() - started) / (done * images)


def measured(training: Training, seconds: float) -> dict[str, float]:
    """Each stage by itself."""
    t = training
    t.model.train()
    source = batches(t)
    positions, raw = next(source)
    images, target = augmented(t, positions, raw, generator(0, "augment", 0))
    return {
        "read": microseconds(lambda: next(source), len(raw), t, seconds),
        "augment": microseconds(lambda: augmented(t, positions, raw, generator(0, "augment", 0)), len(raw), t, seconds),
        "step": microseconds(lambda: learn(t, t.model, images, target), len(raw), t, seconds),
    }


def main() -> None:
    """Measures one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    keep_freed_memory()
    values = {"model": options.model, "image_size": options.side, "batch_size": options.batch, "optimizer": "sgd", "augment": {"color": 0}}
    dataset = Dataset.open(options.dataset)
    config = resolved(dataset, TrainConfig.from_mapping(values))
    with tempfile.TemporaryDirectory() as folder:
        training = set_up(dataset, Path(folder) / "run", config, None, Watch(), restart=False)
        make_ready(training)
        print(json.dumps(measured(training, options.seconds)))


if __name__ == "__main__":
    main()
