"""Images that are unlike the rest of their dataset: dark, bright, blurred, empty, of another size or shape.

Limits go by the dataset's own median and spread (median absolute deviation), so that a set of digits on black is not called dark;
an absolute limit beside them keeps what is merely the darkest of a bright set.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from classifier.data.quality.finding import Findings
from classifier.data.quality.looks import Looks

FAR = 3.5  # robust deviations (Iglewicz and Hoaglin, 1993)
VERY_FAR = 4.5  # for blur, which smooth things have by nature
TO_DEVIATION = 1.4826  # of a normal distribution, from its median absolute deviation
DARK, BRIGHT = 45.0, 215.0  # mean grey of 255
FLAT = 4.0  # deviation of grey: fog, a cap on the lens, a blank page
FEW_BITS = 1.0


def deviations(values: np.ndarray, least: float) -> np.ndarray:
    """How many robust deviations each lies above the median; a spread under `least` counts as that."""
    median = np.median(values)
    return np.asarray((values - median) / max(TO_DEVIATION * float(np.median(np.abs(values - median))), least))


def odd(looks: Looks, sizes: tuple[np.ndarray, np.ndarray]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(kind, places in `looks`, scores) of each kind; sizes: heights and widths in pixels."""
    seen = looks.looks
    read = seen["read"]
    if not read.any():
        return
    flat = read & ((seen["contrast"] < FLAT) | (seen["information"] < FEW_BITS) & (deviations(seen["information"], 0.3) < -FAR))
    yield told("flat", flat, 1 / (1 + seen["contrast"]))
    light = deviations(seen["brightness"], 8.0)
    yield told("dark", read & ~flat & (light < -FAR) & (seen["brightness"] < DARK), -light)
    yield told("bright", read & ~flat & (light > FAR) & (seen["brightness"] > BRIGHT), light)
    sharp = deviations(np.log(np.maximum(seen["sharpness"], 1e-3)), 0.2)
    yield told("blurred", read & ~flat & (sharp < -VERY_FAR), -sharp)
    heights, widths = (np.log2(np.maximum(side, 1)) for side in sizes)
    area, aspect = heights + widths, widths - heights
    far_area, far_aspect = deviations(area, 0.25), deviations(aspect, 0.1)
    yield told("odd_size", (np.abs(far_area) > FAR) & (np.abs(area - np.median(area)) >= 2), np.abs(far_area))  # four times the area
    yield told("odd_aspect", (np.abs(far_aspect) > FAR) & (np.abs(aspect - np.median(aspect)) >= 1), np.abs(far_aspect))  # twice as long


def told(kind: str, found: np.ndarray, scores: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    places = np.flatnonzero(found)
    return kind, places, scores[places].astype(np.float64)


def findings(looks: Looks, sizes: tuple[np.ndarray, np.ndarray], of_sample: np.ndarray) -> list[Findings]:
    """The same by samples; of_sample: the place in `looks` of each sample's image."""
    made = []
    for kind, places, scores in odd(looks, sizes):
        by_place = np.full(len(looks), np.nan)
        by_place[places] = scores
        positions = np.flatnonzero(~np.isnan(by_place[of_sample]))
        made.append(Findings.of(kind, positions, by_place[of_sample[positions]]))
    return made
