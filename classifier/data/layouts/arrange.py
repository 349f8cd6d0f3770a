"""Which layout a source has: what its folders, tables and other side files say, weighed against each other."""

from __future__ import annotations

from collections.abc import Mapping

from classifier.data.boxes.emnist import sets_of
from classifier.data.boxes.layout import Boxed
from classifier.data.layouts.base import Layout, Together
from classifier.data.layouts.beside import with_tables
from classifier.data.layouts.choose import Choice
from classifier.data.layouts.compare import MOST, called_otherwise, compared, joined, labels_of, refines, says_the_same, share_known
from classifier.data.layouts.copies import without_copies
from classifier.data.layouts.devkit import alone, devkit_of
from classifier.data.layouts.drawn import drawn
from classifier.data.layouts.flowers import flowers_of
from classifier.data.layouts.folders import Folders, arrange
from classifier.data.layouts.gather import Columns, Tables, gathered, read_tables
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.nodes import tree
from classifier.data.layouts.others import FileNames, Levels, Masked, Repeated, Unlabelled, Without, mask_folders, mask_of
from classifier.data.layouts.own import OwnTable
from classifier.data.layouts.readable import fits, names_list, names_of_ids, names_table, numbered, synset_list, synset_names
from classifier.data.layouts.reasons import hint, unused
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import is_generic
from classifier.data.survey import Survey
from classifier.spec.errors import InputError

OPEN_IMAGES = ("/m/", "/g/", "/t/")  # as ids of its classes begin
SEVERAL = (
    "{} holds {} sets of EMNIST ({}), whose labels mean different things. Import the four files of one of them; of a source of several, "
    "those of the others can be left out."
)


def found_layout(found: Survey, source: str, choice: Choice | None = None) -> Layout:
    """The layout of what a survey found, as chosen; raises InputError, naming `source`, where nothing says what images show."""
    choice = choice or Choice()
    if not choice.leave:
        return unmasked(found, source, choice)
    for folder in choice.leave:
        if not any(name == folder or name.startswith(f"{folder}/") for name in (*found.folders, *found.named)):
            raise InputError(f"--choose leaves '{folder[:60]}' out, but {source} has no such folder.", code="choose")
    return Without(unmasked(found.without(choice.left), source, choice), choice.left)


def unmasked(found: Survey, source: str, choice: Choice) -> Layout:
    """The layout of the images; masks, and folders that hold others' bytes once more, are none, unless the folders of a level were asked
    for."""
    if choice.level is not None:
        return layout_of(found, source, choice)
    masks = mask_folders(found.folders)
    shown = found.without_images(lambda path: mask_of(path, masks)) if masks else found
    copies = set(without_copies(tree(shown.image_folders), lambda folder: found.is_copy(folder) or False))
    shown = shown.without_images(lambda path: mask_of(path, copies)) if copies else shown
    layout = layout_of(shown, source, choice)
    layout = Repeated(layout, copies) if copies else layout
    return Masked(layout, masks) if masks else layout


def layout_of(found: Survey, source: str, choice: Choice) -> Layout:
    if choice.kind == "unlabelled":
        return Unlabelled()
    if choice.kind == "names":
        return file_names(found, source)
    if choice.level is not None:
        return chosen_folders(levels(found, source, choice.level), found, source, choice)
    if choice.kind == "folders":
        return chosen_folders(arrange(found.image_folders, source, found.is_copy), found, source, choice)
    if choice.of_table:
        return chosen_table(found, source, choice)
    if any(box.images for box in found.boxes.values()):
        return boxed(found, source, choice)
    return weighed(found, source, choice.columns)


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
    return layout


def chosen_table(found: Survey, source: str, choice: Choice) -> Layout:
    """The table that was named, or the one that fits what was said of its columns."""
    tables = gathered(found, source, choice.columns, choice.table)
    wanted = {choice.columns[role] for role in ("path", "label") if role in choice.columns}  # groups may stand in another
    made = [manifest for manifest in tables.labelled if wanted <= set(manifest.table.columns)]
    if not made:
        raise InputError(f"No table of {source} names its images and their classes by the columns that --choose gives.", code="choose")
    return with_tables(numbers_named(joined(made, found.sample), found, tables.read), tables, found, choice.columns)


def chosen_folders(folders: Layout, found: Survey, source: str, choice: Choice) -> Layout:
    """Folders that were asked for as the classes, with the tables beside them; a label among the columns is none then."""
    asked = {role: name for role, name in choice.columns.items() if role != "label"}
    return with_names(with_tables(folders, gathered(found, source, asked, choice.table), found, asked, choice.table), found)


