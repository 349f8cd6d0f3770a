"""What `grow` looks at, in the standard library's terms: how many images a learning curve is made of."""

from __future__ import annotations

from typing import Final

SHARES: Final = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0)  # of the training images of each class
REPEATS: Final = 3  # draws of each share but the whole
MOST_TRAIN: Final = 20_000  # images that are learnt from, of a larger set the same share of each class
MOST_JUDGED: Final = 10_000  # validation images
ENOUGH: Final = 50  # validation images of each class that judge; with fewer, train and validation judge in turns
FOLDS: Final = 5  # of those turns
LEAST: Final = 10  # images of train and validation together
