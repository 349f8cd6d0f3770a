"""Images become squares in the way that was chosen, alike in training, evaluation and prediction."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from classifier.data.load import Images, evaluated, preparing, squeezed
from classifier.data.sizing import RESIZES, crop, fill, greyed, half_crop, squash
from classifier.data.statistics import LEAST_DEVIATION, channel_statistics
from classifier.spec import fields

WIDE = torch.randint(0, 256, (3, 40, 100), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
TALL = WIDE.transpose(1, 2).contiguous()
CPU = torch.device("cpu")


class Pictures:
    """A pack of tensors."""

    def __init__(self, *images):
        self.images = images

    def image(self, row):
        return self.images[row]


def gathered(*images, prepare=squeezed):
    return Images(Pictures(*images), torch.arange(len(images)).numpy(), 16, prepare, CPU)


def test_the_configuration_offers_every_mode_that_there_is():
    assert tuple(RESIZES) == fields.RESIZES


@pytest.mark.parametrize("mode", RESIZES)
@pytest.mark.parametrize("shape", [(40, 100), (100, 40), (7, 7), (1, 50), (33, 32)])
@pytest.mark.parametrize("side", [8, 31])
def test_every_mode_gives_a_square_of_the_side(mode, shape, side):
    assert RESIZES[mode](torch.zeros((3, *shape), dtype=torch.uint8), side).shape == (3, side, side)


def test_squash_is_a_plain_resize():
    assert torch.equal(squash(WIDE, 20), reference.resize(WIDE, [20, 20], antialias=True))


@pytest.mark.parametrize("image", [WIDE, TALL])
def test_crop_resizes_the_short_side_and_cuts_the_middle(image):
    assert torch.equal(crop(image, 20), reference.center_crop(reference.resize(image, [20], antialias=True), [20, 20]))


@pytest.mark.parametrize("image", [WIDE, TALL])
def test_fill_shows_everything_between_black_bars(image):
    small = reference.resize(image, [8], antialias=True)
    assert torch.equal(fill(image, 20), reference.center_crop(small, [20, 20]))  # which pads with black


@pytest.mark.parametrize("image", [WIDE, TALL])
def test_half_crop_lies_halfway_between_both(image):
    shown = half_crop(image, 20)  # 40 × 100 becomes 11 × 29
    lit = (shown > 0).any(0)
    rows, columns = sorted((int(lit.any(1).sum()), int(lit.any(0).sum())))
    assert (rows, columns) == (11, 20)


def test_grey_is_torchvisions_luma_in_all_channels():
    differences = greyed(WIDE).int() - reference.rgb_to_grayscale(WIDE, num_output_channels=3).int()
    assert set(differences.unique().tolist()) == {0, 1}  # which cuts off where we round


def test_what_is_grey_already_stays_as_it_is():
    image = torch.arange(256, dtype=torch.uint8).expand(3, 4, 256)
    assert torch.equal(greyed(image), image)


def test_without_a_mode_images_are_prepared_as_suits_them():
    automatic = preparing(lambda pack, row, side: torch.full((3, side, side), row, dtype=torch.uint8), None, "color")
    assert automatic(None, 7, 4).unique().tolist() == [7]


def test_a_mode_and_grey_hold_for_training_and_evaluation_alike():
    pack = Pictures(WIDE)
    seen = [preparing(automatic, "fill", "grey")(pack, 0, 20) for automatic in (squeezed, evaluated)]
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], greyed(fill(WIDE, 20)))


def test_statistics_are_those_of_all_pixels():
    images = [torch.randint(0, 256, (3, 16, 16), generator=torch.Generator().manual_seed(n), dtype=torch.uint8) for n in range(70)]
    mean, deviation = channel_statistics(gathered(*images))
    values = torch.stack(images).double() / 255
    assert mean == pytest.approx(values.mean((0, 2, 3)).tolist(), abs=1e-5)
    assert deviation == pytest.approx(values.std((0, 2, 3), correction=0).tolist(), abs=1e-5)


def test_a_channel_that_never_varies_is_not_divided_by_nothing():
    _, deviation = channel_statistics(gathered(torch.full((3, 16, 16), 9, dtype=torch.uint8)))
    assert deviation == pytest.approx([LEAST_DEVIATION] * 3, abs=1e-6)
