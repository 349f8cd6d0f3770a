"""Names that every file system takes, for folders and files that are given out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

MOST_BYTES = 120  # of one name without its ending: room for a number behind it and for paths of 260 characters
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # by Windows; the slash by all
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # Windows opens these in any folder
INVISIBLE = "C"  # the category of control and formatting characters, and of what is none


def safe(name: str) -> str:
    """The name as any file system takes it; as it is wherever it can be."""
    text = FORBIDDEN.sub("_", "".join("_" if unicodedata.category(letter)[0] == INVISIBLE else letter for letter in name))
    text = text.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore").strip(" ").rstrip(". ")
    return f"_{text}" if not text or text.startswith((".", "__MACOSX")) or DEVICES.fullmatch(text) else text


def stem(path: str) -> str:
    """What a file is called, without folders and ending, as any file system takes it."""
    return safe(PurePosixPath(path).stem)


def folded(name: str) -> str:
    """What tells two names apart on file systems that know no case, or one form of Unicode alone."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def folders(labels: Sequence[str]) -> list[str]:
    """A folder for each label, no two of which are the same anywhere."""
    taken: set[str] = set()
    found = []
    for label in labels:
        name = safe(label)
        number, numbered = 1, name
        while folded(numbered) in taken:
            number += 1
            numbered = f"{name}-{number}"
        taken.add(folded(numbered))
        found.append(numbered)
    return found
