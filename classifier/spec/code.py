"""Which Synset this is, and a hash of the engine's source: two runs of one hash were computed by the same code."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1]
LETTERS = 16  # of the hash: enough to tell states of one code apart


@cache
def version() -> str | None:
    """As pyproject.toml beside the engine has it; None where that is not there."""
    try:
        return str(tomllib.loads((ENGINE.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        return None


@cache
def digest() -> str:
    """The sha256 over every source file's path and content, shortened. Read once: what changes on the disk later is not what runs here."""
    return digest_of(ENGINE)


def digest_of(folder: Path) -> str:
    """The same of any folder of Python files."""
    told = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        data = path.read_bytes()
        told.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        told.update(data)
    return told.hexdigest()[:LETTERS]
