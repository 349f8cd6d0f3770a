"""Loads torchvision without torch's compiler, of which one of its modules imports a single function.

The compiler with all that it stands on (sympy, FSDP, distributed tensors, triton) is a third of the time in which an evaluation, an
explanation or the worker that classifies starts, and none of them compiles. Whoever does loads it then, as torch itself does.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import torch  # noqa: F401  (what stands in is of its package)

COMPILER, PART = "torch._dynamo", "torch._dynamo.utils"


def is_compile_supported(device: Any) -> bool:
    """The compiler's own answer, for which it is loaded once it is asked for."""
    from torch._dynamo.utils import is_compile_supported as ask

    return bool(ask(device))


def load_torchvision() -> None:
    """With a module in the compiler's place that holds this one function, which is gone afterwards."""
    if COMPILER in sys.modules or "torchvision" in sys.modules:
        return
    whole, part = ModuleType(COMPILER), ModuleType(PART)
    part.is_compile_supported = is_compile_supported  # type: ignore[attr-defined]
    whole.utils = part  # type: ignore[attr-defined]
    sys.modules |= {COMPILER: whole, PART: part}
    try:
        import torchvision  # noqa: F401
    finally:
        for name, module in ((PART, part), (COMPILER, whole)):
            if sys.modules.get(name) is module:
                del sys.modules[name]


load_torchvision()
