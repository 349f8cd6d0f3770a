"""t-SNE in the plane, for tens of thousands of points on a laptop.

The method is van der Maaten and Hinton's ("Visualizing data using t-SNE", 2008). What pushes points apart is computed by way of a
grid and the Fourier transform (Linderman et al., "Fast interpolation-based t-SNE for improved visualization of single-cell RNA-seq
data", 2019), so that an iteration costs as much as there are points, not pairs. Begun from the principal components and at the rate
N / 12, which keep the large picture (Kobak and Berens, "The art of using t-SNE for single-cell transcriptomics", 2019; Belkina et
al., 2019).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop, never

PERPLEXITY = 30.0
ITERATIONS, EXAGGERATED = 750, 250
EXAGGERATION = 12.0
LEAST_RATE = 50.0
NEIGHBOUR_CHUNK = 2048
HALVINGS = 60  # of the search for a bandwidth
NODES = 3  # of a box, a side: quadratic interpolation
EXACT = 700  # points, up to which all pairs cost less than a grid
LEAST_BOXES = 50
FINER, FINER_BOXES = 1.5, 120  # boxes a unit, while they are not more than that
WIDER = 1.05  # from one size of the grid to the next
# Numbers of boxes a side whose grids transform fast: products of 2, 3 and 5.
BOXES = (50, 54, 60, 64, 72, 75, 80, 90, 96, 100, 108, 120, 128, 135, 144, 150, 160, 180, 192, 200, 240)


class Edges(NamedTuple):
    """Who is near whom: the shares p_ij, which sum to 1, each pair in both directions."""

    one: Tensor  # int64 [E]
    other: Tensor
    share: Tensor  # float32 [E]


def tsne(
    values: Tensor,
    *,
    perplexity: float = PERPLEXITY,
    iterations: int = ITERATIONS,
    told: Callable[[int], None] = lambda done: None,
    should_stop: ShouldStop = never,
) -> Tensor:
    """float32 [N, 2] of float32 [N, K], its first two columns the principal components; the same for the same values and device.

    told: hears how many iterations are done. Raises Interrupted between two of them when asked to stop.
    """
    start = begun(values)
    if len(values) < 5:  # too few to have neighbours
        return start
    edges = attraction(values, min(perplexity, (len(values) - 1) / 3))
    places, speed, gains = start * 1e-4, torch.zeros_like(start), torch.ones_like(start)
    rate = max(len(values) / EXAGGERATION / 4, LEAST_RATE)  # / 4: the gradient has the factor 4 that those who give N / 12 leave out
    for step in range(iterations):
        if should_stop():
            raise Interrupted("Interrupted.")
        early = step < EXAGGERATED
        slope = gradient(places, edges, EXAGGERATION if early else 1.0)
        gains = torch.where((slope > 0) == (speed > 0), gains * 0.8, gains + 0.2).clamp_min(0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gains * slope
        places = places + speed
        places -= places.mean(0)
        told(step + 1)
    return places


def begun(values: Tensor) -> Tensor:
    """The first two columns, of deviation 1 in the first."""
    first = torch.zeros((len(values), 2), device=values.device)
    first[:, : min(2, values.shape[1])] = values[:, :2].float()
    first = first - first.mean(0) if len(first) else first
    return first / (first[:, 0].std(correction=0) + 1e-12) if len(first) else first


def attraction(values: Tensor, perplexity: float) -> Edges:
    """The shares of each point's nearest neighbours, made alike in both directions."""
    near, squares = neighbours(values, min(len(values) - 1, math.ceil(3 * perplexity)))
    share = calibrated(squares, perplexity)
    count = len(values)
    one = torch.arange(count, device=values.device).repeat_interleave(near.shape[1])
    other, weight = near.flatten(), share.flatten() / (2 * count)
    pairs, twice = (torch.cat([one, other]) * count + torch.cat([other, one])).unique(return_inverse=True)
    summed = torch.zeros(len(pairs), device=values.device).index_add_(0, twice, torch.cat([weight, weight]))
    return Edges(pairs // count, pairs % count, summed)


def neighbours(values: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """(numbers, squared distances) of each point's `most` nearest others, [N, most]."""
    norms = (values**2).sum(1)
    found, squares = [], []
    for start in range(0, len(values), NEIGHBOUR_CHUNK):
        some = values[start : start + NEIGHBOUR_CHUNK]
        apart = norms[start : start + len(some), None] + norms[None] - 2 * some @ values.T
        apart[torch.arange(len(some)), torch.arange(start, start + len(some))] = torch.inf  # itself
        near = apart.topk(most, largest=False)
        found.append(near.indices)
        squares.append(near.values.clamp_min(0))
    return torch.cat(found), torch.cat(squares)


def calibrated(squares: Tensor, perplexity: float) -> Tensor:
    """[N, k] shares exp(−β d²), each row's summing to 1, with the β by which its entropy is log(perplexity)."""
    squares = squares - squares[:, :1]  # the nearest counts 1: nothing vanishes
    squares = squares / squares.mean(1, keepdim=True).clamp_min(1e-12)
    low, high = torch.full_like(squares[:, :1], -30.0), torch.full_like(squares[:, :1], 30.0)  # of log β
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        share = (-middle.exp() * squares).softmax(1)
        wide = -(share * share.clamp_min(1e-30).log()).sum(1, keepdim=True) > math.log(perplexity)
        low, high = torch.where(wide, middle, low), torch.where(wide, high, middle)
    return (-((low + high) / 2).exp() * squares).softmax(1)


def gradient(places: Tensor, edges: Edges, exaggeration: float) -> Tensor:
    """[N, 2], of the Kullback-Leibler divergence with the shares exaggerated."""
    apart = places[edges.one] - places[edges.other]
    pull = (edges.share / (1 + (apart**2).sum(1)))[:, None] * apart
    pulled = torch.zeros_like(places).index_add_(0, edges.one, pull)
    pushed, total = (of_all_pairs if len(places) <= EXACT else repulsion)(places)
    return 4 * (exaggeration * pulled - pushed / total)


def of_all_pairs(places: Tensor) -> tuple[Tensor, Tensor]:
    """What `repulsion` gives, pair by pair."""
    apart = places[:, None] - places[None]
    kernel = 1 / (1 + (apart**2).sum(2))
    return (kernel[:, :, None] ** 2 * apart).sum(1), (kernel.sum() - len(places)).clamp_min(1e-12)


def repulsion(places: Tensor) -> tuple[Tensor, Tensor]:
    """(Σ_j (1 + d²)^-2 (y_i − y_j) [N, 2], Σ_i≠j (1 + d²)^-1), both felt on a grid to which every point gives its charge of one.

    In boxes of 1, as the paper has them, what a point feels is off by some hundredths, the sum by less than a thousandth.
    """
    widest = float(places.max() - places.min()) * (1 + 1e-5) + 1e-9
    span = WIDER ** math.ceil(math.log(widest, WIDER))  # of few sizes, so that the transformed kernels serve many steps
    lowest = (places.max() + places.min() - span) / 2
    wanted = max(LEAST_BOXES, span, min(FINER * span, FINER_BOXES))
    boxes = next((count for count in BOXES if count >= wanted), BOXES[-1])
    side, step = NODES * boxes, span / (NODES * boxes)
    box = ((places - lowest) / (NODES * step)).long().clamp(0, boxes - 1)  # [N, 2], each about 1 wide
    weights = lagrange((places - lowest) / step - 0.5 - NODES * box)  # [N, 2, NODES]
    nodes = NODES * box[:, :, None] + torch.arange(NODES, device=places.device)
    cells = (nodes[:, 0, :, None] * side + nodes[:, 1, None, :]).flatten(1)  # [N, NODES²]
    shares = (weights[:, 0, :, None] * weights[:, 1, None, :]).flatten(1)
    grid = torch.zeros(side * side, device=places.device).index_add_(0, cells.flatten(), shares.flatten())
    felt = convolved(grid.view(side, side), step).flatten(1).T  # [side², 3]
    sums = (felt[cells] * shares[:, :, None]).sum(1)
    total = sums[:, 0].sum() - of_itself(shares, step)
    return sums[:, 1:], total.clamp_min(1e-12)


def of_itself(shares: Tensor, step: float) -> Tensor:
    """What points feel of their own charges, which the grid spreads over NODES² nodes: about 1 each."""
    place = step * torch.arange(NODES, device=shares.device, dtype=shares.dtype)
    row, column = place.repeat_interleave(NODES), place.repeat(NODES)
    kernel = 1 / (1 + (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2)
    return ((shares @ kernel) * shares).sum()


def lagrange(at: Tensor) -> Tensor:
    """[…, 3] weights of the nodes 0, 1 and 2 at places between −0.5 and 2.5."""
    return torch.stack([(at - 1) * (at - 2) / 2, at * (2 - at), at * (at - 1) / 2], -1)


def convolved(grid: Tensor, step: float) -> Tensor:
    """[3, S, S] of charges on the nodes of a grid [S, S], `step` apart, with (1 + d²)^-1 and both parts of (1 + d²)^-2 · d."""
    side = len(grid)
    size = (2 * side, 2 * side)
    felt: Tensor = torch.fft.irfft2(torch.fft.rfft2(grid, s=size) * kernels(side, step, str(grid.device)), s=size)
    return felt[:, :side, :side]


@functools.lru_cache(maxsize=1)
def kernels(side: int, step: float, device: str) -> Tensor:
    """The transforms of the three kernels on a grid of twice the side, around whose end they lie, so that its circle does not matter."""
    offset = torch.arange(2 * side, device=device)
    offset = step * torch.where(offset < side, offset, offset - 2 * side)
    down, across = offset[:, None].expand(2 * side, 2 * side), offset[None].expand(2 * side, 2 * side)
    kernel = 1 / (1 + down**2 + across**2)
    transformed: Tensor = torch.fft.rfft2(torch.stack([kernel, kernel**2 * down, kernel**2 * across]))
    return transformed
