"""How sure a measured share is."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), 95 % by default; (0, 1) while nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    share, spread = successes / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)
