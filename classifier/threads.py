"""How the processor's threads wait for each other, which is to be settled before torch is loaded; and how many there are."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

# Rounds before a waiting thread sleeps. Fewer put it to sleep between two operations of a step, and it wakes late; the library's own
# 300,000 are milliseconds, for which it holds a core that others want (docs/performance.md, "Waiting threads").
SPINS = "10000"


def share_cores(environment: MutableMapping[str, str] = os.environ) -> None:
    """Makes torch's threads sleep soon where they wait, so that a training shares the cores with whatever else runs.

    GNU OpenMP reads this once, when torch is loaded. What the user has set stays.
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", SPINS)


@contextmanager
def one_thread() -> Iterator[None]:
    """On one of the processor's threads: on cores that others use a second one, for so little, costs several times what it saves."""
    import torch  # here and not above: the other function is called before it is loaded

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def work_alone() -> None:
    """This thread of Python gets none of torch's; asked first how many it has, for what is first asked later settles it anew."""
    import torch  # as above

    torch.get_num_threads()
    torch.set_num_threads(1)
