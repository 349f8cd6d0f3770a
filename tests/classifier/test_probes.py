"""What a network still tells when parts of the images are hidden."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from classifier import probes
from classifier.spec.probes import NAMES, PROBES

HIDDEN = torch.tensor([120, 110, 100], dtype=torch.uint8)[:, None, None]
POSITIONS = np.arange(4)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_the_middle_is_half_of_the_area() -> None:
    inside = probes.middle(224)
    assert (inside.stop - inside.start) ** 2 / 224**2 == pytest.approx(0.5, abs=0.01) and inside.start == pytest.approx(
        224 - inside.stop, abs=1
    )


def test_border_and_centre_hide_what_the_other_shows(images: torch.Tensor) -> None:
    border, centre = (probes.CHANGES[name](images, HIDDEN, POSITIONS) for name in ("border", "centre"))
    from_border, from_centre = (shown == images for shown in (border, centre))
    assert (
        (from_border | from_centre).all()
        and (border[:, :, 16, 16] == HIDDEN[:, 0, 0]).all()
        and (centre[:, :, 0, 0] == HIDDEN[:, 0, 0]).all()
    )


def test_a_blurred_centre_keeps_its_colours_and_nothing_else(images: torch.Tensor) -> None:
    shown, inside = probes.blurred(images, HIDDEN, POSITIONS), probes.middle(32)
    middle = shown[:, :, inside, inside].float()
    assert middle.std() < images.float().std() / 5 and middle.mean() == pytest.approx(float(images.float().mean()), abs=6)
    shown[:, :, inside, inside] = images[:, :, inside, inside]
    assert (shown == images).all()


def test_half_of_the_fields_are_masked_by_the_images_place_alone(images: torch.Tensor) -> None:
    shown = probes.masked(images, HIDDEN, POSITIONS)
    hidden = (shown == HIDDEN).all(1).view(4, 8, 4, 8, 4).all(4).all(2)
    assert hidden.sum((1, 2)).tolist() == [32] * 4 and not (hidden[0] == hidden[1]).all()
    assert (probes.masked(images[1:], HIDDEN, POSITIONS[1:]) == shown[1:]).all()


def test_grey_images_have_no_colours(images: torch.Tensor) -> None:
    shown = probes.grey(images, HIDDEN, POSITIONS)
    assert (shown[:, 0] == shown[:, 1]).all() and (shown[:, 1] == shown[:, 2]).all() and shown.float().std() > 10


def test_shuffled_fields_are_the_same_at_other_places(images: torch.Tensor) -> None:
    shown = probes.shuffled(images, HIDDEN, POSITIONS)
    tiles = lambda batch: batch.view(4, 3, 4, 8, 4, 8).permute(0, 2, 4, 1, 3, 5).reshape(4, 16, -1)  # noqa: E731
    for before, after in zip(tiles(images), tiles(shown), strict=True):
        assert {tuple(tile.tolist()) for tile in before} == {tuple(tile.tolist()) for tile in after} and not (before == after).all()


@pytest.mark.parametrize("side", [1, 2, 3, 7, 33])
def test_images_of_any_size_can_be_probed(side: int) -> None:
    images = torch.full((2, 3, side, side), 9, dtype=torch.uint8)
    for change in probes.CHANGES.values():
        assert change(images, HIDDEN, POSITIONS[:2]).shape == images.shape


def test_right_ones_are_counted_in_all_and_by_class() -> None:
    labels = np.array([0, 0, 1])
    said = {name: np.array([0, 1, 1]) for name in NAMES} | {"plain": np.array([0, 0, 0])}
    told = probes.counted(labels, said, ["a", "b"])
    assert (told["n"], told["right"], told["images"], told["per_class"]) == (3, 2, [2, 1], [2, 0])
    assert told["commonest"] == pytest.approx(2 / 3)
    assert told["probes"][0] == {"probe": "border", "right": 2, "same": 1, "per_class": [1, 1]}


def test_every_probe_is_told_in_words() -> None:
    assert all(probe.title and probe.what and probe.reads for probe in PROBES)
