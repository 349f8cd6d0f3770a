"""The ceiling: the same step on one batch that lies in memory, at the best precision and layout of this device.

Prints {"images_per_second", "plan"} as JSON. Without --plan it tries every one and prints the best; the measurement
itself is a process with that plan alone, since what was tried before it costs some percent of its speed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace

from classifier.threads import share_cores

share_cores()  # before torch is loaded: the ceiling has every setting that ours has

import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

from classifier.inference import full_precision  # noqa: E402
from classifier.models.build import build  # noqa: E402
from classifier.models.folding import folded  # noqa: E402
from classifier.spec.config import TrainConfig  # noqa: E402
from classifier.training.compiling import compiled  # noqa: E402
from classifier.training.devices import Plan, candidates, choose_device, synchronise  # noqa: E402
from classifier.training.memory import keep_freed_memory  # noqa: E402
from classifier.training.optim import make_optimizer  # noqa: E402

WARM_UP_STEPS = 2
CONFIG = TrainConfig(optimizer="sgd", learning_rate=0.01, weight_decay=1e-4)


def speed(name: str, side: int, batch: int, plan: Plan, seconds: float) -> float:
    """Images a second of forward, backward and optimiser on one synthetic batch."""
    device = choose_device("auto")
    model = build(name, 10, image_size=side).to(device, memory_format=plan.memory_format).train()  # type: ignore[call-overload]
    network = compiled(model) if plan.compiled else model
    optimizer = make_optimizer(model, CONFIG)
    images = torch.randn(batch, 3, side, side, device=device).contiguous(memory_format=plan.memory_format)
    labels = torch.randint(0, 10, (batch,), device=device)

    def step() -> None:
        with plan.applied(device):
            logits = network(images)
        loss = functional.cross_entropy(logits.float(), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return per_second(step, device, seconds) * batch


def tried_on(device: torch.device) -> list[Plan]:
    """What the ceiling compares: the probe's candidates, on a GPU each of them compiled too."""
    plans = candidates(device)
    return plans + [replace(plan, compiled=True) for plan in plans] if device.type == "cuda" else plans


def per_second(step: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Steps a second over about so long, once they are warm."""
    for _ in range(WARM_UP_STEPS):
        step()
    synchronise(device)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        step()
        done += 1
    synchronise(device)
    return done / (time.perf_counter() - started)


def forward_speed(name: str, side: int, batch: int, seconds: float) -> float:
    """Images a second of the forward pass alone, in fp32 as evaluation must have it and with norms folded, on one synthetic batch."""
    device = choose_device("auto")
    model = folded(build(name, 10, image_size=side).to(device).to(memory_format=torch.channels_last).eval())
    images = torch.randn(batch, 3, side, side, device=device).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(), full_precision():
        return per_second(lambda: model(images), device, seconds) * batch


def main() -> None:
    """Measures one plan, or finds the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--plan", type=int, help="which of the candidates; all, when missing")
    parser.add_argument("--forward", action="store_true", help="no training: the forward pass alone, in fp32")
    options = parser.parse_args()
    keep_freed_memory()
    if options.forward:
        print(json.dumps({"images_per_second": forward_speed(options.model, options.side, options.batch, options.seconds)}))
        return
    plans = tried_on(choose_device("auto"))
    tried = range(len(plans)) if options.plan is None else [options.plan]
    speeds = {number: speed(options.model, options.side, options.batch, plans[number], options.seconds) for number in tried}
    best = max(speeds, key=lambda number: speeds[number])
    print(json.dumps({"images_per_second": speeds[best], "plan": best}))


if __name__ == "__main__":
    main()
