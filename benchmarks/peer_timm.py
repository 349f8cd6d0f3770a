"""timm the way its own train.py does it, at its best here: its loader, network, optimiser and autocast. Prints {"seconds"} as JSON."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import timm
import torch
from timm.data import ImageDataset, create_loader
from timm.optim import create_optimizer_v2
from torch import nn

from benchmarks.peer_data import DEVIATION, MEAN, arguments, has_bfloat16


def loader(options: Any, split: str, device: torch.device) -> Any:
    """timm's batches of a split."""
    training = split == "train"
    return create_loader(
        ImageDataset(f"{options.folder}/{split}"),
        (3, options.side, options.side),
        options.batch,
        is_training=training,
        scale=(0.35, 1.0),
        hflip=0.5,
        color_jitter=0,
        mean=MEAN,
        std=DEVIATION,
        interpolation="bilinear",
        num_workers=options.workers,
        persistent_workers=True,
        use_prefetcher=device.type == "cuda",
        device=device,
    )


def main() -> None:
    """One training."""
    options = arguments()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    batches, checks = loader(options, "train", device), loader(options, "validation", device)
    classes = len(batches.dataset.reader.class_to_idx)
    model = timm.create_model(options.model, num_classes=classes).to(device, memory_format=torch.channels_last)
    optimizer, criterion = create_optimizer_v2(model, opt="sgd", lr=0.01, weight_decay=1e-4), nn.CrossEntropyLoss()
    half: Any = torch.autocast(device.type, torch.bfloat16) if has_bfloat16() else contextlib.nullcontext()
    began = time.perf_counter()
    for _ in range(options.epochs):
        model.train()
        for images, labels in batches:
            images, labels = images.to(device, memory_format=torch.channels_last), labels.to(device)
            with half:
                loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        right = torch.zeros((), device=device)
        with torch.inference_mode(), half:
            for images, labels in checks:
                logits = model(images.to(device, memory_format=torch.channels_last))
                right += (logits.argmax(1) == labels.to(device)).sum()
        right.item()
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
