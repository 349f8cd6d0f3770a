"""A weights file from elsewhere becomes plain safetensors, which never run code, with a word on what is in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from classifier.models.build import build
from classifier.models.weights import AUXILIARY, fit, renamed
from classifier.models.weights_file import read_tensors, refuse
from classifier.spec.catalogue import MODELS
from classifier.spec.errors import ConfigError
from classifier.spec.events import Event, OnEvent, ignore
from classifier.training.files import flush_folder

BUFFERS = (".running_mean", ".running_var", ".num_batches_tracked", ".relative_position_index", ".relative_coords_table")
PUBLISHED_CLASSES = 1000  # of the catalogue's counts
WITHOUT_AUXILIARY = {"inception_v3": 23_834_568}  # the catalogue counts heads that help training alone
FIRST_KEYS = 5


def check_weights(source: Path, out: Path, on_event: OnEvent = ignore) -> Event:
    """Reads `source` without running anything in it, writes `out` as safetensors, and gives the `checked` event.

    Raises ConfigError on "weights", with a sentence that says what to send, for everything that is no state dict.
    """
    on_event({"event": "stage", "stage": "reading", "message": "Reading the weights"})
    tensors = renamed(read_tensors(source))
    write(tensors, out, source)
    on_event({"event": "stage", "stage": "comparing", "message": "Looking for networks that they fit"})
    return {
        "event": "checked",
        "file": str(out),
        "tensors": len(tensors),
        "parameters": learnt(tensors),
        "dtypes": sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()}),
        "bytes": out.stat().st_size,
        "fits": fitting(tensors),
        "keys": [key[:100] for key in list(tensors)[:FIRST_KEYS]],
    }


def write(tensors: Mapping[str, Tensor], out: Path, source: Path) -> None:
    """The tensors as a safetensors file, whole or not there."""
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise refuse(source, "is kept as safetensors, which needs the package safetensors: pip install safetensors") from None
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with told_as_the_system_does(temporary):
            save_file(apart(tensors), temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(out.parent)


@contextmanager
def told_as_the_system_does(file: Path) -> Iterator[None]:
    """A disk that is full, which safetensors tells by an error of its own, as the OSError that waits for room."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        number = next((number for number in (errno.ENOSPC, errno.EDQUOT) if f"os error {number})" in str(error)), None)
        if number is None:
            raise
        raise OSError(number, os.strerror(number), str(file)) from None


def apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Each name with numbers of its own, in plain order: two names over the same numbers, as tied layers have, the format refuses."""
    own: dict[str, Tensor] = {}
    seen: set[int] = set()
    for key, tensor in tensors.items():
        storage = tensor.untyped_storage()
        whole = tensor.is_contiguous() and storage.nbytes() == tensor.numel() * tensor.element_size()
        own[key] = tensor if whole and storage.data_ptr() not in seen else tensor.clone(memory_format=torch.contiguous_format)
        seen.add(storage.data_ptr())
    return own


def learnt(tensors: Mapping[str, Tensor]) -> int:
    """How many numbers are parameters; running statistics are none."""
    return sum(tensor.numel() for key, tensor in tensors.items() if not key.endswith(BUFFERS))


def fitting(tensors: Mapping[str, Tensor]) -> list[str]:
    """Networks of the catalogue that take these weights, for any number of classes.

    A network is built, without its numbers, only where the count of parameters already agrees: to build all takes ten seconds.
    """
    kept = {key: tensor for key, tensor in tensors.items() if not key.startswith(AUXILIARY)}
    found = []
    for name, classes in sorted(candidates(kept) | candidates(dict(tensors))):
        try:
            fit(shell(name, classes), dict(tensors), "", name)
        except (ConfigError, RuntimeError):
            continue
        found.append(name)
    return found


def candidates(tensors: Mapping[str, Tensor]) -> set[tuple[str, int]]:
    """(network, classes): with one of the layers as its head, it would have as many parameters as there are here."""
    whole = learnt(tensors)
    by_count: dict[int, list[str]] = {}
    for name, parameters in [*((entry.name, entry.parameters) for entry in MODELS.values()), *WITHOUT_AUXILIARY.items()]:
        by_count.setdefault(parameters, []).append(name)
    heads = {(tensor.shape[0], tensor.shape[1] + bias) for tensor in tensors.values() if tensor.dim() in (2, 4) for bias in (0, 1)}
    counts = ((whole + (PUBLISHED_CLASSES - classes) * features, classes) for classes, features in heads)
    return {(name, classes) for count, classes in counts if classes > 0 for name in by_count.get(count, ())}


def shell(name: str, classes: int) -> nn.Module:
    """The network without numbers; RegNets, which compute their widths with tensors, with them."""
    size = MODELS[name].image_size
    try:
        with torch.device("meta"):
            return build(name, classes, image_size=size)
    except (NotImplementedError, RuntimeError):
        return build(name, classes, image_size=size)
