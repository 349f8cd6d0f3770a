"""Which stages of a network learn: frozen by depth, thawed one after the other, and slower the nearer to the image they are.

A stage is what a network's own definition has as one step of its depth: a block of convolutions, a layer of a transformer.
"""

from __future__ import annotations

import types
from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from classifier.models.build import head_of
from classifier.spec.depth import frozen_of

OPENED = ("features", "encoder", "encoder.layers", "blocks", "layers", "trunk_output")  # containers whose children are the stages
NORMS = (_NormBase, nn.LayerNorm)

Stage = list[nn.Module]


def parts(module: nn.Module, head: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """(name, part) of the parts with weights, from the image to the head, which is left out."""
    for short, child in module.named_children():
        name = f"{prefix}{short}"
        if child is head or not any(True for _ in child.parameters()):
            continue
        if name in OPENED or any(layer is head for layer in child.modules()):
            yield from parts(child, head, f"{name}.")
        else:
            yield name, child


def stages_of(model: nn.Module) -> dict[str, Stage]:
    """The backbone's stages by name, from the image on; a norm by itself belongs to the stage before it."""
    stages: dict[str, Stage] = {}
    newest: Stage | None = None
    for name, part in parts(model, head_of(model)[1]):
        if newest is not None and isinstance(part, NORMS):
            newest.append(part)
        else:
            newest = stages[name] = [part]
    return stages


def frozen_count(model: nn.Module, freeze: str | float | None) -> int:
    """How many stages, from the image on, that value of `freeze` keeps as they are; raises ConfigError for more than there are."""
    return frozen_of(len(stages_of(model)), freeze)


def freeze_stages(model: nn.Module, count: int) -> None:
    """Lets the head and all but the first `count` stages learn; weights and norms' running statistics of the rest stay as they are.

    What belongs to no stage, such as a table of positions, is frozen with the first. Frozen norms stay in eval mode whatever
    `model.train()` says, so that the training loop need not know.
    """
    stages = list(stages_of(model).values())
    learning = [head_of(model)[1], *(part for stage in stages[count:] for part in stage)]
    learnt = {id(parameter) for part in learning for parameter in part.parameters()}
    for parameter in model.parameters():
        parameter.requires_grad_(count == 0 or id(parameter) in learnt)
    moving = {id(layer) for part in learning for layer in part.modules()}
    for layer in model.modules():
        if isinstance(layer, _NormBase):
            hold(layer, still=count > 0 and id(layer) not in moving)


def hold(layer: nn.Module, *, still: bool) -> None:
    """Keeps a norm in eval mode from now on, or no longer."""
    layer.__dict__.pop("train", None)
    if still:
        layer.train = types.MethodType(stay_in_eval, layer)  # type: ignore[method-assign]
        layer.eval()


def stay_in_eval(layer: nn.Module, mode: bool = True) -> nn.Module:
    """`train` of a frozen norm."""
    return nn.Module.train(layer, False)


def freeze_backbone(model: nn.Module) -> None:
    """Leaves only the head to learn."""
    freeze_stages(model, len(stages_of(model)))


def depth_of(model: nn.Module) -> dict[str, int]:
    """{parameter: how many stages lie between it and the logits}: 0 for the head, the most for the first stage and for tables."""
    stages = list(stages_of(model).values())
    places = {id(parameter): place for place, stage in enumerate(stages) for part in stage for parameter in part.parameters()}
    head = {id(parameter) for parameter in head_of(model)[1].parameters()}
    return {
        name: 0 if id(parameter) in head else len(stages) - places.get(id(parameter), 0) for name, parameter in model.named_parameters()
    }


def told(model: nn.Module, count: int) -> dict[str, object] | None:
    """What result.json says of `count` frozen stages: their names, how many there are, and how many numbers they hold."""
    if not count:
        return None
    stages = stages_of(model)
    names = list(stages)[:count]
    later = {id(parameter) for name in list(stages)[count:] for part in stages[name] for parameter in part.parameters()}
    later |= {id(parameter) for parameter in head_of(model)[1].parameters()}
    held = sum(parameter.numel() for parameter in model.parameters() if id(parameter) not in later)
    return {"stages": names, "of": len(stages), "parameters": held, "parameters_in_all": sum(p.numel() for p in model.parameters())}
