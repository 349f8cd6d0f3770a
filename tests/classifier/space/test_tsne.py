"""t-SNE by the fast way says what the slow way says, and keeps neighbours together as scikit-learn's does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from classifier.space import tsne
from classifier.spec.errors import Interrupted


def points(count: int, spread: float, seed: int = 0) -> torch.Tensor:
    return spread * torch.randn((count, 2), generator=torch.Generator().manual_seed(seed))


def clusters(groups: int = 6, each: int = 60) -> tuple[torch.Tensor, np.ndarray]:
    """(values [N, 10] in principal directions, the group of each)."""
    chance = torch.Generator().manual_seed(1)
    middles = 6 * torch.randn((groups, 10), generator=chance)
    values = middles.repeat_interleave(each, 0) + torch.randn((groups * each, 10), generator=chance)
    _, _, directions = torch.linalg.svd(values - values.mean(0), full_matrices=False)
    return (values - values.mean(0)) @ directions.T, np.repeat(np.arange(groups), each)


@pytest.mark.parametrize("spread", [1e-4, 1.0, 8.0])
def test_what_pushes_points_apart_is_what_all_pairs_say(spread):
    places = points(800, spread)
    pushed, total = tsne.of_all_pairs(places)
    fast, sums = tsne.repulsion(places)
    assert float(sums) == pytest.approx(float(total), rel=2e-3)
    assert float((fast - pushed).norm() / pushed.norm()) < 0.03


@pytest.mark.parametrize("exact", [0, 700])
def test_the_slope_is_that_of_the_divergence(exact, monkeypatch):
    monkeypatch.setattr(tsne, "EXACT", exact)
    values, _ = clusters(3, 20)
    edges = tsne.attraction(values, 10.0)
    places = points(60, 3.0).double().requires_grad_()
    apart = ((places[:, None] - places[None]) ** 2).sum(2)
    kernel = (1 / (1 + apart)) * (1 - torch.eye(60, dtype=torch.double))
    share = kernel / kernel.sum()
    kept = edges.share > 0
    loss = (edges.share[kept].double() * (edges.share[kept].double() / share[edges.one, edges.other][kept]).log()).sum()
    (wanted,) = torch.autograd.grad(loss, places)
    found = tsne.gradient(places.detach().float(), edges, 1.0)
    assert float((found - wanted).norm() / wanted.norm()) < 0.02


def test_each_points_shares_have_the_perplexity_that_was_asked_for():
    values, _ = clusters()
    _, squares = tsne.neighbours(values, 90)
    share = tsne.calibrated(squares, 30.0)
    entropy = -(share * share.clamp_min(1e-30).log()).sum(1)
    assert torch.allclose(entropy.exp(), torch.full((len(values),), 30.0), rtol=1e-3)
    assert torch.allclose(share.sum(1), torch.ones(len(values)), atol=1e-5)


def test_neighbours_are_the_nearest_others():
    values, _ = clusters(3, 30)
    near, squares = tsne.neighbours(values, 5)
    apart = torch.cdist(values, values).fill_diagonal_(torch.inf)
    assert torch.equal(near.sort(1).values, apart.topk(5, largest=False).indices.sort(1).values)
    assert torch.allclose(squares.sqrt(), apart.topk(5, largest=False).values, atol=1e-2)


def test_neighbours_stay_neighbours_as_with_scikit_learn(monkeypatch):
    monkeypatch.setattr(tsne, "EXACT", 100)  # so that the grid is what is judged
    from sklearn.manifold import TSNE, trustworthiness

    values, group = clusters()
    mine = tsne.tsne(values).numpy()
    theirs = TSNE(init="pca", random_state=0, perplexity=30).fit_transform(values.numpy())
    assert trustworthiness(values.numpy(), mine) > trustworthiness(values.numpy(), theirs) - 0.01
    apart = ((mine[:, None] - mine[None]) ** 2).sum(2)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(1)] == group).mean() > 0.98


def test_the_same_values_are_arranged_the_same():
    values, _ = clusters(3, 20)
    assert torch.equal(tsne.tsne(values, iterations=20), tsne.tsne(values, iterations=20))


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 7])
def test_few_points_have_places_too(count):
    places = tsne.tsne(torch.randn((count, 3), generator=torch.Generator().manual_seed(2)), iterations=300)
    assert places.shape == (count, 2) and bool(torch.isfinite(places).all())


def test_equal_images_lie_on_one_place_and_break_nothing():
    places = tsne.tsne(torch.ones((40, 3)), iterations=300)
    assert bool(torch.isfinite(places).all())


def test_it_tells_how_far_it_is_and_stops_when_asked():
    values, _ = clusters(3, 20)
    told: list[int] = []
    with pytest.raises(Interrupted):
        tsne.tsne(values, told=told.append, should_stop=lambda: len(told) == 3)
    assert told == [1, 2, 3]
