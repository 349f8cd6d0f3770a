"""Images that look alike, without comparing each with each.

Two hashes that differ in at most RADIUS bits agree in at least one of RADIUS + 1 bands. So the hashes are sorted by each band in
turn, and only neighbours that share it are compared; what remains is compared by its pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from classifier.data.quality.looks import Looks
from classifier.data.quality.steps import Steps

BANDS = (13, 13, 13, 13, 12)  # bits
RADIUS = len(BANDS) - 1
NEIGHBOURS = 128  # compared with each at most, so that ten thousand blank pages cost no more than others
CHUNK = 4096
ALIKE = 0.985  # correlation of two small pictures, colours included; a photograph saved anew has 0.999, cropped by 2 % about 0.985
ALIKE_SMALL = 0.996  # of digits and icons: two people's ones have 0.993
EVEN = 6.0  # deviation below which a picture has nothing to correlate
SAME_COLOUR = 3.0  # mean difference of two such
SHIFT = 12.0  # mean difference that two pictures may have, of 255: the same scene at another time of day is another picture


def bands(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """Each band's value of every hash, uint64 [N]."""
    start = 0
    for bits in BANDS:
        yield (hashes >> np.uint64(start)) & np.uint64((1 << bits) - 1)
        start += bits


def candidates(hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of places, in parts; a pair that shares several bands comes several times."""
    for key in bands(hashes):
        order = np.lexsort((hashes, key))
        sorted_key, sorted_hash = key[order], hashes[order]
        for distance in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
            same = sorted_key[distance:] == sorted_key[:-distance]
            if not same.any():
                break
            near = np.flatnonzero(same & (np.bitwise_count(sorted_hash[distance:] ^ sorted_hash[:-distance]) <= RADIUS))
            if len(near):
                yield order[near], order[near + distance]


def likeness(first: np.ndarray, second: np.ndarray, least: np.ndarray) -> np.ndarray:
    """How alike two small pictures are, of uint8 [N, P] each: float [N], below 0 for those that correlate by less than `least` [N]."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    mean_a, mean_b = a.mean(1, keepdims=True), b.mean(1, keepdims=True)
    shift = np.abs(a - b).mean(1)
    deviation_a, deviation_b = a.std(1), b.std(1)
    together = ((a - mean_a) * (b - mean_b)).mean(1) / np.maximum(deviation_a * deviation_b, 1e-6)
    even = np.minimum(deviation_a, deviation_b) < EVEN
    fits = np.where(even, shift <= SAME_COLOUR, (together >= least) & (shift <= SHIFT))
    return np.where(fits, np.where(even, 1 - shift / 255, together), -1.0)


def alike(looks: Looks, small: np.ndarray, steps: Steps) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(first, second, likeness) of each pair of places in `looks` that show nearly the same; first < second.

    small: bool [N], which of them are kept as raw pixels.
    """
    hashes = np.where(looks.looks["read"], looks.looks["hash"], 0)
    count, kept = max(1, len(looks)), np.empty(0, np.int64)
    for first, second in candidates(hashes):
        pairs = np.minimum(first, second) * count + np.maximum(first, second)
        kept = np.concatenate((kept, pairs))
        if len(kept) > 4_000_000:  # many come more than once
            kept = np.unique(kept)
        steps.told(0, 1, "parts")
    kept = np.unique(kept)
    first, second = kept // count, kept % count
    both = looks.looks["read"][first] & looks.looks["read"][second]
    first, second = first[both], second[both]
    least = np.where(small[first] | small[second], ALIKE_SMALL, ALIKE)
    found = np.empty(len(first))
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = likeness(looks.tiny[first[part]], looks.tiny[second[part]], least[part])
        steps.told(start, len(first), "pairs")
    fits = found >= 0
    return first[fits], second[fits], found[fits]
