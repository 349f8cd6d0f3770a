"""A training begins, ends and is looked into without torch's compiler, which takes more than a second of the processor to load."""

from __future__ import annotations

import json
import subprocess
import sys

from classifier.spec.fields import OPTIMIZERS

WORK = """
import json, sys
from pathlib import Path
import torch
from classifier.explain.maximise import maximise
from classifier.growing import fit
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.training.loop import train

data, folder = map(Path, sys.argv[1:])
loaded = {}

def look(what):
    loaded[what] = sorted(name for name in sys.modules if name in ("torch._dynamo", "torch._inductor", "sympy"))

for number, name in enumerate(json.loads(sys.stdin.read())):
    config = TrainConfig(epochs=1, batch_size=64, device="cpu", optimizer=name, deterministic=number % 2 == 0)
    train(data, folder / name, config)
    look(name)
model = Run.open(folder / name).load_model("best")[0].eval().requires_grad_(False)
maximise(model, "features.0", 0, side=16, normalisation=((0.5,) * 3, (0.25,) * 3), device=torch.device("cpu"), steps=2)
look("a filter's picture")
fit(torch.randn(12, 3), __import__("numpy").arange(12) % 3, 3)
look("a learning curve")
print(json.dumps(loaded))
"""


def test_no_training_loads_the_compiler_whichever_optimiser_it_takes(digits, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(digits), str(tmp_path)],
        input=json.dumps(list(OPTIMIZERS)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert len(loaded) == len(OPTIMIZERS) + 2 and not any(loaded.values()), loaded
