"""What folders and tables, or several tables, say of the same images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.data.layouts.base import Layout, Place, Together
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.words import is_generic

MOST = 0.8  # of the images that a table must know to be about them
AGREE = 0.95


@dataclass
class Compared:
    """What two layouts say of the same images."""

    both: list[tuple[Place, Place]]  # (the first's, the other's)
    covered: float  # share of the images that the other knows
    taken_over: dict[str, str]  # the other's label → the first's, where they differ in name alone

    @property
    def same(self) -> bool:
        return not self.both or sum(f.label == t.label for f, t in self.both) >= AGREE * len(self.both)


def compared(first: Layout, other: Layout, sample: list[str]) -> Compared:
    places = [(first.place(path), other.place(path)) for path in sample]
    both = [(f, t) for f, t in places if f and t and not is_generic(f.label)]
    return Compared(both, sum(t is not None for _, t in places) / max(1, len(places)), one_to_one(both))


def one_to_one(both: list[tuple[Place, Place]]) -> dict[str, str]:
    """{table's label: folder's label} where each always goes with the other; empty where they do not."""
    there, back = dict[str, str](), dict[str, str]()
    for folder, table in both:
        if there.setdefault(table.label, folder.label) != folder.label or back.setdefault(folder.label, table.label) != table.label:
            return {}
    return there


def labels_of(layout: Layout, sample: list[str]) -> set[str]:
    return {place.label for path in sample if (place := layout.place(path))}


def says_the_same(manifest: Manifest, folders: Layout, labels: set[str], sample: list[str]) -> bool:
    """Whether a table speaks of the folders' classes, and never differs where both know an image."""
    said = labels_of(manifest, sample)
    return compared(folders, manifest, sample).same and len(said & labels) > 0.5 * len(said)


def by_columns(manifests: Sequence[Manifest]) -> list[list[Manifest]]:
    """Tables of the same columns are parts of one: train.csv and test.csv, or one a class."""
    families: defaultdict[tuple[str, ...], list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        families[manifest.table.columns].append(manifest)
    return list(families.values())


def called_otherwise(made: list[Manifest], folders: Layout, sample: list[str]) -> list[Manifest]:
    """Tables of the same columns that call the folders' classes otherwise, one to one, and say what images in no class folder show: they
    are read in the folders' words. Empty where there are none."""
    outside = [path for path in sample if not folders.place(path)]
    for family in by_columns(made):
        words = compared(folders, Together(family), sample).taken_over
        telling = [manifest for manifest in family if not words.keys().isdisjoint(manifest.vocabulary)]
        told = len(words) > 1 and all(label in words for manifest in telling for label in manifest.vocabulary)
        if told and known(Together(telling), outside):
            for manifest in telling:
                manifest.vocabulary = [words[label] for label in manifest.vocabulary]
            return telling
    return []


def refines(listed: Layout, folders: Layout, sample: list[str]) -> bool:
    """Whether a table's classes go one to one with the folders that hold the images, which lie below those that would be the classes."""
    there, back, above = dict[str, str](), dict[str, str](), dict[str, str]()
    named = [
        (path.split("/")[-2], place.label, upper.label)
        for path in sample
        if (upper := folders.place(path)) and (place := listed.place(path))
    ]
    for own, label, kind in named:
        if there.setdefault(own, label) != label or back.setdefault(label, own) != own or above.setdefault(label, kind) != kind:
            return False
    return len(named) >= MOST * sum(folders.place(path) is not None for path in sample) and len(there) > len(set(above.values())) > 0


def known(layout: Layout, sample: list[str]) -> int:
    return sum(layout.place(path) is not None for path in sample)


def joined(made: list[Manifest], sample: list[str]) -> Layout:
    """Several tables as one: those whose label has a telling name before those with a guess, those with splits first, and of lists of the
    same images the one of the most classes (FGVC-Aircraft's variants before its families). One that says the same of images that the
    others know stands with them too, so that what they contradict each other in is told."""
    kept: list[Manifest] = []
    open_paths = list(sample)
    for manifest in sorted(made, key=lambda m: (m.guessed, not m.splits_any, -known(m, sample), fineness(m), m.table.path)):
        rest = [path for path in open_paths if not manifest.place(path)]
        if manifest.trusted or (len(rest) < len(open_paths) and fits(manifest, kept, sample)):
            kept.append(manifest)
            open_paths = rest
        elif len(rest) == len(open_paths) and fits(manifest, kept, sample) and not manifest.guessed:
            kept.append(manifest)
    kept = kept or made[:1]
    return kept[0] if len(kept) == 1 else Together(kept)


def fineness(manifest: Manifest) -> int:
    """Less for a list of more classes; a table's columns were named by somebody who meant them."""
    return 0 if manifest.table.header else -len(manifest.vocabulary)


def fits(manifest: Manifest, kept: list[Manifest], sample: list[str]) -> bool:
    """Whether a table says what others say of most images that it knows."""
    if not kept:
        return True
    here = [path for path in sample if manifest.place(path)]
    both = compared(Together(kept), manifest, here).both
    return len(here) - sum(first.label != other.label for first, other in both) >= MOST * len(here)


def share_known(manifests: Sequence[Manifest], paths: list[str]) -> float:
    """The share of images that one of these tables names."""
    tables = Together(manifests)
    return sum(tables.concerns(path) for path in paths) / max(1, len(paths))
