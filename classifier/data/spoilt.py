"""Images of a dataset whose stored bytes cannot be decoded any more: named once each, counted, and left out."""

from __future__ import annotations

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.problems import left_out
from classifier.spec.errors import ClassifierError
from classifier.spec.events import OnEvent
from classifier.spec.packfile import ERASED

RULE = "unreadable"
MOST_SHARE = 0.1  # of a split; with more, figures would be of another dataset


class Spoilt:
    """What is known of one split's spoilt images, by position in the split."""

    def __init__(self, dataset: Dataset, indices: np.ndarray, on_event: OnEvent, positions: set[int] | None = None) -> None:
        self.dataset, self.indices, self.on_event = dataset, indices, on_event
        self.positions: set[int] = set() if positions is None else positions  # whoever decodes adds to it
        self.told: set[int] = set()

    @property
    def files(self) -> list[str]:
        """Paths inside the source of those that are damaged, sorted."""
        return sorted(self.dataset.path(int(self.indices[position])) for position in self.positions - self.erased())

    def erased(self) -> set[int]:
        """Those that somebody had erased since the dataset was opened: the pack is marked before an image's bytes go, and its name with
        them, which a dataset that was opened before still knows and nobody is to be told."""
        storage = self.dataset.pack.index["storage"]  # mapped, so it shows the file as it is now
        return {position for position in self.positions if storage[self.dataset.images[self.indices[position]]] & ERASED}

    def tell(self) -> None:
        """Names those that nobody was told of yet; raises ClassifierError "unreadable" where they are too many to leave out."""
        fresh, erased = self.positions - self.told, self.erased()
        self.told |= fresh
        for position in sorted(fresh - erased):
            message = "cannot be decoded: its stored bytes are damaged. It is left out; import the dataset again to have it back"
            self.on_event({"event": "problem", **left_out(self.dataset.path(int(self.indices[position])), RULE, message)})
        if count := len(fresh & erased):
            words = "image was erased meanwhile and is" if count == 1 else "images were erased meanwhile and are"
            self.on_event({"event": "log", "level": "info", "message": f"{count:,} {words} left out."})
        damaged = len(self.positions - erased)
        if damaged > max(1, MOST_SHARE * len(self.indices)):
            raise ClassifierError(
                f"{damaged:,} of {len(self.indices):,} images cannot be decoded: the dataset's files are damaged. The log names each. "
                "Import its source again.",
                code=RULE,
            )

    def readable(self) -> np.ndarray:
        """bool [N] over the split: what is not spoilt."""
        kept = np.ones(len(self.indices), bool)
        kept[list(self.positions)] = False
        return kept
