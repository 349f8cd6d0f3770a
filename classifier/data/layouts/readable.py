"""Readable names of classes: of numbers, from a list beside the images; of ImageNet's synset ids, from the source or a package."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from classifier.data.layouts.documents import class_names, is_number_of_class
from classifier.data.layouts.mat import MAT_ERRORS, read_rows
from classifier.data.layouts.roles import SYNSET
from classifier.data.layouts.spaced import is_number
from classifier.data.layouts.tables import Table, decoded, has_image_ending
from classifier.spec.imagenet import SYNSETS

LIST_NAMES = re.compile(
    r"(.*[-_. ])?(labels?|class(es)?|class[-_ ]?names?|names?|categories|label[-_ ]?names?)\.(txt|names|list|lst)|.*\.names", re.IGNORECASE
)
# A list that is opened again before its end is none: else the rest of the text is searched for the end of each.
YAML_NAMES = re.compile(r"^names:[ \t]*(\[[^\[\]]*\]|(?:#.*)?\n(?:[ \t]*(?:-|\d+:)[^\n]*\n?)+)", re.MULTILINE)
YAML_NAME = re.compile(r"(?:-|(?<!\d)(\d{1,9}):)[ \t]*(\S[^\n]*)")
NUMBERED = re.compile(r"(\d{1,9})[ ,;:\t]+(\S.*)")
SYNSET_LINE = re.compile(r"^(n\d{8})[ \t,]+(\S[^\n]*)", re.MULTILINE)
LONGEST_LIST = 8 << 20  # bytes; WordNet's own words.txt has 2.6 MB


def names_list(path: str, data: bytes) -> dict[int, str]:
    """{number: name} of a list with a name a line, counted from 0 unless the lines carry numbers, or of a map in JSON; empty where it
    is none."""
    if path.lower().endswith(".mat"):
        return matlab_names(data)
    if path.lower().endswith((".yaml", ".yml")):
        return yaml_names(decoded(data)) if len(data) <= LONGEST_LIST else {}
    if path.lower().endswith(".json"):
        return class_names(decoded(data)) if len(data) <= LONGEST_LIST else {}
    if not LIST_NAMES.fullmatch(PurePosixPath(path).name) or len(data) > LONGEST_LIST:
        return {}
    lines = [line.strip() for line in decoded(data).splitlines() if line.strip()]
    numbered = [NUMBERED.fullmatch(line) for line in lines]
    if lines and all(numbered):
        found = {int(line[1]): line[2].strip() for line in numbered if line}
        return found if len(found) == len(lines) else {}
    return dict(enumerate(lines))


def matlab_names(data: bytes) -> dict[int, str]:
    """The one list of texts of a file of MATLAB's, counted from 1 (cars_meta.mat)."""
    try:
        columns, rows = read_rows(data)
    except MAT_ERRORS:
        return {}
    named = len(columns) == 1 and not any(row[0].isdecimal() for row in rows)
    return {number: row[0] for number, row in enumerate(rows, start=1)} if named else {}


def yaml_names(text: str) -> dict[int, str]:
    """The `names` of YOLO's data.yaml: a list on one line or on several, or a map of numbers."""
    found = YAML_NAMES.search(text)
    if found is None:
        return {}
    if found[1].startswith("["):
        names = [name.strip().strip("'\"") for name in found[1][1:-1].split(",") if name.strip()]
        return dict(enumerate(names))
    lines = [YAML_NAME.search(line) for line in found[1].splitlines() if line.strip() and not line.strip().startswith("#")]
    return {int(line[1] or place): line[2].partition(" #")[0].strip().strip("'\"") for place, line in enumerate(lines) if line}


def names_table(table: Table, labels: Iterable[str]) -> dict[int, str]:
    """{number: name} of a table whose rows give each number among the labels a name of its own (GTSRB's signnames.csv)."""
    wanted, rows = {int(label) for label in labels}, table.first
    columns = range(len(table.columns))
    numbers = [c for c in columns if {int(row[c]) for row in rows if is_number_of_class(row[c].strip())} >= wanted]
    for place in numbers:
        for other in columns:
            found = {int(row[place]): row[other].strip() for row in rows if is_number_of_class(row[place].strip())}
            if other != place and len(set(found.values())) == len(rows) and not any(map(is_no_name, found.values())):
                return found
    return {}


def names_of_ids(labels: Iterable[str], tables: Iterable[Table]) -> dict[str, str]:
    """{label: name} of the first table of two columns that names all of them (Open Images' class-descriptions.csv)."""
    wanted = set(labels)
    for table in tables:
        if len(table.columns) == 2:
            found = {row[0].strip(): row[1].strip() for row in table.rows()}
            if wanted <= found.keys():
                return {label: found[label] for label in wanted}
    return {}


def is_no_name(text: str) -> bool:
    """Another number, or a picture of the class (GTSRB's Meta/0.png)."""
    return is_number(text) or has_image_ending(text)


def numbered(labels: Iterable[str]) -> bool:
    """Whether classes are called by whole numbers."""
    found = list(labels)
    return bool(found) and all(label.isascii() and is_number_of_class(label) for label in found)


def fits(names: Mapping[int, str], labels: Iterable[str]) -> bool:
    """Whether every number has a name, none of them twice."""
    wanted = {int(label) for label in labels}
    return wanted <= names.keys() and len({names[number] for number in wanted}) == len(wanted) and all(names[n] for n in wanted)


def synset_list(data: bytes) -> dict[str, str]:
    """{synset id: the first of its words} of a file that lists them (LOC_synset_mapping.txt, words.txt)."""
    return {found[1]: short(found[2]) for found in SYNSET_LINE.finditer(decoded(data))} if len(data) <= LONGEST_LIST else {}


def short(words: str) -> str:
    """ "tench, Tinca tinca" as "tench"."""
    return words.split(",")[0].strip().strip('"')


def synset_names(labels: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """{synset id: readable name} of the labels that are such ids, from the source's own list or the bundled one, where one has it."""
    wanted = [label for label in labels if SYNSET.fullmatch(label)]
    if not wanted:
        return {}
    bundled = bundled_names() if any(label not in own for label in wanted) else {}
    return {label: name for label in wanted if (name := own.get(label) or bundled.get(label))}


def bundled_names() -> dict[str, str]:
    """torchvision's names of ImageNet's 1,000 classes, read from its file: to import it would take seconds and 200 MB."""
    found = importlib.util.find_spec("torchvision")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "models" / "_meta.py"
        if path.is_file():
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_IMAGENET_CATEGORIES":
                    names: list[str] = ast.literal_eval(node.value)
                    return dict(zip(SYNSETS, names, strict=True)) if len(names) == len(SYNSETS) else {}
    return {}
