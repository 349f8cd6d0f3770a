"""How large a batch may become: where its size is left open, the rule that the engine measures by and the form guesses by, and where
images are looked at without learning, so that their memory has an end too."""

from __future__ import annotations

MOST = 512  # more images a step make a network no better, and need other rates
STEPS = 8  # an epoch has at least so many steps, where the data allow it: few steps teach little
SHARE = 0.6  # of the free memory: the images themselves, validation and others on the machine need some too


def largest_for(images: int, accumulate: int) -> int:
    """The largest power of two that leaves an epoch steps enough; at least 2."""
    wanted = max(2, min(MOST, images // (STEPS * accumulate)))
    return 1 << (wanted.bit_length() - 1)


PIXELS = 4_000_000  # of images that are looked at together: their widest maps take one or two GB, of a few networks up to six


def looked_at(usual: int, side: int, pixels: int = PIXELS) -> int:
    """How many images of that size go through a network together where nothing learns: the usual number, of large ones fewer."""
    return max(1, min(usual, pixels // side**2))
