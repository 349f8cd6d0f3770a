"""Tensors out of a weights file that may be hostile: nothing in it runs, and nothing is allocated on its word alone.

Three formats are read, told apart by their first bytes: torch's zip (memory-mapped), torch's old pickle stream, safetensors.
Whole models, TorchScript and other pickles are refused with a sentence that says what to send.
"""

from __future__ import annotations

import pickle
import pickletools
import re
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from classifier.spec.errors import ConfigError
from classifier.spec.words import shortened

ZIP_MAGIC = b"PK\x03\x04"
LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # what torch.save wrote first until 1.6
SEND = "Send the weights alone: torch.save(model.state_dict(), 'weights.pth'), or a .safetensors file"
NESTED_KEYS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "model_ema", "ema", "module", "params")
ZERO_TAIL_BYTES = 65_536  # more than any network's last layers of biases that are zero; a download that broke off may be filled up so
MAX_TABLE_BYTES = 8 * 2**20  # names and shapes of tensors; the largest network's have less than one
MOST_TENSORS = 20_000  # the largest network of the catalogue has some 2,000; each takes time, however empty
MOST_SHARED = 4  # as often, on average, may the same numbers stand under several names, as tied layers do
INTEGERS = ("BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG")
MEMO = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")


def refuse(path: Path, why: str) -> ConfigError:
    """The error of a file that cannot be used."""
    return ConfigError({"weights": f"{path.name} {why}"})


def shown(name: str) -> str:
    """A tensor's name as a sentence has it: on its line, and no longer than one reads."""
    return shortened(" ".join(name.split()), 160)


