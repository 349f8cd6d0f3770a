"""Folders as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Node:
    """A folder that holds images, directly or deeper."""

    images: int = 0  # directly in it
    children: dict[str, Node] = field(default_factory=dict)

    def add(self, parts: Iterable[str], images: int) -> None:
        node = self
        for part in parts:
            node = node.children.setdefault(part, Node())
        node.images += images


def tree(folders: Mapping[str, int]) -> Node:
    root = Node()
    for folder, images in folders.items():
        root.add(folder.split("/") if folder else (), images)
    return root
