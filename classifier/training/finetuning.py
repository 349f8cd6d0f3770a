"""After the head, the whole network: it learns for the last epochs from the best head on, at a low rate, lower the nearer to the image.

A new head would first spoil what the backbone knows (Kumar et al., "Fine-Tuning can Distort Pretrained Features", 2022: probe,
then fine-tune). The best checkpoint is by validation as ever, so that fine-tuning is kept only where it is better.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from torch.nn.modules.batchnorm import _NormBase

from classifier.models.freezing import freeze_stages, hold
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.events import Event
from classifier.spec.words import plural
from classifier.training.average import average_for
from classifier.training.checkpoint import standing
from classifier.training.optim import make_optimizer
from classifier.training.pictures import training_pictures, validation_pictures

if TYPE_CHECKING:  # it builds trainings, and a training that goes on is brought here first
    from classifier.training.setup import Training

LAYER_DECAY = 0.75  # where none was chosen


def due(training: Training) -> bool:
    """Whether the next epoch is the first of the whole network."""
    t = training
    return bool(t.config.finetune) and not t.finetuning and t.epoch >= t.config.head_epochs


def layer_decay(config: TrainConfig) -> float | None:
    """By how much slower each stage learns than the one behind it; Muon's steps have a length of their own."""
    return config.layer_decay or (None if config.optimizer == "muon" else LAYER_DECAY)


def begin(training: Training) -> None:
    """Goes on from the best head so far with all of the network."""
    t = training
    model, epoch = Run.open(t.folder).load_model("best")
    t.model.load_state_dict(model.state_dict())
    whole_network(t)
    t.watch.on_event({"event": "stage", "stage": "finetuning", "message": beginning(epoch, t.config)})


def beginning(epoch: int, config: TrainConfig) -> str:
    """What is about to be done, in words; `epoch`: of the head that it goes on from."""
    message = f"Fine-tuning: from the head of epoch {epoch} on the whole network learns for {plural(config.finetune or 0, 'epoch')}"
    return f"{message} at a rate of up to {config.finetune_rate:.3g}; it is kept where validation is better"


def whole_network(training: Training) -> None:
    """Lets everything learn, from images, with an optimiser and a schedule of its own; weights stay as they are.

    Norms keep the statistics that the head learnt with: those of a few dozen images at a time would be other features at once.
    """
    t, c = training, training.config
    t.finetuning, t.plan = True, t.later_plan or t.plan
    freeze_stages(t.model, 0)
    for layer in t.model.modules():
        if isinstance(layer, _NormBase):
            hold(layer, still=True)
    t.model.to(memory_format=t.plan.memory_format)
    t.optimizer = make_optimizer(t.model, dataclasses.replace(c, learning_rate=c.finetune_rate, layer_decay=layer_decay(c)))
    t.average = average_for(t.model, c.ema, None)
    spoilt = [images.spoilt for images in (t.images, t.validation)]
    t.images = training_pictures(t.dataset, t.dataset.images[t.dataset.indices("train")], c, t.device, small=t.small)
    t.validation = validation_pictures(t.dataset, c, t.device)
    t.images.spoilt, t.validation.spoilt = spoilt


def at_the_end(training: Training) -> dict[str, Any] | None:
    """What result.json says of it: how long and fast it was, which head it began from, and whether it was kept."""
    t, c = training, training.config
    if not t.finetuning:
        return None
    return {
        "epochs": t.epoch - c.head_epochs,
        "learning_rate": c.finetune_rate,
        "layer_decay": layer_decay(c),
        "from_epoch": best_of(t.history.rows[: c.head_epochs]),
        "kept": best_of(t.history.rows) > c.head_epochs,
    }


def best_of(rows: list[Event]) -> int:
    """The epoch that is best by validation."""
    return int(max(rows, key=standing)["epoch"])


def verdict(told: dict[str, Any]) -> Event:
    """Whether it was worth it, in words."""
    head = f"the head of epoch {told['from_epoch']}"
    words = f"was better than {head} on validation, and is kept" if told["kept"] else f"was no better on validation: {head} is kept"
    return {"event": "log", "level": "info", "message": f"Fine-tuning {words}."}
