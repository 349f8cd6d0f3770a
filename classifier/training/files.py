"""Files that are whole or not there: written under a temporary name, flushed to the disk, then renamed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from classifier.spec.errors import InputError
from classifier.spec.events import finite


def flush_folder(folder: Path) -> None:
    """Makes renames inside the folder survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces the file; on any failure the old one stays and no temporary file is left. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(path.parent)


def check_target(out: Path, example: str) -> None:
    """InputError where a file would take the place of something else: root may rename one over /dev/null."""
    if out.is_dir():
        raise InputError(f"{out} is a folder; name the file to write, such as {out / example}.")
    if out.exists() and not out.is_file():
        raise InputError(f"{out} is a device or a pipe, which is not written to; name the file to write, such as {example}.")


def write_json(path: Path, value: Any) -> None:
    """The same for a JSON value; NaN becomes null."""
    write_atomically(path, json.dumps(finite(value), ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n")


def read_json(path: Path) -> Any:
    """The JSON value of a file. Raises OSError, or ValueError where it is no JSON."""
    return json.loads(path.read_text(encoding="utf-8"))
