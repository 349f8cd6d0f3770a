"""A JPEG of the pack as pixels: the same whatever decodes it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from classifier.data.jpegs import pixels


def stored(image: Image.Image) -> torch.Tensor:
    """The bytes of it as a JPEG of the pack."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_is_red_green_and_blue_planes_as_pillow_has_them(mode):
    rows, columns = np.mgrid[0:40, 0:56]
    shades = np.stack([rows * 6, columns * 4, 255 - rows * 6], 2).astype(np.uint8)
    file = stored(Image.fromarray(shades).convert(mode))
    found = pixels(file)
    expected = np.asarray(Image.open(io.BytesIO(file.numpy().tobytes())).convert("RGB")).transpose(2, 0, 1)
    assert found.shape == (3, 40, 56) and found.dtype == torch.uint8
    assert np.abs(found.numpy().astype(int) - expected).max() <= 2  # decoders round each in its own way
