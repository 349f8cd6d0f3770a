"""Which folder is a class, and which a split: read off the folders that hold images, before any is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.words import SAMPLES, is_generic, last_split_of, same, sibling_splits, split_of
from classifier.data.problems import Problem, left_out, warned
from classifier.spec.errors import InputError
from classifier.spec.events import Split

NO_LABELS = "No class folders in {}: expected one folder a class (cat/…, dog/…), but its images lie in no folder."
FLAT_SPLITS = (
    "No class folders in {}: its images lie directly in {}, and nothing says what they show. Expected is one folder a class in each."
)
ALIKE = (
    "is one of {} folders that were taken as the classes and hold folders of the same names; where these are the classes (the others are "
    "patients, or copies in grey), level {} is what --choose or the preview takes"
)
SHARED = 0.8  # of all folders below, that each of several must hold on average to be called alike
Inner = Mapping[str, tuple[str, ...]]


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


@dataclass
class Folders(Layout):
    """base/[split/][inner/]class/…/file, or base/class/split/…/file where `class_first`."""

    base: tuple[str, ...] = ()  # wrapper folders
    splits: Mapping[str, Split] = field(default_factory=dict)  # folder name → split
    inner: Inner = field(default_factory=dict)  # wrapper folders inside each split folder
    class_first: bool = False
    copies: tuple[str, ...] = ()  # folders that hold once more what others hold
    alike: tuple[str, ...] = ()  # classes that hold the same folders: these may be the classes themselves
    indexed: Mapping[tuple[str, ...], str] = field(default_factory=dict)  # folders below those of an index by letters → class
    known: dict[str, Place | None] = field(default_factory=dict, repr=False, compare=False)  # folder → where its files belong

    kind = "folders"

    def place(self, path: str) -> Place | None:
        folder = path.rpartition("/")[0]
        if folder not in self.known:
            self.known[folder] = self.placed(path)
        return self.known[folder]

    def placed(self, path: str) -> Place | None:
        """Where a file belongs, as its folders alone say."""
        if self.copy_of(path):
            return None
        parts = path.split("/")
        rest = after(parts, self.base)
        split: Split | None = None
        if self.splits and not self.class_first:
            if rest is None or rest[0] not in self.splits:
                return None
            split, rest = self.splits[rest[0]], after(rest[1:], self.inner.get(rest[0], ()))
        if rest is not None and self.indexed:
            label = next((label for end in range(1, len(rest)) if (label := self.indexed.get(tuple(rest[:end])))), None)
            return Place(label, None) if label else None
        if rest is None or len(rest) < (3 if self.class_first else 2):
            return None
        return Place(same(rest[0]), self.splits[rest[1]] if self.class_first else split)

    def copy_of(self, path: str) -> str:
        """The folder of copies that a file lies in; empty for one that lies in none."""
        return next((folder for folder in self.copies if path.startswith(f"{folder}/")), "")

    def concerns(self, path: str) -> bool:
        return bool(self.copy_of(path))

    def missing(self) -> list[Problem]:
        if not self.alike:
            return []
        said = ALIKE.format(len(self.alike), len(self.base) + 2)
        return [warned("/".join((*self.base, self.alike[0])), "folders_alike", said)]

    def unplaced(self, path: str) -> Problem:
        if folder := self.copy_of(path):
            return left_out(path, "sample_folder", f"lies in '{folder}', which holds a part of the other folders once more")
        return super().unplaced(path)


def after(parts: list[str], prefix: tuple[str, ...]) -> list[str] | None:
    return parts[len(prefix) :] if tuple(parts[: len(prefix)]) == prefix and len(parts) > len(prefix) else None


def tree(folders: Mapping[str, int]) -> Node:
    root = Node()
    for folder, images in folders.items():
        root.add(folder.split("/") if folder else (), images)
    return root


def arrange(folders: Mapping[str, int], source: str) -> Folders:
    """The layout of {folder: images directly in it}; raises InputError, naming `source`, where there are no classes."""
    root = tree(folders)
    copies = without_copies(root)
    node, base = root, list[str]()
    while True:
        if splits := split_children(node):
            layout = Folders(tuple(base), splits, inner_of({name: node.children[name] for name in splits}), copies=copies)
            check_places(layout, folders, source)
            return layout
        if not is_wrapper(node):
            break
        name, node = next(iter(node.children.items()))
        base.append(name)
    check_classes(node, base, source)
    if is_index(node):
        return Folders(tuple(base), copies=copies, indexed=dict(below_index(node)))
    if names := class_first_splits(node):
        return Folders(tuple(base), names, class_first=True, copies=copies)
    return Folders(tuple(base), copies=copies, alike=alike_below(node))


def without_copies(root: Node) -> tuple[str, ...]:
    """Takes out of the tree the folders that repeat what stands beside them, such as sample/cat beside cat; gives their paths."""
    found, waiting = [], [("", root)]
    while waiting:
        path, node = waiting.pop()
        parent = path.rpartition("/")[2]
        for name in list(node.children):
            called_so = name.casefold() in SAMPLES or (name == parent and parent)
            if repeats(node, name) if called_so else repeats_to_the_number(node, name):
                del node.children[name]
                found.append(f"{path}/{name}".lstrip("/"))
        waiting += [(f"{path}/{name}".lstrip("/"), child) for name, child in node.children.items() if child.children]
    return tuple(sorted(found))


def repeats(node: Node, name: str) -> bool:
    """Whether every folder in that child stands also beside it, or in one of those beside it."""
    beside = {other for other in node.children if other != name}
    below = {child for other in beside for child in node.children[other].children}
    children = node.children[name].children.keys()
    return bool(children) and children <= (beside | below)


def repeats_to_the_number(node: Node, name: str) -> bool:
    """Whether the folders in a child that is called by any other name stand beside it too, each with as many images."""
    if split_of(name) or len(node.children[name].children) < 2:
        return False
    return all(
        twin.images and node.children.get(child, Node()).images == twin.images for child, twin in node.children[name].children.items()
    )


def split_children(node: Node) -> dict[str, Split]:
    """The children that are split folders; empty where this level is none of splits."""
    found = {name: split for name in node.children if (split := split_of(name))}
    found = found or {name: split for name in node.children if (split := last_split_of(name))}
    found = found if len(set(found.values())) > 1 else sibling_splits(node.children) or found
    with_classes = [name for name in found if node.children[name].children]
    others_flat = all(not child.children for name, child in node.children.items() if name not in found)
    own_names = all(split_of(name) for name in found)
    if with_classes and (len(set(found.values())) > 1 or (others_flat and own_names)):
        return found
    return {}


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


def is_wrapper(node: Node) -> bool:
    """Whether a folder's one child is no class but holds them."""
    if len(node.children) != 1:
        return False
    (child,) = node.children.values()
    return len(child.children) > 1 or (len(child.children) == 1 and not child.images)


