"""Which folders are splits, and what stands between them and their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from classifier.data.layouts.nodes import Node
from classifier.data.layouts.words import SIZES, SPLIT_FOLDERS, is_generic, last_split_of, sibling_splits, split_of, words_in
from classifier.spec.events import Split

SHARED = 0.8  # of all folders below, that each of several must hold on average to be called alike
Inner = Mapping[str, tuple[str, ...]]


def split_children(node: Node) -> dict[str, Split]:
    """The children that are split folders; empty where this level is none of splits."""
    found = {name: split for name in node.children if (split := split_of(name))}
    found = found or {name: split for name in node.children if (split := last_split_of(name))}
    found = found if len(set(found.values())) > 1 else sibling_splits(node.children) or same_classes(node) or found
    found = found | of_same_classes(node, found)
    with_classes = [name for name in found if node.children[name].children]
    others_flat = all(not child.children for name, child in node.children.items() if name not in found)
    own_names = all(split_of(name) for name in found)
    if with_classes and (len(set(found.values())) > 1 or (others_flat and own_names)):
        return found
    return {}


def same_classes(node: Node) -> dict[str, Split]:
    """The folders with a split's word in their names that hold the same classes: iNaturalist's train_mini and val."""
    words = {name: [SPLIT_FOLDERS[word] for word in words_in(name) if word in SPLIT_FOLDERS] for name in node.children}
    found = {name: splits[0] for name, splits in words.items() if len(splits) == 1 and node.children[name].children}
    below = [set(node.children[name].children) for name in found]
    there = set().union(*below)
    alike = len(there) > 1 and sum(len(names) for names in below) >= SHARED * len(below) * len(there)
    return found if alike and len(set(found.values())) == len(found) > 1 and "train" in found.values() else {}


def of_same_classes(node: Node, found: Mapping[str, Split]) -> dict[str, Split]:
    """The one folder with the word of a split that is not among those found, and with their classes: test_labeled beside train and val."""
    there = {child for name in found for child in node.children[name].children}
    more: dict[Split, list[str]] = {}
    for name in (name for name in node.children if name not in found):
        splits = {SPLIT_FOLDERS[word] for word in words_in(name) if word in SPLIT_FOLDERS}
        if (
            len(splits) == 1
            and not splits & set(found.values())
            and len(there & node.children[name].children.keys()) >= SHARED * len(there) > 1
        ):
            more.setdefault(splits.pop(), []).append(name)
    return {names[0]: split for split, names in more.items() if len(names) == 1}


def beside_classes(node: Node) -> str:
    """The one child that holds folders, where all others hold loose images and are called as splits are: Places' data_256_standard beside
    val_256 and test_256, of which lists tell. Empty where there is none."""
    with_folders = [name for name, child in node.children.items() if len(unwrapped(child).children) > 1]
    others = [name for name in node.children if name not in with_folders]
    loose = bool(others) and all(is_loose_split(name, node.children[name]) for name in others)
    return with_folders[0] if loose and len(with_folders) == 1 else ""


def unwrapped(node: Node) -> Node:
    """What a folder holds that holds but one folder, as Kaggle packs them: test/test."""
    while len(node.children) == 1 and not node.images:
        (node,) = node.children.values()
    return node


def is_loose_split(name: str, node: Node) -> bool:
    words = words_in(name)
    splits = [word for word in words if word in SPLIT_FOLDERS]
    return (
        not unwrapped(node).children
        and len(splits) == 1
        and all(word in SPLIT_FOLDERS or word in SIZES or is_generic(word) for word in words)
    )


def inner_of(splits: Mapping[str, Node]) -> Inner:
    """{split folder: the wrappers between it and its classes}."""
    if shared := inner_wrapper(list(splits.values())):
        return dict.fromkeys(splits, shared)
    classes = {child for node in splits.values() if len(node.children) > 1 for child in node.children}
    return {name: own_wrappers(name, node, classes) for name, node in splits.items()}


def inner_wrapper(splits: Sequence[Node]) -> tuple[str, ...]:
    """Folders that stand between the splits and their classes, the same in each: train/images/cat, val/images/cat."""
    names = {name for node in splits for name in node.children}
    if len(names) != 1:
        return ()
    name = names.pop()
    below = [node.children[name] for node in splits if name in node.children]
    if len({child for node in below for child in node.children}) < 2:
        return ()
    return (name, *inner_wrapper(below))


def own_wrappers(split: str, node: Node, classes: set[str]) -> tuple[str, ...]:
    """Those of one split alone: seg_train/seg_train/cat, or test/images/1.png beside train/cat/1.png."""
    found: list[str] = []
    while len(node.children) == 1 and not node.images:
        name, child = next(iter(node.children.items()))
        if name in classes or not (name == split or is_generic(name)):
            break
        found.append(name)
        node = child
    return tuple(found)


def class_first_splits(node: Node) -> dict[str, Split]:
    """The split folders where every class has its own: cat/train, cat/test, dog/train."""
    names = {name for child in node.children.values() for name in child.children}
    found = {name: split for name in names if (split := split_of(name))}
    loose = any(child.images for child in node.children.values())
    return found if names and not loose and len(found) == len(names) and "train" in found.values() else {}
