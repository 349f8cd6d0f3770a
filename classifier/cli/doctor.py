"""Measure this machine: devices, versions, speeds, and what is missing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from classifier.cli.console import Console
from classifier.spec.errors import EXIT_OK
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes nothing."""


def gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB"


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The findings for a person."""
    core, decoded, disk = found["processor"], found["decoded_images_per_second"], found["disk"]
    yield "versions     " + ", ".join(f"{name} {version or '–'}" for name, version in found["versions"].items())
    yield f"processor    {core['model']}, {core['usable_cores']} of {core['cores']} cores, {core['torch_threads']} threads"
    yield f"             {' '.join(core['instruction_sets']) or 'instruction sets unknown'}; torch uses {core['torch_kernels']}"
    yield f"             bf16 {'has' if core['bf16_instructions'] else 'has no'} instructions of its own"
    yield "devices      " + ", ".join(f"{device['device']} ({device['name']})" for device in found["devices"])
    yield f"memory       {gigabytes(found['memory']['free_bytes'])} free of {gigabytes(found['memory']['total_bytes'])}"
    yield f"disk         {gigabytes(disk['free_bytes'])} free of {gigabytes(disk['total_bytes'])} at {disk['folder']}"
    yield f"decoding     {decoded['training']:,.0f} images/s a core in training, {decoded['import']:,.0f} in an import (JPEG, 348×348)"
    yield f"measured on  {found['measured_on']}"
    yield "matrices     " + ", ".join(f"{name} {rate:,.0f} GFLOP/s" for name, rate in found["matrix_gflops"].items())
    for step in found["training_steps"]:
        layout = "channels last" if step["channels_last"] else "channels first"
        yield f"small_cnn    {step['precision']} {layout}: {step['images_per_second']:,.0f} images/s (32×32, training)"
    yield from notes(found)


def notes(found: dict[str, Any]) -> Iterator[str]:
    """What to do about this machine."""
    for package in found["missing"]:
        yield f"missing      {package['package']}: {package['for']} ({package['install']})"
    if found["note"]:
        yield f"note         {found['note']}"
    if not found["disk"]["writable"]:
        yield f"note         {found['disk']['folder']} cannot be written: set SYNSET_HOME to a folder that can"


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.doctor import examine

    found = examine(console.on_event, console.should_stop)
    if console.as_json:
        return console.finish(found)
    console.close()
    for text in lines(found):
        console.stdout.write(text + "\n")
    return EXIT_OK
