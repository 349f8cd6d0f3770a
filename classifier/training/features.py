"""Head-only training: what the frozen backbone makes of each image is computed once, and the head learns from that.

Ten epochs then cost about one forward pass. Images are brought to size as evaluation does and are not changed at random, but
that half of them are shown as their mirror image, where that is wanted: its features are computed beside. A resume computes
them again, bit for bit the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from classifier.data.augment import Normalisation, normalise
from classifier.data.load import Images, Told, resident_budget
from classifier.data.moving import moved
from classifier.inference import full_precision
from classifier.models.build import head_of
from classifier.models.caught import inputs_of
from classifier.spec.batches import looked_at
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop, never

BATCH = 64  # images of one forward pass; of large ones fewer
SPILLED = "features.bin"  # of a split whose features exceed the memory's budget; nameless as soon as it is mapped


class Features:
    """The features of one split, by position in the split; stands where `Images` do."""

    def __init__(self, values: Tensor, spoilt: set[int], device: torch.device) -> None:
        self.values, self.spoilt, self.device = values, spoilt, device
        self.mirrored: Tensor | None = None  # of the images' mirror images

    def half_mirrored(self, found: Tensor, positions: Tensor, chance: torch.Generator) -> Tensor:
        """A batch with half of its images, at random, in place of which their mirror images are seen."""
        if self.mirrored is None:
            return found
        picked = (torch.rand(len(positions), generator=chance) < 0.5).nonzero()[:, 0]
        shown = self.mirrored[moved(positions[picked], self.mirrored.device)]
        found[moved(picked, found.device)] = moved(shown, found.device)
        return found

    def batches(self, positions: Iterable[Tensor]) -> Iterator[Tensor]:
        """float32 [N, …] on the device for each int64 tensor of positions."""
        held = self.values
        return (moved(held.index_select(0, moved(batch, held.device)), self.device) for batch in positions)


def tail_of(model: nn.Module) -> nn.Sequential:
    """The part of a network that learns when its backbone is frozen: the head, the dropout before it and what follows it.

    It shares its layers with the network, and gives the network's logits when it is given the features.
    """
    name, head = head_of(model)
    around = model.get_submodule(name.rpartition(".")[0])
    siblings = list(around.children()) if isinstance(around, nn.Sequential) else [head]
    leaves = [layer for layer in model.modules() if not any(layer.children())]
    before = leaves[leaves.index(head) - 1]
    dropout = [before] if isinstance(before, nn.Dropout) else []
    return nn.Sequential(*dropout, *siblings[siblings.index(head) :], nn.Flatten(1))


def room_for(shape: tuple[int, ...], folder: Path, device: torch.device) -> Tensor:
    """float32 zeros of that shape, on the device where the budget of resident images allows it, else mapped from the disk."""
    size = torch.Size(shape).numel()
    if 4 * size <= resident_budget():
        return torch.zeros(shape, device=device)
    file = folder / SPILLED
    file.unlink(missing_ok=True)
    mapped = torch.from_file(str(file), shared=True, size=size, dtype=torch.float32)
    file.unlink()  # the map keeps it until this process ends, however it ends
    return mapped.view(shape)


def compute(
    model: nn.Module,
    images: Images,
    normalisation: Normalisation,
    folder: Path,
    told: Told = lambda _: None,
    should_stop: ShouldStop = never,
    *,
    mirror: bool = False,
) -> Features:
    """The head's inputs for every image, in full precision as evaluation computes them; `told` hears how many are done.

    mirror: those of every image's mirror image too.
    """
    device = images.device
    model.to(memory_format=torch.channels_last).eval()
    parts = list(torch.arange(len(images.rows)).split(looked_at(BATCH, images.side))) if len(images.rows) else []
    values, done = torch.zeros(0, device=device), 0
    views = 1 + mirror
    with inputs_of(head_of(model)[1]) as caught, torch.no_grad(), full_precision():
        for batch in images.batches(parts):
            for view, shown in enumerate((batch, batch.flip(3))[:views]):
                model(normalise(shown, normalisation).contiguous(memory_format=torch.channels_last))
                found = caught.pop()
                values = values if done or view else room_for((views, len(images.rows), *found.shape[1:]), folder, device)
                values[view, done : done + len(found)] = found
            done += len(batch)
            told(done)
            if should_stop():
                raise Interrupted("Interrupted while features were computed; no step was done since. Run the same command again.")
    features = Features(values[0] if len(values) else values, images.spoilt, device)
    features.mirrored = values[1] if mirror else None
    return features
