"""Networks whose weights take no memory: to count them, eighty of them in seconds."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Unallocated(TorchFunctionMode):
    """Weights are made on the meta device; everything computed stays real.

    (`torch.device("meta")` takes the computations along, and regnets then cannot round their widths.)
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}) | ({"device": "meta"} if func is torch.empty else {}))
