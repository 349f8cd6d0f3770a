"""Which layout a source has: what its folders, tables and other side files say, weighed against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classifier.data.boxes.emnist import sets_of
from classifier.data.boxes.layout import Boxed
from classifier.data.layouts.base import Layout, Place, Together
from classifier.data.layouts.choose import Choice
from classifier.data.layouts.devkit import alone, devkit_of
from classifier.data.layouts.flowers import flowers_of
from classifier.data.layouts.folders import Folders, arrange
from classifier.data.layouts.manifest import Manifest, manifest_of
from classifier.data.layouts.others import FileNames, Levels, SplitsOf, Unlabelled, Without
from classifier.data.layouts.readable import fits, names_list, names_table, numbered, synset_list, synset_names
from classifier.data.layouts.tables import Table, read_table
from classifier.data.layouts.words import is_generic
from classifier.data.survey import Survey
from classifier.spec.errors import InputError

MOST = 0.8  # of the images that a table must know to speak against the folders
AGREE = 0.95
TO_LABEL = ' Images without labels can be imported to be labelled: --choose \'{"kind": "unlabelled"}\'.'

MATLAB = " {} is a file of MATLAB's whose form is not known here; write what it says as a CSV with the columns path and label beside it."
SEVERAL = (
    "{} holds {} sets of EMNIST ({}), whose labels mean different things. Import the four files of one of them; of a source of several, "
    "those of the others can be left out."
)
FROM_NAMES = ' Their names seem to say it: --choose \'{"kind": "names"}\'.'


def found_layout(found: Survey, source: str, choice: Choice | None = None) -> Layout:
    """The layout of what a survey found, as chosen; raises InputError, naming `source`, where nothing says what images show."""
    choice = choice or Choice()
    if not choice.leave:
        return layout_of(found, source, choice)
    for folder in choice.leave:
        if not any(name == folder or name.startswith(f"{folder}/") for name in (*found.folders, *found.named)):
            raise InputError(f"--choose leaves '{folder[:60]}' out, but {source} has no such folder.", code="choose")
    return Without(layout_of(found.without(choice.left), source, choice), choice.left)


def layout_of(found: Survey, source: str, choice: Choice) -> Layout:
    if choice.kind == "unlabelled":
        return Unlabelled()
    if choice.kind == "names":
        return file_names(found, source)
    if choice.level is not None:
        return levels(found, source, choice.level)
    if choice.kind == "folders":
        return with_names(arrange(found.image_folders, source), found)
    if choice.of_table:
        return chosen_table(found, source, choice)
    if any(box.images for box in found.boxes.values()):
        return boxed(found, source, choice)
    return weighed(found, source)


def boxed(found: Survey, source: str, choice: Choice) -> Layout:
    sets = sets_of(path for path in found.boxes if path in found.folders)
    if len(sets) > 1:
        raise InputError(SEVERAL.format(source, len(sets), ", ".join(sets)))
    return Boxed(found.boxes, coarse=choice.labels == "coarse")


def file_names(found: Survey, source: str) -> Layout:
    layout = FileNames()
    if len({place.label for path in found.sample if (place := layout.place(path))}) < 2:
        raise InputError(f"--choose takes classes from file names, but those of {source} say fewer than two.", code="choose")
    return layout


def levels(found: Survey, source: str, level: int) -> Layout:
    layout = Levels(level)
    if not any(layout.place(path) for path in found.sample):
        raise InputError(f"--choose names level {level}, but no image of {source} lies so deep in folders.", code="choose")
    return with_names(layout, found)


def chosen_table(found: Survey, source: str, choice: Choice) -> Layout:
    """The table that was named, or the one that fits what was said of its columns."""
    tables = read_tables(found)
    if choice.table is not None and choice.table not in tables:
        there = f"there are {', '.join(list(tables)[:10])}" if tables else "there is none"
        raise InputError(f"--choose names the table '{choice.table[:60]}', but {source} has no such table; {there}.", code="choose")
    wanted = [tables[choice.table]] if choice.table else list(tables.values())
    made: list[Manifest] = []
    for table in wanted:
        try:
            made += [manifest for manifest in [manifest_of(table, found.sample, choice.columns)] if manifest and manifest.labelled]
        except InputError:
            if len(wanted) == 1:
                raise
    if not made:
        raise InputError(f"No table of {source} names its images and their classes by the columns that --choose gives.", code="choose")
    return numbers_named(joined(made, found.sample), found, tables)


def read_tables(found: Survey) -> dict[str, Table]:
    return {path: table for path, data in found.side_files() if (table := read_table(path, data))}


def weighed(found: Survey, source: str) -> Layout:
    """Folders, tables, or both."""
    folders, why = folder_layout(found, source)
    if devkit := devkit_of(found):
        return devkit if folders is None else Together([devkit, folders])
    if folders is None and (only := alone(found) or flowers_of(found)):
        return only
    tables = read_tables(found)
    every = [manifest for table in tables.values() if (manifest := manifest_of(table, found.sample, {}))]
    made, lists = [manifest for manifest in every if manifest.labelled], [manifest for manifest in every if not manifest.labelled]
    listed = numbers_named(joined(made, found.sample), found, tables) if made else None
    if folders is None:
        if listed is None or not enough(listed, found):
            raise InputError(f"{why}{unused(found)}{hint(found)}")
        return listed
    if listed is not None and (both := agreed(folders, listed, made, found)) is not folders:
        return with_names(both, found)
    return with_names(split_by_lists(folders, lists, found), found)


def split_by_lists(folders: Folders, lists: list[Manifest], found: Survey) -> Layout:
    """Class folders whose splits stand in lists of paths (Food-101's train.txt and test.txt), where these know most images."""
    if folders.splits or not lists:
        return folders
    listed = lists[0] if len(lists) == 1 else Together(lists)
    placed = [path for path in found.sample if folders.place(path)]
    return SplitsOf(folders, listed) if sum(listed.split_for(path) is not None for path in placed) >= MOST * len(placed) else folders


def hint(found: Survey) -> str:
    """What may be chosen where nothing says what images show."""
    return FROM_NAMES if FileNames().tells(found.sample) else TO_LABEL


def folder_layout(found: Survey, source: str) -> tuple[Folders | None, str]:
    """(the folders' layout, or the sentence why there is none)."""
    try:
        layout = arrange(found.image_folders, source)
    except InputError as error:
        return None, error.message
    return layout, ""


def unused(found: Survey) -> str:
    """What is said of a table that stands there and does not help."""
    table = next((path for path in sorted(found.tables) if path.lower().endswith((".csv", ".tsv", ".jsonl"))), "")
    if table:
        return f" {table} was read, but no column of it names these images beside a class."
    return MATLAB.format(found.matlab) if found.matlab else ""


def enough(layout: Layout, found: Survey) -> bool:
    """Whether a table is about these images at all."""
    return any(layout.place(path) for path in found.sample)


def joined(made: list[Manifest], sample: list[str]) -> Layout:
    """Several tables as one: those with splits first; a table that adds nothing to them is left aside."""
    kept: list[Manifest] = []
    open_paths = list(sample)
    for manifest in sorted(made, key=lambda m: (not has_splits(m), -known(m, sample), m.table.path)):
        rest = [path for path in open_paths if not manifest.place(path)]
        if len(rest) < len(open_paths):
            kept.append(manifest)
            open_paths = rest
    kept = kept or made[:1]
    return kept[0] if len(kept) == 1 else Together(kept)


def has_splits(manifest: Manifest) -> bool:
    return any(split >= 0 for split in manifest.splits)


def known(layout: Layout, sample: list[str]) -> int:
    return sum(layout.place(path) is not None for path in sample)


@dataclass
class Compared:
    """What folders and tables say of the same images."""

    both: list[tuple[Place, Place]]  # (folders', tables')
    covered: float  # share of the images that tables know
    taken_over: dict[str, str]  # a table's label → the folder's, where they differ in name alone

    @property
    def same(self) -> bool:
        return not self.both or sum(f.label == t.label for f, t in self.both) >= AGREE * len(self.both)


def compared(folders: Layout, listed: Layout, sample: list[str]) -> Compared:
    places = [(folders.place(path), listed.place(path)) for path in sample]
    both = [(f, t) for f, t in places if f and t and not is_generic(f.label)]
    return Compared(both, sum(t is not None for _, t in places) / max(1, len(places)), one_to_one(both))


def one_to_one(both: list[tuple[Place, Place]]) -> dict[str, str]:
    """{table's label: folder's label} where each always goes with the other; empty where they do not."""
    there, back = dict[str, str](), dict[str, str]()
    for folder, table in both:
        if there.setdefault(table.label, folder.label) != folder.label or back.setdefault(folder.label, table.label) != table.label:
            return {}
    return there


def agreed(folders: Folders, listed: Layout, made: list[Manifest], found: Survey) -> Layout:
    """Where there are class folders and tables that name the images."""
    labels = labels_of(folders, found.sample)
    if alike := [manifest for manifest in made if says_the_same(manifest, folders, labels, found.sample)]:
        return Together([joined(alike, found.sample), folders])  # Tiny-ImageNet: train in folders, validation in a list
    seen, said = compared(folders, listed, found.sample), labels_of(listed, found.sample)
    if seen.both and len(seen.taken_over) > 1 and len(seen.both) >= AGREE * seen.covered * len(found.sample):
        return SplitsOf(folders, listed) if any(has_splits(manifest) for manifest in made) else folders
    named = all(manifest.roles.named for manifest in made)
    parts = all(is_generic(label) for label in labels)  # images_001, images_002: no classes
    return listed if named and parts and seen.covered >= MOST and len(said) > 1 else folders


def labels_of(layout: Layout, sample: list[str]) -> set[str]:
    return {place.label for path in sample if (place := layout.place(path))}


def says_the_same(manifest: Manifest, folders: Folders, labels: set[str], sample: list[str]) -> bool:
    """Whether a table speaks of the folders' classes, and never differs where both know an image."""
    said = labels_of(manifest, sample)
    return compared(folders, manifest, sample).same and len(said & labels) > 0.5 * len(said)


def numbers_named(layout: Layout, found: Survey, tables: Mapping[str, Table]) -> Layout:
    """Classes that are numbers get the names of a list beside them (DIGITS's labels.txt), where it has one for each."""
    manifests = [part for part in layout.parts() if isinstance(part, Manifest)]
    labels = {label for manifest in manifests for label in manifest.vocabulary}
    if numbered(labels) and (names := number_names(labels, found, tables, layout.used)):
        for manifest in manifests:
            manifest.vocabulary = [names[int(label)] for label in manifest.vocabulary]
    return layout


def number_names(labels: set[str], found: Survey, tables: Mapping[str, Table], used: frozenset[str] = frozenset()) -> dict[int, str]:
    for path, data in found.side_files():
        if path not in used and (names := names_list(path, data)) and fits(names, labels):
            return names
    for path, table in tables.items():
        if path not in used and table.header and (names := names_table(table, labels)) and fits(names, labels):
            return names
    return {}


def with_names(layout: Layout, found: Survey) -> Layout:
    """Class folders that are numbers keep them as labels, and get readable names."""
    labels = {place.label for path in found.sample if (place := layout.place(path))}
    if numbered(labels) and (names := number_names(labels, found, read_tables(found), layout.used)):
        layout.names = {label: names[int(label)] for label in labels}
    return layout


def readable_names(labels: list[str], layout: Layout, found: Survey) -> dict[str, str]:
    """{label: readable name} of a dataset's classes."""
    own: dict[str, str] = {}
    if any(label.startswith("n") for label in labels):
        for _, data in found.side_files():
            own |= synset_list(data)
    return synset_names(labels, own) | {label: name for label, name in layout.names.items() if label in labels and name != label}
