"""Images of a dataset whose stored bytes cannot be decoded any more: named once each, counted, and left out."""

from __future__ import annotations

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.problems import left_out
from classifier.spec.errors import ClassifierError
from classifier.spec.events import OnEvent

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
        """Their paths inside the source, sorted."""
        return sorted(self.dataset.path(int(self.indices[position])) for position in self.positions)

    def tell(self) -> None:
        """Names those that nobody was told of yet; raises ClassifierError "unreadable" where they are too many to leave out."""
        for position in sorted(self.positions - self.told):
            self.told.add(position)
            message = "cannot be decoded: its stored bytes are damaged. It is left out; import the dataset again to have it back"
            self.on_event({"event": "problem", **left_out(self.dataset.path(int(self.indices[position])), RULE, message)})
        if len(self.positions) > max(1, MOST_SHARE * len(self.indices)):
            count, example = len(self.positions), self.files[0]
            raise ClassifierError(
                f"{count:,} of {len(self.indices):,} images cannot be decoded, {example} among them: the dataset's files are damaged. "
                "Import its source again.",
                code=RULE,
            )

    def readable(self) -> np.ndarray:
        """bool [N] over the split: what is not spoilt."""
        kept = np.ones(len(self.indices), bool)
        kept[list(self.positions)] = False
        return kept
