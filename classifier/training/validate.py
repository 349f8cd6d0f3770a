"""One pass over the validation split, counted on the device and read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier import metrics
from classifier.data.augment import Normalisation, normalise
from classifier.data.load import Images, readable
from classifier.metrics import sparse
from classifier.spec.events import Sparse
from classifier.training.devices import Plan
from classifier.training.features import Features
from classifier.training.watching import Answers, answers


@dataclass(frozen=True)
class Validation:
    """The figures of one pass; None where the split is empty, the matrix too where there was no pass."""

    loss: float | None
    top1: float | None
    top5: float | None
    confusion: Sparse | None
    said: list[Answers] = field(default_factory=list)  # of the images that are watched


def not_validated() -> Validation:
    """The figures of an epoch after which nobody looked."""
    return Validation(None, None, None, None)


def validate(
    model: nn.Module,
    images: Images | Features,
    labels: Tensor,
    classes: int,
    normalisation: Normalisation | None,
    plan: Plan,
    batch_size: int,
    told: Callable[[int], None] = lambda _: None,
    watch: Tensor | None = None,
) -> Validation:
    """Evaluates the model in the training's own precision. labels: int64 [N] on the device; `told` hears how many images are done.

    watch: rows of the split, int64 [W], of whose images the answers are kept.

    normalisation: None where the batches are features, which go into the network as they are.

    The loss is plain cross-entropy, without smoothing or class weights, so that runs compare.
    """
    device = labels.device
    confusion = torch.zeros(classes * classes, dtype=torch.int64, device=device)
    sums = torch.zeros(2, dtype=torch.float32 if device.type == "mps" else torch.float64, device=device)  # loss, right among five
    parts = list(torch.arange(len(labels)).split(batch_size)) if len(labels) else []
    said: list[Answers | None] = []
    model.eval()
    with torch.inference_mode():
        for positions, batch in zip(parts, images.batches(parts), strict=True):
            positions, batch = readable(images, positions, batch)
            if not len(positions):
                continue
            truth = labels[positions.to(device)]
            inputs = (normalise(batch, normalisation) if normalisation else batch).contiguous(memory_format=plan.memory_format)
            with plan.applied(device):
                logits = model(inputs).float()
            confusion += torch.bincount(truth * classes + logits.argmax(1), minlength=classes * classes)
            five = logits.topk(min(5, classes), dim=1).indices
            sums += torch.stack([functional.cross_entropy(logits, truth, reduction="sum"), (five == truth[:, None]).sum()])
            said.append(None if watch is None else answers(watch, positions, logits))
            told(int(positions[-1]) + 1)
    counts = confusion.view(classes, classes).cpu().numpy()
    loss, right = sums.tolist()
    count = int(counts.sum())
    shares = (loss / count if count else None, metrics.top1(counts), right / count if count else None)
    return Validation(*shares, sparse(counts), [some for some in said if some is not None])
