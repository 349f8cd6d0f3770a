"""Text files that name an erased image: logs of jobs, and of the processes of this server.

A name is overwritten where it stands, by as many bytes: whoever has such a file open goes on writing behind it.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from classifier.spec.packfile import ERASED_PATH
from webapp.datasets.models import Dataset

BLOCK_BYTES = 1 << 20
FILLER = b"_"
SHORT = 3  # a name of so few letters is a part of anything
LOGS = ("*.txt", "*.log", "*.log.*")
BELOW = (".", "quality", "suggestions", "additions")  # of a dataset's folder


def forms(path: str) -> list[str]:
    """How programs print a file's name: as it is, composed or not, within JSON and Python, and as a part of an address; longest first."""
    names = {path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)}
    told = {form for name in names for form in (name, json.dumps(name)[1:-1], ascii(name)[1:-1], quote(name), quote(name, safe=""))}
    return sorted(told, key=lambda form: (-len(form), form))


def forget(dataset: Dataset, paths: Sequence[str]) -> None:
    """The names of the files go from the logs of that dataset's jobs and from those of the server."""
    folders = [dataset.folder / name for name in BELOW]
    forget_in(logs_in([*folders, Path(settings.SYNSET_HOME) / "logs"]), paths)


def logs_in(folders: Iterable[Path]) -> Iterator[Path]:
    """What processes wrote there line by line."""
    for folder in folders:
        for pattern in LOGS:
            yield from (path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink())


def forget_in(files: Iterable[Path], paths: Sequence[str]) -> None:
    """Overwrites the names in those files; what is gone meanwhile names nobody."""
    paths = [path for path in paths if len(path) > SHORT]
    said = sorted({form.encode("utf-8", "backslashreplace") for path in paths for form in forms(path)}, key=lambda form: (-len(form), form))
    if not said:
        return
    # behind a folder it is the same file by a longer way; a name that goes on to either side is another file's
    pattern = re.compile(rb"(?<![\w.-])(?:" + b"|".join(re.escape(form) for form in said) + rb")(?![\w/-])")
    for file in files:
        try:
            overwrite(file, pattern, len(said[0]))
        except FileNotFoundError:
            continue


def overwrite(file: Path, pattern: re.Pattern[bytes], longest: int) -> None:
    """A block after the other; each is read with what stands before and behind it, so that no name lies across two."""
    handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
    try:
        begin, changed = 0, False
        while data := os.pread(handle, BLOCK_BYTES + longest + 2, max(0, begin - 1)):
            for found in pattern.finditer(data):
                if (begin and not found.start()) or found.start() > BLOCK_BYTES:
                    continue  # what stands before or behind it is in another block
                os.pwrite(handle, in_place(len(found[0])), max(0, begin - 1) + found.start())
                changed = True
            begin += BLOCK_BYTES
        if changed:
            os.fsync(handle)
    finally:
        os.close(handle)


def in_place(length: int) -> bytes:
    """What stands there in its place."""
    return ERASED_PATH.encode()[:length].ljust(length, FILLER)
