"""How a source is understood, before any of its images is decoded: for who wants to see it, and correct it, first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from re import Pattern
from typing import Any

from classifier.data.archive import Source, open_source
from classifier.data.duplicates import background_classes, similar_classes
from classifier.data.elsewhere import Elsewhere
from classifier.data.encodings import names_in
from classifier.data.face_preview import MOST_LOOKED, some_faces
from classifier.data.grouped import doubt, grouped, words
from classifier.data.layouts.arrange import found_layout, readable_names
from classifier.data.layouts.base import Layout
from classifier.data.layouts.choose import COLUMN_ROLES, Choice
from classifier.data.layouts.gather import UNNAMED, read_tables
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.others import FileNames
from classifier.data.layouts.tree import folder_rows
from classifier.data.layouts.unread import in_place_of_images
from classifier.data.names import is_litter_folder, shown
from classifier.data.problems import Problem, left_out, sentence
from classifier.data.reading import Reading
from classifier.data.rows import grouping, meet
from classifier.data.samples import Groups
from classifier.data.split import group_pattern
from classifier.data.survey import Survey
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import SPLITS, OnEvent, ShouldStop, Split, ignore, never
from classifier.spec.faces import require_detector
from classifier.spec.words import plural

BY_FOLDERS = "what the images show was said without it"
TABLE_WORDS = {"path": "names the image by", "label": "class", "split": "split", "group": "group"}
OPEN = "open"  # of images whose split is still to be cut
FIRST_FILES = 5  # that are named of each rule
EXAMPLES = 3  # cells of each column
EXAMPLE_LENGTH = 30
MOST_TABLES = 50  # that are shown
NOT_LEARNT = "is of a class that train lacks ({}), so nothing can learn it; add training images of it"
NO_IMAGES = "{} holds no images; expected are image files, MNIST's idx files or CIFAR's batches."
INTERRUPTED = "Interrupted; nothing was changed. Run the same command again."
NAMES_SHARE = 0.7  # of a look that reads some images too
FIRST_IGNORED = 8  # files that are named
SAID = {
    "folders": "Each class is a folder",
    "manifest": "A table says what each image shows: {}",
    "idx": "idx files hold the images and their labels",
    "cifar": "CIFAR batches hold the images and their labels",
    "drawn": "Files beside the images draw what each shows, and where that is of one class, this is its class",
    "stl": "STL-10's files hold the images and their labels",
    "svhn": "SVHN's files hold the images and their labels",
    "imagenet": "ImageNet: the devkit says what its validation images show, folders what the others do",
    "matlab": "MATLAB's lists say by number what each image shows: {}",
    "names": "Each image's name says its class before its number",
    "unlabelled": "Nothing says what the images show; all are taken as one class, to be labelled",
}


@dataclass
class Seen:
    """Everything that a walk over the names told."""

    survey: Survey = field(default_factory=Survey)
    paths: list[str] = field(default_factory=list)  # of images
    left: list[Problem] = field(default_factory=list)
    litter: int = 0
    ignored: dict[str, str] = field(default_factory=dict)  # the first of the litter of each kind

    def note_ignored(self, path: str) -> None:
        """One of each ending, and of what a system packs: a hundred such files would hide the one that somebody misses."""
        kind = path.split("/")[0] if is_litter_folder(path) else PurePosixPath(path.lower()).suffix or path
        if len(self.ignored) < FIRST_IGNORED or kind in self.ignored:
            self.ignored.setdefault(kind, shown(path))


def inspect_source(
    source: Path,
    choice: Choice | None = None,
    *,
    faces: bool = False,
    group: str | None = None,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """The "inspected" event of a source. Raises InputError for a broken archive or a choice that does not fit; a source of which
    nothing says what its images show has no kind, and a message that says so. With `faces` some images are read, to be shown as an
    import that blurs faces would keep them. `group` is the pattern by which an import would keep paths together."""
    choice, pattern = choice or Choice(), group_pattern(group)
    if faces:
        require_detector()
    opened = open_source(Path(source), choice.encoding)
    try:
        seen = walked(opened, on_event, should_stop, NAMES_SHARE if faces else 1.0)
        seen.survey.is_copy = Elsewhere(opened.path, choice.encoding, should_stop, INTERRUPTED)
        on_event({"event": "stage", "stage": "reading", "message": f"Making out what {plural(len(seen.paths), 'image')} show"})
        found = inspected(seen, Path(source).name, choice, pattern) | {"names_in": names_in(opened.unsaid)}
    finally:
        opened.close()
    if not faces:
        return found
    on_event({"event": "stage", "stage": "reading", "message": "Looking for faces"})
    looked = Reading(on_event, min(MOST_LOOKED, len(seen.paths)), lambda: None, NAMES_SHARE, unit="images")
    return found | {"faces": some_faces(source, seen.paths, looked.passed, should_stop, choice.encoding)}


def walked(source: Source, on_event: OnEvent, should_stop: ShouldStop, end: float = 1.0) -> Seen:
    """What a pass over the names tells; it is the share up to `end` of the whole look."""
    on_event({"event": "stage", "stage": "reading", "message": f"Reading {source.path.name}"})
    seen, names = Seen(Survey(again=source.entries if source.rewindable else None)), set[str]()
    reading, count = Reading(on_event, source.total, source.fraction, end=end), 0
    for count, entry in enumerate(source.entries(), start=1):
        if should_stop():
            raise Interrupted(INTERRUPTED)
        seen.survey.note(entry)
        if entry.kind == "image" and entry.path not in names:
            names.add(entry.path)
            seen.paths.append(entry.path)
        elif entry.kind == "refused":
            seen.left.append(left_out(entry.path, entry.rule, entry.message))
        elif entry.kind == "litter":
            seen.litter += 1
            seen.note_ignored(entry.path)
        reading.passed(count)
    reading.tell(count, 1.0)
    return seen


def inspected(seen: Seen, source: str, choice: Choice, pattern: Pattern[str] | None = None) -> dict[str, Any]:
    """The event, whether a layout is found or not."""
    layout, why = understood(seen.survey, source, choice)
    classes, left = counted(seen.paths, layout)
    if layout:
        meet(seen.left, layout)
    names = readable_names(list(classes), layout, seen.survey) if layout else {}
    used = layout.used & seen.survey.tables.keys() if layout else frozenset()
    return {
        "event": "inspected",
        "kind": layout.kind if layout else None,
        "message": why or said(layout, classes),
        "images": sum(sum(count.values()) for count in classes.values()),
        "class_count": len(classes),
        "classes": classes,
        "names": names,
        "tree": folder_rows(seen.survey.folders, layout),
        "tables": table_rows(seen.survey, layout),
        "left": by_rule(
            [*seen.left, *left, *(layout.missing() if layout else []), *similar_classes(classes), *background_classes(classes)]
        ),
        "ignored": seen.litter - len(used),
        "ignored_first": [path for path in seen.ignored.values() if path not in used],
        "choices": choices(seen.survey, layout, choice),
        "groups": together(seen.paths, layout, pattern),
    }


def together(paths: Sequence[str], layout: Layout | None, pattern: Pattern[str] | None) -> dict[str, Any] | None:
    """What the pattern, or a column of a table, keeps together of the images that are taken, as `grouped` tells it, in words too; None
    where neither is there."""
    placed = [path for path in paths if layout and layout.place(path)]
    names = grouping(layout, pattern)(placed) if layout else Groups.none(0)
    if pattern is None and not any(name is not None for name in names):
        return None
    found = grouped(placed, names)
    return found | {"message": words(found), "doubt": doubt(found)}


def understood(found: Survey, source: str, choice: Choice) -> tuple[Layout | None, str]:
    """(the layout, "") or (None, why there is none); raises InputError for a choice that does not fit."""
    if not found.images:
        return None, NO_IMAGES.format(source) + in_place_of_images(found)
    try:
        return found_layout(found, source, choice), ""
    except InputError as error:
        if error.code == "choose":
            raise
        return None, error.message


def counted(paths: Sequence[str], layout: Layout | None) -> tuple[dict[str, dict[str, int]], list[Problem]]:
    """({label: {split: images}}, what has no place)."""
    if layout is None:
        return {}, []
    counts: Counter[tuple[str, Split | None]] = Counter()
    left = []
    for path in paths:
        if place := layout.place(path):
            counts[place] += 1
        else:
            left.append(layout.unplaced(path))
    learnt = {label for label, split in counts if split in (None, "train")}
    if learnt and (alone := {label for label, _ in counts} - learnt):
        message = NOT_LEARNT.format(", ".join(sorted(alone)[:FIRST_FILES]) + ", …" * (len(alone) > FIRST_FILES))
        placed = (path for path in paths if (place := layout.place(path)) and place.label in alone)
        left += [left_out(path, "class_not_in_train", message) for path in placed]
    labels = sorted(learnt or {label for label, _ in counts})
    return {label: {split: counts[label, split] for split in SPLITS} | {OPEN: counts[label, None]} for label in labels}, left


def said(layout: Layout | None, classes: dict[str, dict[str, int]]) -> str:
    """ "Each class is a folder: 10 classes, 1,041 images; validation and test are cut from train." """
    if layout is None:
        return ""
    how = SAID[layout.kind].format(", ".join(sorted(layout.used)))
    if layout.kind == "folders" and layout.used:
        how += f", and {', '.join(sorted(layout.used)[:FIRST_FILES])} tell{'s' * (len(layout.used) == 1)} more of the images"
    totals = {split: sum(count[split] for count in classes.values()) for split in (*SPLITS, OPEN)}
    images = sum(totals.values())
    given = [f"{totals[split]:,} {split}" for split in SPLITS if totals[split]]
    splits = f"with splits of its own ({', '.join(given)})" if given else "without splits, which will be cut"
    return f"{how}; {len(classes):,} class{'es' * (len(classes) != 1)}, {images:,} images, {splits}."


def table_rows(found: Survey, layout: Layout | None) -> list[dict[str, Any]]:
    """The tables of a source, those that are used first; some sets have one a class, of boxes."""
    rows = [table_row(table, layout) for table in read_tables(found).values() if len(table.columns) > 1]
    return sorted(rows, key=lambda row: not row["used"])[:MOST_TABLES]


def table_row(table: Any, layout: Layout | None) -> dict[str, Any]:
    """A table with its columns, and their roles where it is used, else the reason why it is not."""
    why = layout.aside.get(table.path, BY_FOLDERS) if layout else UNNAMED
    row: dict[str, Any] = {"file": table.path, "columns": list(table.columns), "used": False, "why": why, "words": f"not used: {why}"}
    row["examples"] = examples(table)
    for part in layout.parts() if layout else ():
        if isinstance(part, Manifest) and part.table.path == table.path and any(part.met):
            places = {"path": part.roles.path, "label": part.roles.label, "split": part.roles.split, "group": part.roles.group}
            named = {role: None if place is None else table.columns[place] for role, place in places.items()}
            words = "; ".join(f"{TABLE_WORDS[role]} {name}" for role, name in named.items() if name)
            row |= {"used": True, "rows": len(part.labels), "why": "", "words": words, **named}
    return row


def examples(table: Any) -> dict[str, list[str]]:
    """Some of what stands in each column, for who is to choose among them."""
    rows = table.first
    columns = (dict.fromkeys(row[place].strip() for row in rows) for place in range(len(table.columns)))
    return {
        name: [shown(cell)[:EXAMPLE_LENGTH] for cell in found if cell][:EXAMPLES]
        for name, found in zip(table.columns, columns, strict=True)
    }


def by_rule(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """What is said of files, by its rule: how many, the first of them, and whether they are taken all the same."""
    found: dict[str, dict[str, Any]] = {}
    for problem in problems:
        row = {"rule": problem["rule"], "message": sentence(problem["message"]), "taken": problem["taken"], "count": 0, "first": []}
        kind = problem["rule"] + (
            problem["message"] if problem["rule"] in ("unknown_ending", "unknown_split") else ""
        )  # a film is no photograph
        entry = found.setdefault(kind, row)
        entry["count"] += 1
        if len(entry["first"]) < FIRST_FILES:
            entry["first"].append(problem["file"])
    return sorted(found.values(), key=lambda entry: -entry["count"])


def level_names(found: Survey) -> list[list[str]]:
    """Some folders of each level, the topmost first, one more than are named."""
    levels: list[set[str]] = []
    for folder in found.folders:
        for depth, name in enumerate(folder.split("/") if folder else ()):
            if depth == len(levels):
                levels.append(set())
            levels[depth].add(name)
    return [heapq.nsmallest(EXAMPLES + 1, names) for names in levels]


def choices(found: Survey, layout: Layout | None, choice: Choice) -> dict[str, Any]:
    """What `--choose` may say here: the values as they are now, and those that there are."""
    depth = max((folder.count("/") + 1 for folder in found.folders if folder), default=0)
    named = FileNames().tells(found.sample)
    offered = (("folders", depth), ("manifest", found.tables), ("names", named), ("unlabelled", found.images))
    kinds = [kind for kind, there in offered if there]
    hundred = any(box.coarse for box in found.boxes.values())
    return {
        "now": {
            "kind": choice.kind or (layout.kind if layout else None),
            "table": choice.table,
            "level": choice.level,
            "leave": list(choice.leave),
            "labels": choice.labels,
            "encoding": choice.encoding or None,
            **{role: choice.columns.get(role) for role in COLUMN_ROLES},
        },
        "kinds": kinds,
        "levels": depth,
        "level_names": level_names(found),
        "labels": ["fine", "coarse"] if hundred else [],
    }