def check_places(layout: Folders, folders: Mapping[str, int], source: str) -> None:
    """Raises InputError where the splits hold images and no class folders (train/images/1.jpg), as of sets for finding objects."""
    if not any(layout.place(f"{folder}/x") for folder in folders):
        raise InputError(FLAT_SPLITS.format(source, " and ".join(sorted(folder for folder in folders if folder)[:4])))


def check_classes(node: Node, base: list[str], source: str) -> None:
    where = f"folder '{'/'.join(base)}' of {source}" if base else source
    if not node.children:
        raise InputError(NO_LABELS.format(where))
    if len(node.children) == 1:
        name = next(iter(node.children))
        raise InputError(f"Only one class in {where}: '{name}'. A classifier needs at least two; put each class in a folder of its own.")
    splits = sibling_splits(node.children) or {name: split for name in node.children if (split := split_of(name))}
    if len(splits) == len(node.children) and len(set(splits.values())) > 1 and not any(child.children for child in node.children.values()):
        raise InputError(FLAT_SPLITS.format(where, " and ".join(sorted(node.children))))


def is_index(node: Node) -> bool:
    """Whether the folders are letters, and hold folders that begin with them: SUN397's a/abbey, b/bakery/shop."""
    return all(
        len(name) == 1 and child.children and not child.images and all(below.casefold()[:1] == name.casefold() for below in child.children)
        for name, child in node.children.items()
    )


def below_index(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """The first folders below the letters that hold images, each with the names on the way to it as its class: bakery-shop."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((letter,), child) for letter, child in node.children.items()]
    while waiting:
        path, here = waiting.pop()
        if here.images:
            yield path, same("-".join(path[1:]))
        else:
            waiting += [((*path, name), child) for name, child in here.children.items()]


def alike_below(node: Node) -> tuple[str, ...]:
    """The children, where each holds nothing but folders, nearly all of which stand in nearly all others too: color/apple, grey/apple."""
    below = [set(child.children) for child in node.children.values() if not child.images]
    there = set().union(*below)
    full = len(below) == len(node.children) > 1 and sum(len(names) for names in below) >= SHARED * len(below) * len(there)
    return tuple(sorted(node.children)) if full and len(there) > 1 else ()


def class_first_splits(node: Node) -> dict[str, Split]:
    """The split folders where every class has its own: cat/train, cat/test, dog/train."""
    names = {name for child in node.children.values() for name in child.children}
    found = {name: split for name in names if (split := split_of(name))}
    loose = any(child.images for child in node.children.values())
    return found if names and not loose and len(found) == len(names) and "train" in found.values() else {}
