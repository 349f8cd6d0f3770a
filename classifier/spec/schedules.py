"""Learning-rate schedules as plain functions, drawn in the form by the very code that trains."""

from __future__ import annotations

import math


def cosine_with_warmup(step: int, steps: int, warmup_steps: int) -> float:
    """The share (0..1] of the highest rate at `step`, from 0 to steps − 1.

    Rises in a straight line over warmup_steps, then falls by half a cosine to almost zero
    (Loshchilov and Hutter, "SGDR", 2017, with one cycle).
    """
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    done = (step - warmup_steps) / max(1, steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
