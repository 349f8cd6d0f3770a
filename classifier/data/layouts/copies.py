"""Folders that hold once more what others hold: by their names first, then, where it can be read, by their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from classifier.data.layouts.nodes import Node
from classifier.data.layouts.words import SAMPLES, split_of

IsCopy = Callable[[str], bool | None]  # of a folder: whether its images stand elsewhere too, by their bytes; None: that cannot be told


def untold(folder: str) -> None:
    """Where names alone are known."""


def without_copies(root: Node, is_copy: IsCopy) -> tuple[str, ...]:
    """Takes out of the tree the folders that repeat what stands beside them, such as sample/cat beside cat; gives their paths. What only
    the names say is asked of `is_copy`, and counts where that cannot tell; what the names leave open counts where it says yes."""
    found, waiting = [], [("", root)]
    while waiting:
        path, node = waiting.pop()
        parent = path.rpartition("/")[2]
        again = other_cases(node.children)
        for name in list(node.children):
            called_so = name.casefold() in SAMPLES or bool(parent and name == parent)
            folder = f"{path}/{name}".lstrip("/")
            by_name = repeats(node, name) if called_so else repeats_to_the_number(node, name)
            if (by_name or may_repeat(node, name, name in again)) and (by_name if (told := is_copy(folder)) is None else told):
                del node.children[name]
                found.append(folder)
        waiting += [(f"{path}/{name}".lstrip("/"), child) for name, child in node.children.items() if child.children]
    return tuple(sorted(found))


def repeats(node: Node, name: str) -> bool:
    """Whether every folder in that child stands also beside it, or in one of those beside it."""
    beside = {other for other in node.children if other != name}
    below = {child for other in beside for child in node.children[other].children}
    children = node.children[name].children.keys()
    return bool(children) and children <= (beside | below)


def may_repeat(node: Node, name: str, other_case: bool) -> bool:
    """Whether a folder may be a part of what stands beside it: loose images of a name such as "sample", folders of the same names as those
    beside it (of a split's they are another split), or what is called as another but for its case."""
    below = node.children[name].children.keys()
    if other_case or split_of(name) or len(node.children) < 2:
        return other_case
    return below <= node.children.keys() and name not in below if below else name.casefold() in SAMPLES


def other_cases(names: Iterable[str]) -> set[str]:
    """Those that are called as an earlier one but for their case."""
    first: dict[str, str] = {}
    return {name for name in sorted(names) if first.setdefault(name.casefold(), name) != name}


def repeats_to_the_number(node: Node, name: str) -> bool:
    """Whether the folders in a child that is called by any other name stand beside it too, each with as many images."""
    if split_of(name) or len(node.children[name].children) < 2:
        return False
    return all(
        twin.images and node.children.get(child, Node()).images == twin.images for child, twin in node.children[name].children.items()
    )
