"""The tables of a source that name its images, and why the others do not help."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath

from classifier.data.layouts import celeba
from classifier.data.layouts.fitting import like, manifest_of
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.marks import is_mark, key_of
from classifier.data.layouts.numbers import by_path
from classifier.data.layouts.own import as_written
from classifier.data.layouts.tables import Table, read_table
from classifier.data.problems import Problem, warned
from classifier.data.survey import Survey
from classifier.spec.errors import InputError

FEW_MET = 10  # images of a table among those that are looked at, with fewer of which it may have none there by chance
UNNAMED = "no column of it names these images, or it tells nothing of them"
SIGNS = "it names one picture of each class, as a key to them, and no samples"
UNION = "the lists of train and of validation beside it say the same, one by one"
UNWANTED = "another table was asked for"
ANSWERS = re.compile(r"(sample|example|dummy)?[-_ ]?submissions?[-_ ]?(sample|example|format)?([-_ ]?\d+)?", re.IGNORECASE)
NO_LABELS = "it shows how answers of a competition are handed in, and its labels stand for nothing"
TAKEN = "is one of {} numbered cuts of the same images; it was taken, and the others were left aside"
CUT = "one of several numbered cuts of the same images; {} was taken"

SHARED = 0.2  # of the images of numbered lists, with more of which in common they are cuts and no parts

Columns = Mapping[str, str | None]  # by role; None: there is none
Numbers = tuple[int, ...]  # in a list's path


@dataclass
class Tables:
    """All that can be read, and those among them that name images."""

    read: dict[str, Table]
    made: list[Manifest]
    aside: dict[str, str] = field(default_factory=dict)  # why one is not used
    said: list[Problem] = field(default_factory=list)
    naming: list[Manifest] = field(default_factory=list)  # all that name images, also those that tell nothing of them

    @property
    def several(self) -> list[str]:
        """By which every image shows several classes."""
        return [manifest.table.path for manifest in self.naming if manifest.shows_several and not manifest.labelled]

    @property
    def labelled(self) -> list[Manifest]:
        return [manifest for manifest in self.made if manifest.labelled]


def read_tables(found: Survey) -> dict[str, Table]:
    """Those that may be about more than one image: what draws on a single one is no table, however few such files there are."""
    images = {key_of(path) for path in found.sample}
    files = ((path, data) for path, data in found.side_files() if not (key_of(path) in images and is_mark(path, data)))
    return {path: table for path, data in files if (table := as_written(read_table(path, data)))}


def gathered(found: Survey, source: str, asked: Columns, only: str | None = None) -> Tables:
    """Every table, or the one that was asked for, by the columns that were; InputError for a table or a column that there is not."""
    read = read_tables(found)
    if only is not None and only not in read:
        there = f"there are {', '.join(list(read)[:10])}" if read else "there is none"
        raise InputError(f"--choose names the table '{only[:60]}', but {source} has no such table; {there}.", code="choose")
    named = celeba.named(by_path(read, found.sample), found.folders)
    wanted = {only: named[only]} if only is not None else {path: table for path, table in named.items() if not is_answers(path)}
    alone = len(wanted) == 1
    manifests = {
        path: manifest_of(table, found, celeba.asked_of(table, asked if alone else own(asked, table))) for path, table in wanted.items()
    }
    made = {path: manifest for path, manifest in manifests.items() if manifest and manifest.tells}
    for name in asked.values():
        if name is not None and not any(name in manifest.table.columns for manifest in made.values()):
            raise InputError(f"No table of {source} that names its images has a column '{name[:60]}'.", code="choose")
    made |= trusted(wanted, made, found)
    unions = {path: UNION for path in made if union_of(path, made)}
    signs = {path: SIGNS for path, manifest in made.items() if shows_classes(manifest, made.values())}
    made = {path: manifest for path, manifest in made.items() if path not in unions | signs}
    aside = {path: UNNAMED for path, table in wanted.items() if path not in made and len(table.columns) > 1}
    aside |= {path: NO_LABELS if only is None else UNWANTED for path in read if path not in wanted}
    kept, cuts, said = first_cut([made[path] for path in sorted(made)], found.sample)
    return Tables(read, kept, aside | unions | signs | cuts, said, [manifest for manifest in manifests.values() if manifest])


def shows_classes(manifest: Manifest, others: Iterable[Manifest]) -> bool:
    """Whether a table of no split names one image a class, and others with splits more of the same: GTSRB's Meta.csv, of a drawing of each
    sign."""
    own = set(manifest.vocabulary)
    if len(own) < 2 or len(own) != len(manifest.labels) or manifest.splits_any:
        return False
    return any(other.splits_any and len(other.labels) > len(other.vocabulary) and own <= set(other.vocabulary) for other in others)


def union_of(path: str, there: Collection[str]) -> bool:
    """Whether a list is that of train and validation together (trainval.txt), and those of both stand beside it."""
    folder, _, name = path.rpartition("/")
    parts = [f"{folder}/{name.replace('trainval', split)}".lstrip("/") for split in ("train", "val")]
    return "trainval" in name and all(part in there for part in parts)


def is_answers(path: str) -> bool:
    """Whether a table is called as those of Kaggle are that show how answers look: all its images are of one class, or of any."""
    return bool(ANSWERS.fullmatch(PurePosixPath(path).stem))


def own(asked: Columns, table: Table) -> Columns:
    """What was asked for as far as it is about one of several tables: a group of another table's is none of its own."""
    there = {role: name for role, name in asked.items() if name is None or name in table.columns}
    return {**dict.fromkeys(role for role in asked if role in ("split", "group")), **there}


