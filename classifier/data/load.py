"""From the pack to batches: how an image is brought to size for training and for evaluation, side by side.

Images that fit a budget are decoded once and stay in memory (on the GPU where there is one) as uint8;
what does not fit is decoded by a few threads, ahead of the step that needs it. Either way batches are the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from classifier.data.augment import EVAL_CROP, Normalisation, normalise
from classifier.data.moving import moved
from classifier.data.pack import ImageReader
from classifier.data.sizing import RESIZES, greyed, resized
from classifier.spec.errors import ClassifierError, Interrupted, is_out_of_memory
from classifier.spec.events import ShouldStop, never
from classifier.spec.faults import fault
from classifier.spec.packfile import STORAGE_PIXELS
from classifier.threads import work_alone

__all__ = ["Images", "Normalisation", "eval_batches", "hold_what_fits", "normalise", "readable", "sizes_of"]

RESIDENT_MEGABYTES = 1024  # unless SYNSET_RESIDENT_MB says otherwise
DECODE_CHUNK = 32  # images a thread takes at once
TRAIN_MARGIN = 1.25  # photographs are kept this much larger than the training size, so that windows stay sharp

Prepare = Callable[[ImageReader, int, int], Tensor]  # (pack, row, side) → uint8 [3, side, side]
Spoilt = Callable[[int], None]  # told the place of an image that cannot be decoded
Told = Callable[[int], None]  # told how many images are done
Item = TypeVar("Item")
Result = TypeVar("Result")


def is_small(pack: ImageReader, row: int) -> bool:
    """Whether an image is kept as raw pixels: a digit, an icon, a thumbnail."""
    return int(pack.index["storage"][row]) == STORAGE_PIXELS


def all_small(pack: ImageReader, rows: np.ndarray) -> bool:
    """Whether all of these images are."""
    return bool((pack.index["storage"][rows] == STORAGE_PIXELS).all())


def sizes_of(pack: ImageReader, rows: np.ndarray) -> Tensor:
    """float32 [N, 2]: height and width of each image in pixels."""
    entries = pack.index[rows]
    return torch.from_numpy(np.stack([entries["height"], entries["width"]], 1).astype(np.float32))


def squeezed(pack: ImageReader, row: int, side: int) -> Tensor:
    """For training: the whole image brought to a square. Windows are cut from it with the true aspect in mind."""
    return resized(pack.image(row), side, side)


def evaluated(pack: ImageReader, row: int, side: int) -> Tensor:
    """For evaluation and prediction: a small image brought to the side; of a photograph the middle.

    As ImageNet is measured: the short side resized to side × 256/224, then the centre square cut out.
    """
    image = pack.image(row)
    if is_small(pack, row):
        return resized(image, side, side)
    height, width = image.shape[1:]
    short = round(side / EVAL_CROP)
    scale = short / min(height, width)
    image = resized(image, max(short, int(height * scale)), max(short, int(width * scale)))
    top, left = ((extent - side) // 2 for extent in image.shape[1:])
    return image[:, top : top + side, left : left + side]


def preparing(automatic: Prepare, resize: str | None, channels: str) -> Prepare:
    """How an image is brought to size: by a mode of RESIZES, or as `automatic` has it where none was chosen; grey where asked."""

    def prepare(pack: ImageReader, row: int, side: int) -> Tensor:
        image = RESIZES[resize](pack.image(row), side) if resize else automatic(pack, row, side)
        return greyed(image) if channels == "grey" else image

    return prepare


def decode_threads() -> int:
    """How many threads decode beside the training: torchvision's decoder and resizing let go of the interpreter's lock."""
    return max(1, min(8, os.cpu_count() or 1))


def in_threads(function: Callable[[Item], Result], items: Iterable[Item], threads: int, ahead: int) -> Iterator[Result]:
    """function(item) for each item, in order, computed by threads at most `ahead` items early.

    Each works alone. torch's own threads, which each would else bring along, are more than there are cores; those of the training or
    the evaluation that waits for the images then sleep between any two operations, which makes it slower by up to a fifth.
    """
    torch.get_num_threads()  # settled here before a thread that works alone is the first to ask
    waiting: deque[Future[Result]] = deque()
    source = iter(items)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode", initializer=work_alone)
    try:
        waiting.extend(pool.submit(function, item) for item in islice(source, ahead))
        while waiting:
            result = outcome(waiting.popleft())
            waiting.extend(pool.submit(function, item) for item in islice(source, 1))
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(torch.get_num_threads())  # threads that are still to come begin with what was set last, by whomever


def outcome(future: Future[Result]) -> Result:
    """What a thread came to; a loader that ended for a reason of its own is said to have done so, and may be started again."""
    error = future.exception()
    if error is None or isinstance(error, ClassifierError | OSError) or is_out_of_memory(error):
        return future.result()
    raise ClassifierError(f"A loader of images ended unexpectedly ({type(error).__name__}: {error}).", retry=True, code="loader") from error


def prepared(pack: ImageReader, row: int, side: int, prepare: Prepare) -> Tensor | None:
    """One image; None where its stored bytes cannot be decoded."""
    try:
        return prepare(pack, row, side)
    except (RuntimeError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        return None


def stacked(pack: ImageReader, rows: Sequence[int] | np.ndarray, side: int, prepare: Prepare, spoilt: Spoilt) -> Tensor:
    """uint8 [N, 3, side, side] of these rows; black for each whose bytes are spoilt, which is told by its place."""
    fault("loader")
    images = [prepared(pack, int(row), side, prepare) for row in rows]
    for place, image in enumerate(images):
        if image is None:
            spoilt(place)
    return torch.stack([torch.zeros((3, side, side), dtype=torch.uint8) if image is None else image for image in images])


def eval_batches(
    pack: ImageReader,
    rows: Sequence[int] | np.ndarray,
    image_size: int,
    batch_size: int,
    spoilt: Spoilt = lambda _: None,
    prepare: Prepare = evaluated,
) -> Iterator[Tensor]:
    """The only preprocessing of evaluation and prediction: batches uint8 [N, 3, image_size, image_size], in order.

    `spoilt` is told the place in `rows` of each image that cannot be decoded, before its batch (where it is black) comes.
    """

    def part(start: int) -> Tensor:
        return stacked(pack, rows[start : start + batch_size], image_size, prepare, lambda place: spoilt(start + place))

    threads = decode_threads() if len(rows) > 1 else 1
    return in_threads(part, range(0, len(rows), batch_size), threads, 2 * threads)


def resident_budget() -> int:
    """Bytes that decoded images may take up while training."""
    return int(float(os.environ.get("SYNSET_RESIDENT_MB") or RESIDENT_MEGABYTES) * 2**20)


class Images:
    """The images of one split at one size, by position in the split: held in memory or decoded when asked for."""

    def __init__(
        self,
        pack: ImageReader,
        rows: np.ndarray,
        side: int,
        prepare: Prepare,
        device: torch.device,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self.pack, self.rows, self.side, self.prepare, self.device, self.layout = pack, rows, side, prepare, device, layout
        self.resident: Tensor | None = None
        self.spoilt: set[int] = set()  # positions of images that could not be decoded, as far as they were asked for; black in batches

    @property
    def resident_bytes(self) -> int:
        """What they take up in memory, decoded."""
        return 3 * self.side**2 * len(self.rows)

    def hold(self, should_stop: ShouldStop = never, told: Told = lambda _: None) -> None:
        """Decodes all of them into memory, on the device; tells how many are done."""
        held = torch.empty((len(self.rows), 3, self.side, self.side), dtype=torch.uint8, memory_format=self.layout)
        starts = range(0, len(self.rows), DECODE_CHUNK)
        chunks = in_threads(self.decode, (range(s, min(s + DECODE_CHUNK, len(held))) for s in starts), decode_threads(), 8)
        for start, chunk in zip(starts, chunks, strict=True):
            held[start : start + len(chunk)] = chunk
            told(start + len(chunk))
            if should_stop():
                raise Interrupted("Interrupted while images were decoded; nothing was trained yet. Run the same command again.")
        self.resident = held.to(self.device)

    def decode(self, positions: Iterable[int]) -> Tensor:
        """uint8 [N, 3, side, side] of positions in the split."""
        wanted = list(positions)
        images = stacked(self.pack, self.rows[wanted], self.side, self.prepare, lambda place: self.spoilt.add(wanted[place]))
        return images.contiguous(memory_format=self.layout)

    def batches(self, positions: Iterable[Tensor]) -> Iterator[Tensor]:
        """One uint8 batch on the device for each int64 tensor of positions."""
        if self.resident is not None:
            held = self.resident
            return (picked(held, moved(batch, self.device), self.layout) for batch in positions)
        threads = decode_threads()
        decoded = in_threads(lambda batch: self.decode(batch.tolist()), positions, threads, threads + 1)
        return (moved(batch, self.device) for batch in decoded)


def picked(images: Tensor, positions: Tensor, layout: torch.memory_format) -> Tensor:
    """images[positions], copied image by image as they lie in memory: value by value takes ten times as long."""
    if layout == torch.channels_last:
        return images.permute(0, 2, 3, 1).index_select(0, positions).permute(0, 3, 1, 2)
    return images.index_select(0, positions)


class Readable(Protocol):
    """What knows which of its images could not be decoded."""

    spoilt: set[int]


def readable(images: Readable, positions: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
    """The batch without its spoilt images, which are black: (positions int64 [M], uint8 [M, 3, side, side])."""
    if images.spoilt.isdisjoint(positions.tolist()):
        return positions, batch
    kept = torch.tensor([position not in images.spoilt for position in positions.tolist()])
    return positions[kept], batch[moved(kept.nonzero()[:, 0], batch.device)]


def hold_what_fits(splits: Sequence[Images], should_stop: ShouldStop = never, told: Callable[[int, int], None] = lambda *_: None) -> None:
    """Keeps as many splits in memory as the budget allows, the first ones first; tells (done, all) images of the split under way."""
    left = resident_budget()
    for images in splits:
        if images.resident_bytes <= left:
            left -= images.resident_bytes
            images.hold(should_stop, lambda done, images=images: told(done, len(images.rows)))  # type: ignore[misc]
