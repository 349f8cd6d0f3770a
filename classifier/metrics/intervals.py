"""How sure a measured share is."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point


def wilson(successes: float, n: float, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), 95 % by default; (0, 1) while nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    share, spread = successes / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    # all and none reach the ends, which rounding would miss by a hair: then all would lie below all
    return 0.0 if successes <= 0 else max(0.0, middle - half), 1.0 if successes >= n else min(1.0, middle + half)


def wilson_f1(right: float, called: float, z: float = Z_95) -> tuple[float, float]:
    """The interval of F1 of a class of which `right` of the `called` images that are of it or were called so are both: F1 is twice a
    share of those by one and the share (Lam, Gopal and Qian 2023, the indirect method); (0, 1) while nothing was counted."""
    low, high = (2 * share / (1 + share) for share in wilson(right, called, z))
    return low, high


def difference(first: int, first_n: int, second: int, second_n: int, z: float = Z_95) -> tuple[float, float]:
    """The interval of the first share minus the second, of independent counts (Newcombe 1998, method 10); (-1, 1) without any."""
    if not first_n or not second_n:
        return -1.0, 1.0
    one, other = first / first_n, second / second_n
    (low1, high1), (low2, high2) = wilson(first, first_n, z), wilson(second, second_n, z)
    gap = one - other
    return gap - math.hypot(one - low1, high2 - other), gap + math.hypot(high1 - one, other - low2)
