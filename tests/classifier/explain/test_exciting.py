"""The images that excite each filter the most: as brute force has it, for every kind of network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from classifier.explain.exciting import Strongest, as_filters
from classifier.explain.layers import units
from classifier.metrics.excited import MOST, NOWHERE
from classifier.metrics.scored import FORGOTTEN
from tests.classifier.explain.networks import made

NETWORKS = {"small_cnn": 32, "resnet18": 32, "tiny_swin": 32, "tiny_vit": 64, "tiny_maxvit": 32}


def looked_at(model, images, batch, usable=None):
    """(FILTER by layer, its grid) after so many at a time."""
    strongest, usable = Strongest(), np.ones(len(images), bool) if usable is None else usable
    for start in range(0, len(images), batch):
        numbers = np.arange(start, min(start + batch, len(images)))
        strongest.look(model, images[numbers], numbers, usable[numbers])
    filters, layers = strongest.told(np.arange(len(images)) + 1000)
    return {each["name"]: (filters[each["start"] : each["start"] + each["filters"]], each["grid"]) for each in layers}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    side = NETWORKS[request.param]
    return made(request.param, side), torch.randn(12, 3, side, side, generator=torch.Generator().manual_seed(1))


def given(model, name, images):
    """What a layer gives of each image, one at a time, as [N, filters, …]."""
    from classifier.explain.layers import Walk

    class Catch(Walk):
        def note(self, called, module, output):
            if self.called(called) == name:
                found.append(as_filters(output, self.order).clone())

    found = []
    for image in images:
        Catch().through(model, image[None])
    return torch.cat(found)


def test_they_are_those_of_the_largest_values_and_stand_where_these_are(network):
    model, images = network
    found = looked_at(model, images, 5)
    names = list(found)
    for name in [names[0], names[len(names) // 3], names[-2], names[-1]]:
        filters, grid = found[name]
        whole = given(model, name, images)
        values = (whole.amax((2, 3)) if whole.ndim == 4 else whole).numpy()
        assert values.shape == (12, len(filters)) and grid == (list(whole.shape[2:]) or None)
        best = np.sort(values, 0)[::-1][:MOST].T
        assert np.allclose(filters["best"]["value"], best, rtol=1e-3, atol=1e-4), name
        assert np.allclose(filters["mean"], values.mean(0), rtol=1e-3, atol=1e-3)
        assert np.allclose(filters["least"], values.min(0), rtol=1e-3, atol=1e-3)
        for number in range(0, len(filters), max(1, len(filters) // 7)):
            for entry in filters["best"][number]:
                image = whole[int(entry["position"]) - 1000, number]
                there = image if grid is None else image[int(entry["down"]), int(entry["across"])]
                assert float(there) == pytest.approx(float(entry["value"]), rel=1e-3, abs=1e-4)


def test_batches_of_any_size_find_the_same(network):
    model, images = network
    one, other = looked_at(model, images, 12), looked_at(model, images, 5)
    assert list(one) == list(other)
    for name, (filters, _) in one.items():
        assert np.allclose(filters["best"]["value"], other[name][0]["best"]["value"], rtol=1e-3, atol=1e-4), name


def test_every_layer_with_filters_is_named_as_the_list_of_layers_names_it(network):
    model, images = network
    wanted = [unit.name for unit in units(model, images[:1]) if unit.given and len(unit.shape) in (1, 3)]
    found = looked_at(model, images[:4], 4)
    assert set(wanted) <= set(found)


def test_images_that_cannot_be_read_excite_nothing_and_fewer_than_nine_are_said_to_be_fewer():
    model = nn.Sequential(nn.Conv2d(3, 2, 1)).eval()
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 5, 5).contiguous()
    ((filters, grid),) = looked_at(model, images, 2, np.array([True, True, True, False])).values()
    assert grid == [5, 5] and set(filters["best"]["position"][:, :3].ravel()) == {1000, 1001, 1002}
    assert (filters["best"]["position"][:, 3:] == FORGOTTEN).all() and (filters["best"]["down"][:, 3:] == NOWHERE).all()


def test_windows_and_what_stands_in_each_are_no_places_of_the_image():
    found = looked_at(made("tiny_maxvit", 32), torch.randn(4, 3, 32, 32), 4)
    block = "blocks.0.layers.0.layers.window_attention"
    inside = {name: (len(filters), grid) for name, (filters, grid) in found.items() if name.startswith(block)}
    assert inside.pop(f"{block}.departition_op") == (16, [8, 8])
    assert inside[f"{block}.partition_op"] == (16, None) and inside[f"{block}.mlp_layer.1"] == (64, None)
    assert {grid for _, grid in inside.values()} == {None}


def test_of_equal_images_the_first_stand_there():
    model = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU()).eval()
    found = looked_at(model, torch.zeros(30, 3, 5, 5), 4)
    for filters, _ in found.values():
        assert (filters["best"]["position"] == np.arange(MOST) + 1000).all()


def test_a_network_that_gives_no_numbers_finds_no_images():
    model = nn.Sequential(nn.Conv2d(3, 2, 1)).eval()
    nn.init.constant_(model[0].bias, float("nan"))
    ((filters, _),) = looked_at(model, torch.zeros(3, 3, 4, 4), 3).values()
    assert (filters["best"]["position"] == FORGOTTEN).all()


def test_what_a_layer_gave_counts_though_the_next_one_writes_into_it():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)).eval()
    nn.init.constant_(model[0].bias, -9)
    found = looked_at(model, torch.randn(3, 3, 4, 4), 3)
    assert found["0"][0]["least"].min() < 0 <= found["1"][0]["least"].min()
