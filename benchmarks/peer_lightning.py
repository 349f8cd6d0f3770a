"""Lightning's Trainer at its best here: bf16, channels-last, loader processes that stay, no logger. Prints {"seconds"} as JSON."""

from __future__ import annotations

import json
import time
import warnings
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import models

from benchmarks.peer_data import arguments, has_bfloat16, image_folders


class Classifier(lightning.LightningModule):  # type: ignore[misc]
    """A network of torchvision's, with its loss and its accuracy."""

    def __init__(self, model: str, classes: int) -> None:
        super().__init__()
        self.model = models.get_model(model, num_classes=classes).to(memory_format=torch.channels_last)
        self.loss = nn.CrossEntropyLoss()

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Any:
        images, labels = batch
        return self.loss(self.model(images.contiguous(memory_format=torch.channels_last)), labels)

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        images, labels = batch
        logits = self.model(images.contiguous(memory_format=torch.channels_last))
        self.log("top1", (logits.argmax(1) == labels).float().mean())

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)


class Clock(lightning.Callback):  # type: ignore[misc]
    """From the beginning of the first epoch to the end of the last."""

    began = ended = 0.0

    def on_train_start(self, *_: Any) -> None:
        self.began = time.perf_counter()

    def on_train_end(self, *_: Any) -> None:
        self.ended = time.perf_counter()


def main() -> None:
    """One training."""
    warnings.filterwarnings("ignore")
    options, clock = arguments(), Clock()
    training, validation = image_folders(options.folder, options.side)
    loading: dict[str, Any] = {"num_workers": options.workers, "persistent_workers": True}
    trainer = lightning.Trainer(
        max_epochs=options.epochs,
        precision="bf16-mixed" if has_bfloat16() else "32-true",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=[clock],
    )
    trainer.fit(
        Classifier(options.model, len(training.classes)),
        DataLoader(training, options.batch, shuffle=True, drop_last=True, **loading),
        DataLoader(validation, options.batch, **loading),
    )
    print(json.dumps({"seconds": clock.ended - clock.began}))


if __name__ == "__main__":
    main()
