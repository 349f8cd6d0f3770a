"""Readable names of classes: of numbers, from a list beside the images; of ImageNet's synset ids, from the source or a package."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from classifier.data.layouts.documents import class_names
from classifier.data.layouts.roles import SYNSET
from classifier.data.layouts.tables import Table, decoded
from classifier.spec.imagenet import SYNSETS

LIST_NAMES = re.compile(
    r"(.*[-_. ])?(labels?|class(es)?|class[-_ ]?names?|names?|categories|label[-_ ]?names?)\.(txt|names|list|lst)", re.IGNORECASE
)
NUMBERED = re.compile(r"(\d+)[ ,;:\t]+(\S.*)")
SYNSET_LINE = re.compile(r"^(n\d{8})[ \t,]+(\S[^\n]*?)\s*$", re.MULTILINE)
LONGEST_LIST = 8 << 20  # bytes; WordNet's own words.txt has 2.6 MB


def names_list(path: str, data: bytes) -> dict[int, str]:
    """{number: name} of a list with a name a line, counted from 0 unless the lines carry numbers, or of a map in JSON; empty where it
    is none."""
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


def names_table(table: Table, labels: Iterable[str]) -> dict[int, str]:
    """{number: name} of a table whose rows give each number among the labels a name of its own (GTSRB's signnames.csv)."""
    wanted, rows = {int(label) for label in labels}, table.first
    columns = range(len(table.columns))
    numbers = [c for c in columns if {int(row[c]) for row in rows if row[c].strip().isdecimal()} >= wanted]
    for place in numbers:
        for other in columns:
            found = {int(row[place]): row[other].strip() for row in rows if row[place].strip().isdecimal()}
            if other != place and len(set(found.values())) == len(rows) and not any(name.isdecimal() for name in found.values()):
                return found
    return {}


def numbered(labels: Iterable[str]) -> bool:
    """Whether classes are called by whole numbers."""
    found = list(labels)
    return bool(found) and all(label.isascii() and label.isdecimal() for label in found)


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
