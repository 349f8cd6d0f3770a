"""The baseline: training the way torchvision's reference does (pytorch/vision, references/classification/train.py).

ImageFolder, DataLoader, PIL transforms, fp32, eager, SGD with momentum; as fast as that way allows: the number of
loader processes is tried out first, they stay between epochs, and nothing is read back from the device in a step.
Prints {"images_per_second", "workers"} as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from itertools import count

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from classifier.models.build import build, head_of

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WARM_UP_STEPS = 3


def train_transforms(side: int) -> transforms.Compose:
    """Small images are shifted and mirrored, photographs get a random window and are mirrored; as ours."""
    small = transforms.RandomCrop(side, padding=side // 8)
    first = small if side <= 64 else transforms.RandomResizedCrop(side, scale=(0.35, 1.0))
    return transforms.Compose(
        [first, transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)]
    )  # fmt: skip


def loader(folder: str, side: int, batch_size: int, workers: int) -> DataLoader[tuple[Tensor, Tensor]]:
    """Shuffled batches of float [N, 3, side, side] and labels [N]."""
    images = datasets.ImageFolder(folder, train_transforms(side))
    return DataLoader(images, batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0, drop_last=True)


def steps(model: nn.Module, batches: DataLoader[tuple[Tensor, Tensor]]) -> Iterator[tuple[int, int]]:
    """Trains without end; gives (epoch, images) after each step."""
    criterion = nn.CrossEntropyLoss()
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(learnt, lr=0.01, momentum=0.9, weight_decay=1e-4)
    model.train()
    for epoch in count():
        for images, labels in batches:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield epoch, len(labels)


def speed(work: Iterator[tuple[int, int]], seconds: float) -> float:
    """Images a second over about so long, without warm-up; the gaps between epochs are not counted."""
    for _ in range(WARM_UP_STEPS):
        epoch, _ = next(work)
    images, spent, before = 0, 0.0, time.perf_counter()
    while spent < seconds:
        this, done = next(work)
        now = time.perf_counter()
        if this == epoch:
            images, spent = images + done, spent + now - before
        epoch, before = this, now
    return images / spent


def main() -> None:
    """Measures one number of workers, or the best of several."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, nargs="+", required=True, help="the best of these")
    parser.add_argument("--head-only", action="store_true", help="all but the head stays as it is")
    options = parser.parse_args()
    classes = len(datasets.ImageFolder(options.folder).classes)
    found = {}
    for workers in options.workers:
        model = build(options.model, classes, image_size=options.side)
        if options.head_only:
            model.requires_grad_(False)
            head_of(model)[1].requires_grad_(True)
        found[workers] = speed(steps(model, loader(options.folder, options.side, options.batch, workers)), options.seconds)
    best = max(found, key=lambda workers: found[workers])
    print(json.dumps({"images_per_second": found[best], "workers": best}))


if __name__ == "__main__":
    main()
