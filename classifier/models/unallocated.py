"""Networks whose weights take no memory, to count them, eighty of them in seconds; or are not drawn, where others are read."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

# what draws first weights: three come here as they are, all others by way of the numbers that they draw
NUMBERS = (Tensor.normal_, Tensor.uniform_)
DRAWN = (*NUMBERS, nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_)


class Unallocated(TorchFunctionMode):
    """Weights are made on the meta device; everything computed stays real.

    (`torch.device("meta")` takes the computations along, and regnets then cannot round their widths.) Nothing is drawn for them: torch
    does that of such weights in Python, for which it loads its compiler.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if func in DRAWN and (weight := args[0] if args else named["tensor"]).is_meta:
            return weight
        return func(*args, **named | ({"device": "meta"} if func is torch.empty else {}))


class Undrawn(TorchFunctionMode):
    """Weights are not drawn: for a network that is about to read all of its own. Lightning's `init_module(empty_init=True)` works alike.

    Who draws again until numbers are in bounds gets zeros, which are.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if func in DRAWN:
            weight = args[0] if args else named["tensor"]
            return weight.zero_() if func in NUMBERS else weight
        return func(*args, **named)
