"""Maps as pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from classifier.explain.pictures import overlay, picture, plain, scaled


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_what_speaks_for_is_warm_what_speaks_against_is_blue_and_nothing_is_transparent():
    heat = torch.zeros(3, 3)
    heat[0, 0], heat[2, 2] = 1, -1
    found = opened(overlay(heat, 300)).astype(int)
    red, blue = found[10, 10], found[290, 290]
    assert red[0] > red[2] and blue[2] > blue[0] and red[3] == blue[3] == 255 and found[150, 150, 3] == 0


def test_a_few_pixels_beyond_all_others_do_not_darken_them():
    heat = torch.full((100, 100), 0.5)
    heat[0, 0] = 50
    assert scaled(heat)[50, 50] == 1 and scaled(heat).max() == 1


@pytest.mark.parametrize("shape", [(7, 7), (64, 64)])
def test_a_map_of_nothing_stays_empty(shape):
    assert not scaled(torch.zeros(shape)).any()


def test_of_a_map_with_a_single_pixel_that_one_is_seen():
    heat = torch.zeros(64, 64)
    heat[3, 3] = 0.1
    assert scaled(heat)[3, 3] == 1


def test_a_small_image_keeps_its_pixels():
    image = torch.zeros(3, 8, 8, dtype=torch.uint8)
    image[:, 0, 0] = 255
    shown = plain(image, 320)
    assert (shown[:40, :40] == 255).all() and not shown[40:].any()


def test_the_picture_shows_the_image_and_beside_it_the_map():
    found = opened(picture(torch.zeros(3, 16, 16, dtype=torch.uint8), torch.ones(2, 2)))
    assert found.shape == (320, 648, 3) and not found[:, :320].any() and found[160, 500].any()
