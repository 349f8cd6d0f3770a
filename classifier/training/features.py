"""Head-only training: what the frozen backbone makes of each image is computed once, and the head learns from that.

Ten epochs then cost about one forward pass. Images are brought to size as evaluation does and are not changed at random,
so that each has one feature tensor for good. A resume computes them again, bit for bit the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from classifier.data.augment import Normalisation, normalise
from classifier.data.load import Images, Told, resident_budget
from classifier.evaluate import full_precision
from classifier.models.build import head_of
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop, never

BATCH = 64  # images of one forward pass
SPILLED = "features.bin"  # of a split whose features exceed the memory's budget; nameless as soon as it is mapped


class Features:
    """The features of one split, by position in the split; stands where `Images` do."""

    def __init__(self, values: Tensor, spoilt: set[int], device: torch.device) -> None:
        self.values, self.spoilt, self.device = values, spoilt, device

    def batches(self, positions: Iterable[Tensor]) -> Iterator[Tensor]:
        """float32 [N, …] on the device for each int64 tensor of positions."""
        held = self.values
        return (held[batch.to(held.device)].to(self.device) for batch in positions)


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


@contextmanager
def inputs_of(layer: nn.Module) -> Iterator[list[Tensor]]:
    """What the layer is given while this lasts, newest last."""
    caught: list[Tensor] = []
    handle = layer.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    try:
        yield caught
    finally:
        handle.remove()


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
) -> Features:
    """The head's inputs for every image, in full precision as evaluation computes them; `told` hears how many are done."""
    device = images.device
    model.to(memory_format=torch.channels_last).eval()
    parts = list(torch.arange(len(images.rows)).split(BATCH)) if len(images.rows) else []
    values, done = torch.zeros(0, device=device), 0
    with inputs_of(head_of(model)[1]) as caught, torch.no_grad(), full_precision():
        for batch in images.batches(parts):
            model(normalise(batch, normalisation).contiguous(memory_format=torch.channels_last))
            found = caught.pop()
            values = values if done else room_for((len(images.rows), *found.shape[1:]), folder, device)
            values[done : done + len(found)] = found
            done += len(found)
            told(done)
            if should_stop():
                raise Interrupted("Interrupted while features were computed; no step was done since. Run the same command again.")
    return Features(values, images.spoilt, device)
