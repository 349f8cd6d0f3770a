"""Which part of an image a network sees: in numbers as the pixels have it."""

from __future__ import annotations

import pytest
import torch

from classifier.data.load import evaluated, is_small, preparing
from classifier.data.pack import MemoryPack
from classifier.data.sizing import RESIZES
from classifier.spec.exciting import LEAST_FRAME, frame
from classifier.spec.viewing import Part, part_seen
from tests.classifier.images import encoded

SIZES = [(32, 32), (96, 96), (160, 90), (90, 160), (301, 77)]


def ramps(width: int, height: int) -> bytes:
    """An image whose red tells how far right a pixel is, and whose green how far down, from 40 to 240."""
    from PIL import Image

    across = torch.linspace(40, 240, width).expand(height, width)
    down = torch.linspace(40, 240, height)[:, None].expand(height, width)
    return encoded(Image.fromarray(torch.stack([across, down, torch.zeros(height, width)], 2).round().to(torch.uint8).numpy()))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("resize", [None, *RESIZES])
def test_a_place_of_the_square_is_where_its_pixels_come_from(size, resize):
    (width, height), side = size, 64
    pack, errors = MemoryPack.from_files([("a.png", ramps(width, height))])
    seen = preparing(evaluated, resize, "colour")(pack, 0, side).float()
    part = part_seen(width, height, side, resize=resize, small=is_small(pack, 0))
    looked = 0
    for down, across in [(row, column) for row in range(4, side, 8) for column in range(4, side, 8)]:
        x, y = part.left + part.width * (across + 0.5) / side, part.top + part.height * (down + 0.5) / side
        red, green = seen[:2, down, across].tolist()
        if not (0.05 * width < x < 0.95 * width and 0.05 * height < y < 0.95 * height):
            continue
        looked += 1
        assert red == pytest.approx(40 + 200 * x / width, abs=4) and green == pytest.approx(40 + 200 * y / height, abs=4)
    assert looked >= 8 and not errors


def test_what_the_square_is_filled_up_with_lies_beyond_the_image():
    part = part_seen(200, 100, 50, resize="fill", small=False)
    assert part.top < 0 and part.top + part.height > 100 and (part.left, part.width) == (0, 200)


def test_a_place_is_framed_where_it_lies():
    whole = Part(0, 0, 100, 200)
    assert frame(0, 1, [2, 4], whole, 100, 200) == (25, 0, 25, 100)


def test_a_small_place_is_framed_with_room_and_within_the_image():
    whole = Part(0, 0, 100, 100)
    left, top, width, height = frame(50, 0, [100, 100], whole, 100, 100)
    assert (left, width, height) == (0, pytest.approx(100 * (0.005 + LEAST_FRAME / 2)), pytest.approx(100 * LEAST_FRAME))
    assert top + height / 2 == pytest.approx(50.5)


def test_a_place_in_what_was_filled_up_has_no_frame():
    part = part_seen(200, 100, 50, resize="fill", small=False)
    assert frame(0, 3, [8, 8], part, 200, 100) is None and frame(4, 3, [8, 8], part, 200, 100) is not None