def weighed(found: Survey, source: str, asked: Columns) -> Layout:
    """Folders, tables, or both."""
    folders, why = folder_layout(found, source)
    if devkit := devkit_of(found):
        return devkit if folders is None else Together([devkit, folders])
    if folders is None and (only := alone(found) or flowers_of(found)):
        return only
    tables = gathered(found, source, asked)
    if written := [manifest for manifest in tables.labelled if isinstance(manifest.table, OwnTable)]:
        ours: Layout = joined(written, found.sample)  # its labels need not be names of folders
        if folders is not None and not all(ours.place(path) for path in found.sample):
            ours = Together([ours, folders])
        return with_names(with_tables(ours, tables, found, asked), found)
    if folders is not None:
        return with_names(with_tables(agreed(folders, tables, found), tables, found, asked), found)
    listed = numbers_named(joined(telling(tables.labelled, found), found.sample), found, tables.read) if tables.labelled else None
    if listed is None or not enough(listed, found):
        listed = names_confirmed(tables, found) or drawn(found, source, lambda labels: number_names(labels, found, tables.read))
    told = unused(found, tables)
    if listed is None and not told and FileNames().is_certain(found.sample):
        listed = FileNames()  # Kaggle's dogs and cats: train/cat.0.jpg, train/dog.0.jpg
    if listed is None:
        raise InputError(f"{why}{told}{hint(found)}")
    return with_tables(listed, tables, found, asked)


def telling(made: list[Manifest], found: Survey) -> list[Manifest]:
    """Without tables whose label is but a guess, such as an age, where others name most images and their classes."""
    named = [manifest for manifest in made if not manifest.guessed]
    return named if named and share_known(named, found.sample) > 0.5 else made


def folder_layout(found: Survey, source: str) -> tuple[Folders | None, str]:
    """(the folders' layout, or the sentence why there is none)."""
    try:
        layout = arrange(found.image_folders, source, found.is_copy)
    except InputError as error:
        return None, error.message
    return layout, ""


def names_confirmed(tables: Tables, found: Survey) -> Layout | None:
    """The classes that files are called by, where a column of numbers in lists beside them goes with these one to one: the Oxford pets'
    Abyssinian_12.jpg, and "Abyssinian_12 1 1 1"."""
    names = FileNames()
    if not names.tells(found.sample):
        return None
    lists = [manifest for manifest in tables.naming if not manifest.labelled and not manifest.table.header]
    for place in range(1, max((len(manifest.table.columns) for manifest in lists), default=0)):
        numbers = [again for manifest in lists if (again := manifest.with_label(place))]
        seen = compared(names, Together(numbers), found.sample) if numbers else None
        if seen and seen.covered >= MOST and len(seen.taken_over) > 1:
            return names
    return None


def enough(layout: Layout, found: Survey) -> bool:
    """Whether a table is about these images at all."""
    return any(layout.place(path) for path in found.sample)


def agreed(folders: Folders, tables: Tables, found: Survey) -> Layout:
    """What says the classes where there are class folders and tables that name the images."""
    if not (made := tables.labelled):
        return folders
    labels = labels_of(folders, found.sample)
    if alike := [manifest for manifest in made if says_the_same(manifest, folders, labels, found.sample)]:
        return Together([joined(alike, found.sample), folders])  # Tiny-ImageNet: train in folders, validation in a list
    if called := called_otherwise(made, folders, found.sample):
        return Together([joined(called, found.sample), folders])  # GTSRB: train in folders 00000, …, test in a list of 0, …
    listed = numbers_named(joined(made, found.sample), found, tables.read)
    if refines(listed, folders, found.sample):
        return listed  # iNaturalist: folders of kinds above those of species, and the species' names in a document
    seen, said = compared(folders, listed, found.sample), labels_of(listed, found.sample)
    named = all(manifest.roles.named for manifest in listed.parts() if isinstance(manifest, Manifest))
    parts = all(is_generic(label) for label in labels)  # images_001, images_002: no classes
    return listed if named and parts and seen.covered >= MOST and len(said) > 1 else folders


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
    if any(label.startswith(OPEN_IMAGES) for label in labels):
        layout.names = {**layout.names, **names_of_ids(labels, read_tables(found).values())}
    if any(label.startswith("n") for label in labels):
        for _, data in found.side_files():
            own |= synset_list(data)
    return synset_names(labels, own) | {label: name for label, name in layout.names.items() if label in labels and name != label}
