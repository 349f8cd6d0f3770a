"""The folders of a source as rows for a reader: how many images lie below each, and what it is taken for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from classifier.data.layouts.base import Layout
from classifier.data.layouts.words import split_of

MOST_ROWS = 3_000
CHILDREN = 1_000  # of one folder that are shown
LEFT_RULES = {"sample_folder", "left_aside", "mask_folder"}


def folder_rows(folders: Mapping[str, int], layout: Layout | None) -> list[dict[str, Any]]:
    """[{"folder", "depth", "images", "role", "more"}] from the top, down to the classes; `more` counts folders beside it not shown."""
    below: Counter[str] = Counter()
    children: defaultdict[str, set[str]] = defaultdict(set)
    for folder, images in folders.items():
        parts = folder.split("/") if folder else []
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            below[path] += images
            children["/".join(parts[: depth - 1])].add(path)
    rows: list[dict[str, Any]] = []
    waiting = shown(children[""])[::-1]
    while waiting and len(rows) < MOST_ROWS:
        path, more = waiting.pop()
        role = role_of(path, layout)
        rows.append({"folder": path, "depth": path.count("/"), "images": below[path], "role": role, "more": more})
        if role not in ("class", "left out") and children[path]:
            waiting += shown(children[path])[::-1]
    return rows


def shown(paths: set[str]) -> list[tuple[str, int]]:
    """(folder, 0) of the first ones, the last of these with the number of those that follow."""
    found = sorted(paths)
    rest = max(0, len(found) - CHILDREN)
    return [(path, rest if place == CHILDREN - 1 else 0) for place, path in enumerate(found[:CHILDREN])]


def role_of(folder: str, layout: Layout | None) -> str:
    """class, split, left out, or folder for one that only holds others."""
    if layout is None:
        return "split" if split_of(folder.rpartition("/")[2]) else "folder"
    if layout.unplaced(f"{folder}/x")["rule"] in LEFT_RULES:
        return "left out"
    if layout.kind == "folders" and layout.place(f"{folder}/x"):
        return "class"
    return "split" if split_of(folder.rpartition("/")[2]) else "folder"
