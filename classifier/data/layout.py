"""Which folder is a class, and which a split: read off the folders that hold images, before any is opened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from classifier.spec.errors import InputError
from classifier.spec.events import Split

SPLIT_FOLDERS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "devel", "development", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}


def split_of(folder: str) -> Split | None:
    """The split that a folder's name means, in whatever case: "Train", "train_set", "val-images"."""
    word = re.sub(r"[-_ .]?(set|data|images|imgs|split)$", "", folder.casefold())
    return SPLIT_FOLDERS.get(word)


class Place(NamedTuple):
    """Where a file belongs: its class's label, and the split that the source gives it (None: to be cut)."""

    label: str
    split: Split | None


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


@dataclass(frozen=True)
class Layout:
    """base/[split/][inner/]class/…/file, or base/class/split/…/file where `class_first`."""

    base: tuple[str, ...]  # wrapper folders
    splits: Mapping[str, Split] = field(default_factory=dict)  # folder name → split
    inner: tuple[str, ...] = ()  # wrapper folders inside every split folder
    class_first: bool = False

    def place(self, path: str) -> Place | None:
        """Where a file belongs; None for one that lies in no class folder."""
        parts = path.split("/")
        rest = after(parts, self.base)
        split: Split | None = None
        if self.splits and not self.class_first:
            if rest is None or rest[0] not in self.splits:
                return None
            split, rest = self.splits[rest[0]], after(rest[1:], self.inner)
        if rest is None or len(rest) < (3 if self.class_first else 2):
            return None
        return Place(rest[0], self.splits[rest[1]] if self.class_first else split)


def after(parts: list[str], prefix: tuple[str, ...]) -> list[str] | None:
    return parts[len(prefix) :] if tuple(parts[: len(prefix)]) == prefix and len(parts) > len(prefix) else None


def tree(folders: Mapping[str, int]) -> Node:
    root = Node()
    for folder, images in folders.items():
        root.add(folder.split("/") if folder else (), images)
    return root


def arrange(folders: Mapping[str, int], source: str) -> Layout:
    """The layout of {folder: images directly in it}; raises InputError, naming `source`, where there are no classes."""
    node, base = tree(folders), list[str]()
    while True:
        if splits := split_children(node):
            inner = inner_wrapper([node.children[name] for name in splits])
            return Layout(tuple(base), splits, inner)
        if not is_wrapper(node):
            break
        name, node = next(iter(node.children.items()))
        base.append(name)
    check_classes(node, base, source)
    if names := class_first_splits(node):
        return Layout(tuple(base), names, class_first=True)
    return Layout(tuple(base))


def split_children(node: Node) -> dict[str, Split]:
    """The children that are split folders; empty where this level is none of splits."""
    found = {name: split for name in node.children if (split := split_of(name))}
    with_classes = [name for name in found if node.children[name].children]
    others_flat = all(not child.children for name, child in node.children.items() if name not in found)
    if with_classes and (len(set(found.values())) > 1 or others_flat):
        return found
    return {}


def inner_wrapper(splits: list[Node]) -> tuple[str, ...]:
    """Folders that stand between the splits and their classes, the same in each: train/images/cat, val/images/cat."""
    names = {name for node in splits for name in node.children}
    if len(names) != 1:
        return ()
    name = names.pop()
    below = [node.children[name] for node in splits if name in node.children]
    if len({child for node in below for child in node.children}) < 2:
        return ()
    return (name, *inner_wrapper(below))


def is_wrapper(node: Node) -> bool:
    """Whether a folder's one child is no class but holds them."""
    if len(node.children) != 1:
        return False
    (child,) = node.children.values()
    return len(child.children) > 1 or (len(child.children) == 1 and not child.images)


def check_classes(node: Node, base: list[str], source: str) -> None:
    where = f"folder '{'/'.join(base)}' of {source}" if base else source
    if not node.children:
        raise InputError(f"No class folders in {where}: expected one folder a class (cat/…, dog/…), but its images lie in no folder.")
    if len(node.children) == 1:
        name = next(iter(node.children))
        raise InputError(f"Only one class in {where}: '{name}'. A classifier needs at least two; put each class in a folder of its own.")


def class_first_splits(node: Node) -> dict[str, Split]:
    """The split folders where every class has its own: cat/train, cat/test, dog/train."""
    names = {name for child in node.children.values() for name in child.children}
    found = {name: split for name in names if (split := split_of(name))}
    loose = any(child.images for child in node.children.values())
    return found if names and not loose and len(found) == len(names) and "train" in found.values() else {}
