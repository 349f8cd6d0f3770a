"""Names that every file system takes, for folders and files that are given out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST_BYTES = 120  # of one name without its ending: room for a number behind it and for paths of 260 characters
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # by Windows; the slash by all
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # Windows opens these in any folder
PLAIN = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_ .()-]{0,100}[A-Za-z0-9_()-])?", re.ASCII)  # what most names are: nothing to replace
ENDS = re.compile(r"[\s.]+\Z")  # Windows drops them
INVISIBLE = "C"  # the category of control and formatting characters, and of what is none


def safe(name: str) -> str:
    """The name as any file system takes it; as it is wherever it can be."""
    if PLAIN.fullmatch(name) and not DEVICES.fullmatch(name) and not name.startswith("__MACOSX"):
        return name
    text = FORBIDDEN.sub("_", "".join("_" if unicodedata.category(letter)[0] == INVISIBLE else letter for letter in name))
    text = text.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore")
    text = ENDS.sub("", text).lstrip()
    return f"_{text}" if not text or text.startswith((".", "__MACOSX")) or DEVICES.fullmatch(text) else text


def stem(path: str) -> str:
    """What a file is called, without folders and ending, as any file system takes it."""
    name = path.rpartition("/")[2]
    before, dot, _ = name.rpartition(".")
    return safe(before if dot and before else name)


def folded(name: str) -> str:
    """What tells two names apart on file systems that know no case, or one form of Unicode alone."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def folders(labels: Sequence[str], beside: Sequence[str] = ()) -> list[str]:
    """A folder for each label, no two of which are the same anywhere, nor the same as a file that lies beside them."""
    taken = {folded(name) for name in beside}
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
