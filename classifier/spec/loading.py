"""Loads modules without searching them for garbage: what was loaded stays until the process ends."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Around imports of much, such as torch's, where a process begins its work.

    Python looks for garbage again and again while objects become many, at every look through more of them, and through all of them
    several times when it ends. Of the processor's time in which a process loads what trains, and ends, that is a third. So nothing
    is searched meanwhile, and what is there afterwards is passed over from then on. Where nothing new was loaded, nothing changes.
    """
    searching, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:
            gc.freeze()
        if searching:
            gc.enable()
