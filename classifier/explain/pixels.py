"""Maps over the pixels themselves, for any network: integrated gradients (Sundararajan et al., 2017) and occlusion (Zeiler and
Fergus, 2014).

Both compare with plain grey: the mean colour that images are normalised by, which is 0 for the network.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop, never

NODES = (24, 72)  # gradients on the way, where Gauss and Legendre put them: first few, then more where they do not add up
EXACT = 0.05  # of the difference, that the sum may lack: of EfficientNet-Lite0 24 nodes lacked a half, 48 a tenth, 96 a fiftieth
CELLS = 8  # a side, of the grid that is covered; a cover is 2 × 2 of them
PASS_PIXELS = 8 * 224 * 224  # in one pass, so that a large network at a large size keeps within memory


def portions(count: int, images: Tensor) -> Iterator[slice]:
    """Parts of so many copies of one image [1, 3, S, S], each of what one pass takes."""
    many = max(1, PASS_PIXELS // (images.shape[2] * images.shape[3]))
    return (slice(start, min(start + many, count)) for start in range(0, count, many))


def look(should_stop: ShouldStop) -> None:
    """Between two passes."""
    if should_stop():
        raise Interrupted("Interrupted.")


def integrated(model: nn.Module, images: Tensor, label: int, *, nodes: int = NODES[0], should_stop: ShouldStop = never) -> Tensor:
    """What each value of one image [1, 3, S, S] adds to the class's logit above that of plain grey: [3, S, S].

    The sum is that difference, but for what so many nodes leave over.
    """
    points, weights = np.polynomial.legendre.leggauss(nodes)
    shares = torch.from_numpy((points + 1) / 2).to(images).view(-1, 1, 1, 1)
    weighed = torch.from_numpy(weights / 2).to(images).view(-1, 1, 1, 1)
    slope = torch.zeros_like(images[0])
    for part in portions(nodes, images):
        look(should_stop)
        with torch.enable_grad():
            between = (shares[part] * images).requires_grad_()
            (gradient,) = torch.autograd.grad(model(between)[:, label].sum(), between)
        slope += (weighed[part] * gradient).sum(0)
    return slope * images[0]


def covers(side: int, cells: int = CELLS) -> list[tuple[int, int, int, int]]:
    """(top, bottom, left, right) in pixels of each cover: every 2 × 2 cells of the grid."""
    cells = min(cells, side)
    edges = [round(side * edge / cells) for edge in range(cells + 1)]
    places = [(edges[at], edges[at + 2]) for at in range(cells - 1)]
    return [(*rows, *columns) for rows in places for columns in places]


def occlusion(
    model: nn.Module, images: Tensor, label: int, *, cells: int = CELLS, should_stop: ShouldStop = never
) -> tuple[Tensor, Tensor]:
    """(map [S, S]: how far the class's logit falls where a pixel is covered, the mean over its covers; logits [covers, classes])."""
    side, where = images.shape[2], covers(images.shape[2], cells)
    found = []
    with torch.no_grad():
        before = model(images)[0, label]
        for part in portions(len(where), images):
            look(should_stop)
            covered = images.repeat(part.stop - part.start, 1, 1, 1)
            for copy, (top, bottom, left, right) in zip(covered, where[part], strict=True):
                copy[:, top:bottom, left:right] = 0
            found.append(model(covered))
    logits = torch.cat(found)
    falls, times = torch.zeros(side, side, device=images.device), torch.zeros(side, side, device=images.device)
    for (top, bottom, left, right), fall in zip(where, before - logits[:, label], strict=True):
        falls[top:bottom, left:right] += fall
        times[top:bottom, left:right] += 1
    return falls / times, logits
