"""The main directions of features, held to scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from classifier.metrics import embedding, scored_path, scored_rows, write_scored
from classifier.space.basis import directions
from classifier.space.features import Gathered, keep_beside, seen_by_head


def features(count: int = 300, wide: int = 40) -> torch.Tensor:
    chance = torch.Generator().manual_seed(3)
    mixed = torch.randn((wide, wide), generator=chance) * torch.linspace(3, 0.01, wide)[:, None] ** 2
    return torch.randn((count, wide), generator=chance) @ mixed + 5


def test_directions_and_their_shares_are_those_of_a_principal_component_analysis():
    from sklearn.decomposition import PCA

    values = features()
    found, theirs = directions(values, 5), PCA(5).fit(values.double().numpy())
    assert np.allclose(found.shares.numpy(), theirs.explained_variance_ratio_, atol=2e-3)
    likeness = np.abs((found.directions.numpy() * theirs.components_.T).sum(0))
    assert (likeness > 0.99).all()
    mine, other = found.project(values).numpy() * found.scale, theirs.transform(values.double().numpy())
    assert np.allclose(np.abs(mine[:, 0]), np.abs(other[:, 0]), rtol=1e-2, atol=0.3)


def test_the_same_features_have_the_same_directions_whatever_was_drawn_before():
    first = directions(features())
    torch.rand(7)
    before = torch.get_rng_state()
    again = directions(features())
    assert torch.equal(first.directions, again.directions) and torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("values", [torch.ones((1, 4)), torch.ones((6, 4)), torch.randn((3, 1)), torch.zeros((2, 9))])
def test_features_that_differ_in_nothing_have_places(values):
    found = directions(values)
    assert bool(torch.isfinite(found.project(values)).all()) and bool(torch.isfinite(found.shares).all())


def test_of_maps_the_mean_over_places_is_kept_and_views_are_averaged():
    maps = torch.arange(2 * 3 * 2 * 2, dtype=torch.float32).reshape(2, 3, 2, 2)
    assert torch.equal(seen_by_head([maps]), maps.mean((2, 3)))
    assert torch.equal(seen_by_head([torch.ones((2, 3)), torch.full((2, 3), 3.0)]), torch.full((2, 3), 2.0))


def test_of_many_images_a_part_is_kept_whatever_the_batches(monkeypatch):
    monkeypatch.setattr("classifier.metrics.embedding.MOST_POINTS", 30)
    values = features(100, 4)
    kept = []
    for size in (100, 7):
        gathered = Gathered(100)
        for batch in values.split(size):
            gathered(batch)
        kept.append(gathered)
    assert len(kept[0].rows) == 30 and np.array_equal(kept[0].rows, kept[1].rows) and torch.equal(kept[0].values, kept[1].values)
    assert torch.equal(kept[0].values, values[torch.from_numpy(kept[0].rows)])


def test_features_beyond_all_numbers_end_no_evaluation(tmp_path):
    """As of a network whose training diverged where no validation image tells it."""
    file, values = tmp_path / "predictions-test.csv", features(8, 4)
    values[:3], values[3, 0], values[4, 1], values[5:7] = torch.inf, torch.nan, -torch.inf, 3e38
    write_scored(scored_path(file), scored_rows(np.arange(8), np.zeros(8, int), np.full((8, 2), np.nan)))
    gathered = Gathered(8)
    gathered(values)
    keep_beside(file, gathered, np.arange(8), np.arange(8), "test")
    found = embedding.read(file.with_suffix(""))
    assert len(found.points) == 8 and np.isfinite(found.values).all() and np.isfinite(found.basis.directions).all()
    assert np.isfinite(found.points["probability"]).all()  # pages are told it in JSON