def too_many(path: Path, count: int) -> ConfigError:
    """The error of a file of more tensors than a network has."""
    return refuse(path, f"holds {count:,} tensors or more; a network's weights are {MOST_TENSORS:,} at most. {SEND}")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of the state dict in the file, on the CPU; raises ConfigError on the field "weights"."""
    if not path.is_file():
        raise refuse(path, f"is no file ({path}); name a .pth, .pt or .safetensors file, a RUN folder, or default")
    try:
        found = read_any(path)
    except (
        pickle.UnpicklingError,
        RuntimeError,
        ValueError,
        EOFError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        MemoryError,
    ) as error:
        raise refuse(path, why_unreadable(error)) from None
    tensors = state_in(found, path)
    if len(tensors) > MOST_TENSORS:
        raise too_many(path, len(tensors))
    for name, tensor in tensors.items():
        check_held(path, name, tensor)
    if sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()) > MOST_SHARED * path.stat().st_size:
        raise refuse(path, "declares more numbers than the file holds; it is damaged or made to harm")
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise refuse(path, f"has NaN or infinity in {shown(name)}: that network had already failed when it was saved")
    return tensors


def read_any(path: Path) -> Any:
    """What the file holds, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(ZIP_MAGIC):
        check_zip(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if start.startswith(LEGACY_MAGIC):
        check_tail(path)
        check_legacy(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    if start[8:9] == b"{":
        check_tail(path)
        if MAX_TABLE_BYTES < int.from_bytes(start[:8], "little") < path.stat().st_size:
            raise refuse(path, "has a longer table of its tensors than any network; it is damaged or made to harm")
        return read_safetensors(path)
    if not start:
        raise refuse(path, "is empty")
    if start[:1] == b"\x80":
        raise refuse(path, f"is a pickle of something else than weights. {SEND}")
    raise refuse(path, "is no weights file: neither torch's format nor safetensors, or its beginning is damaged")


def why_unreadable(error: Exception) -> str:
    """torch's refusal in words."""
    named = re.search(r"(?:GLOBAL|global)[: ]+(?!GLOBAL)([\w.]+)", str(error))
    if named:
        return f"holds code or a whole model ({named[1]}), which is never run. {SEND}"
    return "is cut short or damaged: it cannot be read as weights. Copy or download it again"


def check_zip(path: Path) -> None:
    """Refuses TorchScript, compressed storage, and members that claim more than the file holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        raise refuse(path, "is cut short or damaged: its table of contents is missing. Copy or download it again") from None
    names = [member.filename for member in members]
    if any(name.endswith("/constants.pkl") or "/code/" in name for name in names):
        raise refuse(path, f"is TorchScript, a program. {SEND}")
    if not any(name.endswith("/data.pkl") for name in names):
        raise refuse(path, f"is a zip of something else than weights. {SEND}")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise refuse(path, "is compressed inside, as torch never writes it; save it again with torch.save")
    pickled = max(member.file_size for member in members if member.filename.endswith("/data.pkl"))
    if sum(member.file_size for member in members) > path.stat().st_size or pickled > MAX_TABLE_BYTES:
        raise refuse(path, "claims to hold more than the file does; it is damaged or made to harm")


def check_tail(path: Path) -> None:
    """Refuses a file that ends in zeros: these formats keep no checksum, and within one tensor they would pass for its weights."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - ZERO_TAIL_BYTES))
        tail = file.read(ZERO_TAIL_BYTES)
    if len(tail) == ZERO_TAIL_BYTES and not any(tail):
        raise refuse(path, "is cut short or damaged: it ends in zeros. Copy or download it again")


def check_legacy(path: Path) -> None:
    """Refuses a stream that declares more numbers than its bytes could be, before torch allocates them."""
    with path.open("rb") as file:
        for _ in range(3):  # magic, protocol, byte order
            deque(pickletools.genops(file), maxlen=0)
        sizes = list(islice(declared_elements(file, path), MOST_TENSORS + 1))
    if len(sizes) > MOST_TENSORS:
        raise too_many(path, len(sizes))
    if sum(sizes) > MOST_SHARED * path.stat().st_size:
        raise refuse(path, "declares more numbers than the file holds; it is damaged or made to harm")


def declared_elements(file: BinaryIO, path: Path) -> Iterator[int]:
    """The element count of each storage that a pickle names, read from its opcodes without running them."""
    recent: deque[tuple[str, Any]] = deque(maxlen=3)
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name in MEMO:
            continue
        if opcode.name in ("BINPERSID", "PERSID"):
            yield storage_size(list(recent), path)
        recent.append((opcode.name, argument))


def storage_size(recent: list[tuple[str, Any]], path: Path) -> int:
    """The count that stands last in a storage's tuple (before a None, in the old format)."""
    names = [name for name, _ in recent]
    place = -3 if names[-2:] == ["NONE", "TUPLE"] else -2
    if names[-1:] != ["TUPLE"] or len(recent) < -place or names[place] not in INTEGERS or recent[place][1] < 0:
        raise refuse(path, f"was not written by torch.save. {SEND}")
    return int(recent[place][1])


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; its reader checks the header's size, overlaps and gaps before anything else."""
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise refuse(path, "needs the package safetensors: pip install safetensors") from None
    try:
        return load_file(path)
    except SafetensorError as error:
        raise refuse(path, f"is no sound safetensors file ({str(error).removeprefix('Error while deserializing header: ')})") from None


def state_in(found: Any, path: Path, depth: int = 0) -> dict[str, Tensor]:
    """The state dict in what was read: itself, or under one of the usual keys."""
    if not isinstance(found, Mapping):
        raise refuse(path, f"holds a {type(found).__name__} where a state dict (names to tensors) is wanted. {SEND}")
    for key in NESTED_KEYS:
        if isinstance(found.get(key), Mapping) and depth < 3:
            return state_in(found[key], path, depth + 1)
    tensors = {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, Tensor)}
    if not tensors:
        raise refuse(path, f"holds no tensors (its keys: {', '.join(shown(str(key)) for key in list(found)[:5]) or 'none'}). {SEND}")
    return tensors


def check_held(path: Path, name: str, tensor: Tensor) -> None:
    """Refuses what is no plain block of numbers that the file truly holds, without reading any."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        raise refuse(path, f"has a sparse, quantised or complex tensor in {shown(name)}; plain dense numbers are wanted")
    if tensor.device.type != "cpu" or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise refuse(path, f"declares {'×'.join(map(str, tensor.shape))} numbers for {shown(name)} but does not hold them")
