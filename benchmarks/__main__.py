"""Runs the benchmarks whose names begin with a prefix, prints the table and writes $SYNSET_HOME/bench/*.json."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from torch import device

from benchmarks import (
    dashboards,
    data_pages,
    explaining,
    harness,
    imports,
    large_imports,
    load,
    maps,
    matrices,
    million,
    pages,
    peers,
    previews,
    result_pages,
    training,
)
from classifier.training.devices import describe, has_bfloat16

PARTS = (
    training,
    million,
    peers,
    pages,
    previews,
    result_pages,
    load,
    imports,
    large_imports,
    data_pages,
    matrices,
    maps,
    explaining,
    dashboards,
)


def machine() -> str:
    """What the figures were measured on."""
    processor = device("cpu")
    return f"{describe(processor)}, {'with' if has_bfloat16(processor) else 'without'} bf16 instructions"


def main() -> int:
    """The exit code: 2 where no benchmark has such a name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", metavar="PREFIX", help="such as train/ or train/resnet18-128; without it nearly all")
    parser.add_argument("--runs", type=int, default=harness.RUNS, metavar="N", help="of each part (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="synset-bench-") as scratch:
        every = [row for part in PARTS for row in part.rows(Path(scratch))]
        rows = harness.wanted(every, options.only)
        if not rows:
            print(f"No benchmark's name begins with {options.only!r}.", file=sys.stderr)
            return 2
        print(machine(), flush=True)
        measured = []
        for row in rows:
            measured.append(harness.measure(row, options.runs) | {"machine": machine()})
            harness.write(measured[-1], harness.output_folder())
    harness.table(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
