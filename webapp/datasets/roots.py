"""Folders of this server that an administrator opened for import (SYNSET_ROOTS): listed, never written, never left by a link."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from classifier.spec.errors import InputError

MOST_FOLDERS = 500  # that a page lists
NOT_THERE = "There is no such folder inside the folders of this server that may be imported from; choose another one."


class Listing(NamedTuple):
    """A folder as the picker shows it."""

    folders: list[str]  # names of those in it
    more: bool  # than are listed
    files: int  # directly in it, counted as far as they were looked at


def inside(root: str, folder: str) -> Path:
    """The folder itself, all its links resolved; InputError where it is none, leads out of its root, or is not shown since it is hidden."""
    if root not in settings.ROOTS or "\0" in folder or any(part.startswith(".") for part in folder.split("/")):
        raise InputError(NOT_THERE, code="folder")
    base = Path(root).resolve()
    try:
        path = (base / folder.strip("/")).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise InputError(NOT_THERE, code="folder") from None
    if not path.is_relative_to(base) or not path.is_dir() or not os.access(path, os.R_OK | os.X_OK):
        raise InputError(NOT_THERE, code="folder")
    return path


def listed(root: str, folder: str) -> Listing:
    """The folders in it, in order of name; hidden ones and links that lead out are not shown. InputError as of `inside`."""
    here = inside(root, folder)
    base = Path(root).resolve()
    names, files = [], 0
    with os.scandir(here) as found:
        for item in found:
            if item.name.startswith("."):
                continue
            if item.is_dir() and (not item.is_symlink() or Path(item.path).resolve().is_relative_to(base)):
                names.append(item.name)
            elif item.is_file(follow_symlinks=False):
                files += 1
    names.sort(key=lambda name: (name.casefold(), name))
    return Listing([name for name in names if is_text(name)][:MOST_FOLDERS], len(names) > MOST_FOLDERS, files)


def is_text(name: str) -> bool:
    """Whether an address can say it; names in bytes that are no UTF-8 cannot be picked here."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(root: str, folder: str) -> str:
    """ "images/birds/2024": the root by its own name alone."""
    return "/".join(part for part in (Path(root).name, folder.strip("/")) if part)


def steps(root: str, folder: str) -> list[tuple[str, str]]:
    """[(name, folder)] from the root down to it, for the way back."""
    parts = [part for part in folder.split("/") if part]
    return [(Path(root).name or root, ""), *((part, "/".join(parts[: place + 1])) for place, part in enumerate(parts))]