def trusted(tables: Mapping[str, Table], made: Mapping[str, Manifest], found: Survey) -> dict[str, Manifest]:
    """Tables of so few rows that none of them is among the images that were looked at, where another of the same columns names some:
    a val.csv of ten rows beside the train.csv of 60,000 images."""
    if found.images <= len(found.sample):
        return {}
    by_columns = {(manifest.table.columns, manifest.table.delimiter): manifest for manifest in made.values()}
    most = FEW_MET * found.images // max(1, len(found.sample))
    return {
        path: like(table, twin, found)
        for path, table in tables.items()
        if path not in made
        and (twin := by_columns.get((table.columns, table.delimiter)))
        and sum(1 for _ in islice(table.rows(), most + 1)) <= most
    }


def first_cut(made: list[Manifest], sample: list[str]) -> tuple[list[Manifest], dict[str, str], list[Problem]]:
    """Of lists that cut the same images anew by number (train1.txt, test1.txt, train2.txt, …) those of the first number, why the others
    are left aside, and what is said of it. Numbered lists that share no images are parts of one, and all stay."""
    families: defaultdict[str, dict[Numbers, Manifest]] = defaultdict(dict)
    for manifest in made:
        if manifest.scope.split and manifest.roles.split is None:
            path = manifest.table.path
            families[re.sub(r"\d+", "#", path)][tuple(int(number) for number in re.findall(r"\d+", path))] = manifest
    together: defaultdict[frozenset[Numbers], list[dict[Numbers, Manifest]]] = defaultdict(list)
    for family in families.values():
        together[frozenset(family)].append(family)
    aside: dict[str, str] = {}
    said: list[Problem] = []
    for numbers, several in together.items():
        if len(numbers) < 2 or not cut_anew(numbers, several, sample):
            continue
        for family in several:
            first = family[min(numbers)].table.path
            aside |= {manifest.table.path: CUT.format(first) for manifest in family.values() if manifest.table.path != first}
            said.append(warned(first, "several_cuts", TAKEN.format(len(numbers))))
    return [manifest for manifest in made if manifest.table.path not in aside], aside, said


def cut_anew(numbers: Iterable[Numbers], several: list[dict[Numbers, Manifest]], sample: list[str]) -> bool:
    """Whether the lists of one number name images that those of another do, more than a few by mistake."""
    seen: set[str] = set()
    for number in numbers:
        here = {path for path in sample if any(family[number].concerns(path) for family in several)}
        if len(here & seen) > SHARED * len(here):
            return True
        seen |= here
    return False
