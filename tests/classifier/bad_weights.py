"""Weights files that are wrong, odd or hostile in one way each, of the small network with three classes."""

from __future__ import annotations

import io
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from classifier.models.build import build
from tests.classifier import images
from tests.classifier.archives import many_zeros

Make = Callable[[Path], None]  # from the path to write to


class Hostile:
    """A pickle of it makes a folder where it is read."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.mark,)


def state(classes: int = 2, name: str = "small_cnn") -> dict[str, torch.Tensor]:
    """Weights of a network that nobody trained."""
    return dict(build(name, classes, image_size=32).state_dict())


def saved(make: Callable[[], Any], *, zipped: bool = True) -> Make:
    """What torch.save writes."""
    return lambda path: torch.save(make(), path, _use_new_zipfile_serialization=zipped)


def with_tensor(name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Make:
    """The state dict with one tensor changed."""

    def changed() -> dict[str, torch.Tensor]:
        whole = state()
        return whole | {name: change(whole[name])}

    return saved(changed)


def bytes_of(make: Make, path: Path) -> bytes:
    make(path)
    return path.read_bytes()


def damaged(change: Callable[[bytes], bytes], *, zipped: bool) -> Make:
    """A good file's bytes after an accident."""
    return lambda path: void(path.write_bytes(change(bytes_of(saved(state, zipped=zipped), path))))


def void(_: object) -> None:
    """For a lambda whose value is of no interest."""


def raw(data: bytes) -> Make:
    return lambda path: void(path.write_bytes(data))


def repacked(method: int, change: Callable[[bytes], bytes], make: Callable[[], Any] = state) -> Make:
    """torch's zip with its members packed and changed."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(bytes_of(saved(make), path))) as old, zipfile.ZipFile(path, "w", method) as new:
            for member in old.infolist():
                new.writestr(member.filename, change(old.read(member)), method)

    return write


COUNT = b"M" + struct.pack("<H", 300)  # BININT2, as 300 stands in the pickle
HUGE = b"J" + struct.pack("<i", 2**31 - 1)


def three_hundred() -> dict[str, torch.Tensor]:
    return {"head.weight": torch.zeros(300)}


def huge_old_storage(path: Path) -> None:
    """The old stream, which declares 8 GB where it has 1 KB."""
    path.write_bytes(bytes_of(saved(three_hundred, zipped=False), path).replace(COUNT, HUGE))


def zip_bomb(path: Path) -> None:
    """torch's zip whose one storage is 2 GiB of zeros, deflated."""
    with zipfile.ZipFile(io.BytesIO(bytes_of(saved(three_hundred), path))) as old:
        rest = [{"name": name.encode(), "data": old.read(name)} for name in old.namelist() if not name.endswith("/data/0")]
    storage = {"name": b"archive/data/0", "packed_data": many_zeros(2), "size": 2 << 30, "method": 8}
    images.raw_zip(path, [*rest, storage])


def many_views() -> dict[str, torch.Tensor]:
    """A million numbers under three thousand names."""
    once = torch.zeros(1_000_000)
    return {f"layer{number}.weight": once[number:] for number in range(3000)}


def many_tiny() -> dict[str, torch.Tensor]:
    """One tensor more than is taken, of a number each."""
    return {f"layer{number}.weight": torch.ones(1) for number in range(20_001)}


def script(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(build("small_cnn", 2, image_size=32).eval(), torch.zeros(1, 3, 8, 8)).save(path)


def tensors(header: str, size: int | None = None, body: bytes = b"") -> Make:
    """A safetensors file of a header's text, which may lie about its length."""
    data = header.encode()
    return raw(struct.pack("<Q", len(data) if size is None else size) + data + body)


def safe(change: Callable[[bytes], bytes] = bytes) -> Make:
    return lambda path: void(path.write_bytes(change(save(state()))))


def safe_nan(path: Path) -> None:
    """A sound safetensors file with a bias of NaN."""
    path.write_bytes(save(state() | {"head.bias": torch.full((2,), torch.nan)}))


OVERLAP = '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}'


def plain_pickle(mark: str) -> Make:
    return raw(pickle.dumps(Hostile(mark), protocol=4))
