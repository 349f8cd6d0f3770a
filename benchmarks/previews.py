"""The row of the launch form's preview: from the request of a browser to its answer, through web, Redis and the interactive worker.

Each request draws sixteen other photographs, so that nothing is kept from the one before.
"""

from __future__ import annotations

import functools
import json
import statistics
import time
import zipfile
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.harness import Row
from benchmarks.pictures import photographs
from benchmarks.server import Server, served

RUNS = 3
WARM_UP, REQUESTS = 5, 30
FORM = {"model": "resnet18", "image_size": "224", "seed": "0"}


class Previews:
    """A server of its own for each run."""

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.number = scratch, 0

    @functools.cached_property
    def archive(self) -> Path:
        """The photographs' class folders, as one zip."""
        folder, path = photographs(self.scratch / "photographs"), self.scratch / "photographs.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*.jp*g")):
                archive.write(file, file.relative_to(folder))
        return path

    def milliseconds(self, **fields: str) -> float:
        """The median of requests one after the other, once the worker is warm."""
        self.number += 1
        with served(self.scratch / f"home-{self.number}") as server:
            dataset = server.dataset(self.archive)
            took = [asked(server, {**FORM, **fields, "dataset": dataset, "draw": str(draw)}) for draw in range(WARM_UP + REQUESTS)]
        return statistics.median(took[WARM_UP:])


def asked(server: Server, fields: dict[str, str]) -> float:
    """Milliseconds of one request; RuntimeError where it brought no picture."""
    began = time.perf_counter()
    answer = server.browser.send("/experiments/preview/samples/", urlencode(fields).encode())
    took = 1000 * (time.perf_counter() - began)
    if "data:image" not in json.loads(answer)["samples"]:
        raise RuntimeError(f"the preview has no pictures: {answer[:200]}")
    return took


def rows(scratch: Path) -> list[Row]:
    """With what augments by itself, and with a policy and mixed images."""
    previews = Previews(scratch / "previews")
    strong = functools.partial(previews.milliseconds, policy="trivialaugment", mixup="0.4", cutmix="1")
    return [Row("preview/augment-224", "ms", previews.milliseconds, runs=RUNS), Row("preview/mixed-224", "ms", strong, runs=RUNS)]
