"""Files of arrays that are whole or not there: written under a temporary name, flushed to the disk, then renamed."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

# What numpy raises for a file that is not there, is cut, is none of its own, or lacks what is asked for. An .npz is a zip, whose parts
# are checked as they are read.
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def put(path: Path, save: Callable[[IO[bytes]], object]) -> None:
    """A file under its name once it is whole and on the disk; on any failure the old one stays."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            save(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
