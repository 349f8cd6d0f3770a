"""A published network sees images as its own weights were measured, on the page, by the API and from the command line alike."""

from __future__ import annotations

import io

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_images
from torchvision.models import get_model_weights

from classifier.data.augment import normalise
from classifier.data.pack import MemoryPack
from classifier.models.as_published import as_published
from classifier.spec.catalogue import MODELS
from classifier.training.settings import normalisation_of

TORCHVISIONS = [name for name, entry in MODELS.items() if entry.weights_file and name != "efficientnet_lite0"]


def pack_of(picture: Image.Image) -> MemoryPack:
    """A pack of that one picture."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    pack, errors = MemoryPack.from_files([("a.png", stream.getvalue())])
    assert not errors
    return pack


@pytest.fixture(scope="module")
def photograph() -> MemoryPack:
    return pack_of(Image.fromarray(load_sample_images().images[1]))


@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b0", "inception_v3", "vit_h_14", "swin_v2_t", "efficientnet_v2_l"])
def test_an_image_is_what_torchvisions_own_transforms_make_of_it(photograph, name):
    how = as_published(name)
    expected = get_model_weights(name).DEFAULT.transforms()(photograph.image(0))
    found = normalise(how.prepare(photograph, 0, how.side)[None], how.normalisation)[0]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_a_small_image_is_brought_to_size_in_the_same_way():
    pack, how = pack_of(Image.new("RGB", (20, 12), "teal")), as_published("resnet18")
    assert how.prepare(pack, 0, how.side).shape == (3, 224, 224)


@pytest.mark.parametrize(
    ("weights", "short"), [("default", 232), ("resnet50-11ad3fa6.pth", 232), ("/some/folder/resnet50-0676ba61.pth", 256), ("mine.pth", 232)]
)
def test_of_several_published_weights_the_files_own_way_counts(weights, short):
    assert as_published("resnet50", weights).short == short


def test_weights_that_were_measured_larger_are_built_for_that():
    assert [as_published("vit_b_16", file).side for file in ("default", "vit_b_16_swag-9ac1b537.pth")] == [224, 384]


@pytest.mark.parametrize("name", TORCHVISIONS)
def test_the_catalogues_size_and_normalisation_are_those_of_the_weights(name):
    how = as_published(name)
    assert (how.side, how.normalisation) == (MODELS[name].image_size, normalisation_of(name))


def test_the_bundled_network_has_googles_way():
    how = as_published("efficientnet_lite0")
    assert (how.short, how.side, how.interpolation.value) == (256, 224, "bicubic")


def test_of_a_very_long_image_the_middle_is_taken_before_it_is_resized(monkeypatch):
    seen = []
    pack, how = pack_of(Image.new("RGB", (4000, 4), "teal")), as_published("resnet18")
    monkeypatch.setattr("classifier.models.as_published.images.resize", lambda image, size, *_, **__: seen.append(image.shape) or image)
    how.prepare(pack, 0, how.side)
    assert seen == [(3, 4, 32)]
