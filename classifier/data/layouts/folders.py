"""Which folder is a class, and which a split: read off the folders that hold images, before any is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.copies import IsCopy, untold, without_copies
from classifier.data.layouts.nodes import Node, tree
from classifier.data.layouts.split_folders import SHARED, Inner, beside_classes, class_first_splits, inner_of, split_children
from classifier.data.layouts.words import same, sibling_splits, split_of
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


BELOW = (
    "holds {} of the {} folders below the {} that were taken as the classes, which hold no images themselves; where the lower ones are the "
    "classes (species of a kind, letters of an alphabet), level {} is what --choose or the preview takes"
)
MANY_BELOW = 10  # folders below the classes, with fewer of which the tree shows it


class Deeper(NamedTuple):
    """Folders below those that were taken as the classes."""

    folder: str  # one of the classes
    inside: int  # folders in it
    below: int  # in all of them
    classes: int
    level: int  # of the lower ones, 1 at the top


@dataclass
class Folders(Layout):
    """base/[split/][inner/]class/…/file, or base/class/split/…/file where `class_first`."""

    base: tuple[str, ...] = ()  # wrapper folders
    splits: Mapping[str, Split] = field(default_factory=dict)  # folder name → split
    inner: Inner = field(default_factory=dict)  # wrapper folders inside each split folder
    class_first: bool = False
    copies: tuple[str, ...] = ()  # folders that hold once more what others hold
    alike: tuple[str, ...] = ()  # classes that hold the same folders: these may be the classes themselves
    deeper: Deeper | None = None
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
        if self.alike:
            said = ALIKE.format(len(self.alike), len(self.base) + 2)
            return [warned("/".join((*self.base, self.alike[0])), "folders_alike", said)]
        if self.deeper:
            said = BELOW.format(*(f"{number:,}" for number in self.deeper[1:]))
            return [warned(self.deeper.folder, "folders_below", said)]
        return []

    def unplaced(self, path: str) -> Problem:
        if folder := self.copy_of(path):
            return left_out(path, "sample_folder", f"lies in '{folder}', which holds a part of the other folders once more")
        return super().unplaced(path)


def after(parts: list[str], prefix: tuple[str, ...]) -> list[str] | None:
    return parts[len(prefix) :] if tuple(parts[: len(prefix)]) == prefix and len(parts) > len(prefix) else None


def arrange(folders: Mapping[str, int], source: str, is_copy: IsCopy = untold) -> Folders:
    """The layout of {folder: images directly in it}; raises InputError, naming `source`, where there are no classes."""
    root = tree(folders)
    copies = without_copies(root, is_copy)
    node, base = root, list[str]()
    while True:
        if splits := split_children(node):
            inner = inner_of({name: node.children[name] for name in splits})
            layout = Folders(tuple(base), splits, inner, copies=copies, deeper=deeper_in_split(node, base, inner))
            check_places(layout, folders, source)
            return layout
        name = beside_classes(node) or (next(iter(node.children)) if is_wrapper(node) else "")
        if not name:
            break
        node = node.children[name]
        base.append(name)
    check_classes(node, base, source)
    if is_index(node):
        return Folders(tuple(base), copies=copies, indexed=dict(below_index(node)))
    if names := class_first_splits(node):
        return Folders(tuple(base), names, class_first=True, copies=copies)
    return Folders(tuple(base), copies=copies, alike=alike_below(node), deeper=deeper_below(node, base))


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


def deeper_in_split(node: Node, base: list[str], inner: Inner) -> Deeper | None:
    """As `deeper_below`, of the split that holds the most classes."""
    found = []
    for split, wrappers in inner.items():
        here, path = node.children[split], [*base, split]
        for name in wrappers:
            here, path = here.children.get(name, Node()), [*path, name]
        found.append((len(here.children), path, here))
    _, path, here = max(found, key=lambda each: each[0])
    return deeper_below(here, path)


def deeper_below(node: Node, base: Sequence[str]) -> Deeper | None:
    """What is said of classes nearly all of which hold several folders, and no images themselves."""
    holding = {name: child for name, child in node.children.items() if not child.images and len(child.children) > 1}
    below = sum(len(child.children) for child in holding.values())
    if len(holding) < SHARED * len(node.children) or below < max(MANY_BELOW, 2 * len(node.children)):
        return None
    first = min(holding)
    return Deeper("/".join((*base, first)), len(holding[first].children), below, len(node.children), len(base) + 2)


def alike_below(node: Node) -> tuple[str, ...]:
    """The children, where each holds nothing but folders, nearly all of which stand in nearly all others too: color/apple, grey/apple."""
    below = [set(child.children) for child in node.children.values() if not child.images]
    there = set().union(*below)
    full = len(below) == len(node.children) > 1 and sum(len(names) for names in below) >= SHARED * len(below) * len(there)
    return tuple(sorted(node.children)) if full and len(there) > 1 else ()
