"""What the peers share: their arguments, and what is fastest on this device. Read by their environment's python."""

from __future__ import annotations

import argparse
from typing import Any

import torch
from torchvision import datasets, transforms

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def arguments() -> argparse.Namespace:
    """The command line of every peer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True, help="with train/CLASS and validation/CLASS")
    parser.add_argument("--model", required=True)
    for name in ("side", "batch", "epochs", "workers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


def has_bfloat16() -> bool:
    """Whether this device computes with bfloat16 as fast as it should."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())


def image_folders(folder: str, side: int) -> tuple[Any, Any]:
    """(training images, validation images) as torchvision reads them."""
    normal = [transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)]
    training = transforms.Compose([transforms.RandomResizedCrop(side, scale=(0.35, 1.0)), transforms.RandomHorizontalFlip(), *normal])
    validation = transforms.Compose([transforms.Resize(side), transforms.CenterCrop(side), *normal])
    return datasets.ImageFolder(f"{folder}/train", training), datasets.ImageFolder(f"{folder}/validation", validation)
