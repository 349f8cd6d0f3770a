"""The one place where a JPEG of the pack becomes pixels: for training, evaluation and prediction alike.

torchvision's decoders are deprecated from its 0.29 on. `torchcodec.decoders.decode_jpeg` (torchcodec 0.16) takes their place: it takes
the same bytes and modes, and turns a picture by its EXIF, of which those in the pack have none. Another decoder is a change here alone.
"""

from __future__ import annotations

import torch
from torchvision.io import ImageReadMode, decode_jpeg


def pixels(stored: torch.Tensor) -> torch.Tensor:
    """uint8 [3, H, W] RGB of a file's bytes, uint8 [N]; grey is repeated to three channels."""
    decoded: torch.Tensor = decode_jpeg(stored, mode=ImageReadMode.RGB)
    return decoded
