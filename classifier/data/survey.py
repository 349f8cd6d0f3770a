"""What the names in a source say, and its side files, before or while images are read."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from classifier.data.archive import MAX_MEMBER_BYTES, Entry, Source
from classifier.data.boxes.box import Box
from classifier.data.endings import SAID
from classifier.data.layouts.copies import IsCopy, untold
from classifier.data.layouts.marks import Marks
from classifier.data.layouts.words import split_of
from classifier.data.names import is_table_name
from classifier.data.problems import Unreadable
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop

STOPPED = "Interrupted; nothing of this import was kept. Run the same command again."
SAMPLE = 5000  # images' paths that tables are compared with
MOST_OTHERS = 100  # kinds of files that are not read
TABLES_A_FOLDER = 50  # with more they are about single images, as annotations of boxes are, and no tables
LISTS = {"classes", "labels", "names", "obj", "trainval"}  # but for lists that are called so, or as a split is


@dataclass
class Survey:
    """Folders and their images, side files that may say what images show, and some of the images' paths."""

    folders: Counter[str] = field(default_factory=Counter)  # folder → images directly in it
    named: set[str] = field(default_factory=set)  # folders that the source names, also empty ones
    tables: dict[str, Callable[[], bytes]] = field(default_factory=dict)  # may raise Unreadable
    boxes: dict[str, Box] = field(default_factory=dict)  # files that hold many images, or those images' labels
    bare: Counter[str] = field(default_factory=Counter)  # those of `folders` whose name has no ending; their bytes are to tell
    matlab: str = ""  # one of MATLAB's files that are not read
    sample: list[str] = field(default_factory=list)
    images: int = 0
    held_bytes: int = 0  # of tables, in memory
    by_folder: Counter[tuple[str, str]] = field(default_factory=Counter)  # tables of one ending
    others: dict[str, str] = field(default_factory=dict)  # ending → the first file of a kind that is not read
    marks: Marks = field(default_factory=Marks)  # what files about single images draw on them
    again: Callable[[], Iterator[Entry]] | None = None  # walks a rewindable source once more, for those files: a set may have very many
    is_copy: IsCopy = untold  # asked of folders whose names say that they may be
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def note(self, entry: Entry) -> None:
        if entry.kind == "image":
            self.note_image(entry.path)
            return
        if entry.kind == "folder":
            self.named.add(entry.path)
        elif entry.kind == "box" and entry.box is not None:
            self.boxes[entry.path] = entry.box
        elif entry.read is not None and is_table_name(entry.path):
            self.note_table(entry, entry.read)
        elif entry.path.lower().endswith(".mat"):
            self.matlab = self.matlab or entry.path
        if entry.kind in ("litter", "refused"):
            self.note_other(entry)

    def note_other(self, entry: Entry) -> None:
        """Files that are not read, by their ending: where nothing else helps, it is told what they are."""
        ending = entry.path.rpartition(".")[2].lower()
        if len(self.others) < MOST_OTHERS and (ending in SAID or entry.rule == "nested_archive"):
            self.others.setdefault(ending, entry.path)

    def note_image(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self.folders[folder] += 1
        self.images += 1
        if "." not in name:
            self.bare[folder] += 1
        if len(self.sample) < SAMPLE:
            self.sample.append(path)
        elif (place := int(self.chance.random() * self.images)) < SAMPLE:
            self.sample[place] = path

    def note_table(self, entry: Entry, read: Callable[[], bytes]) -> None:
        alike = folder_and_ending(entry.path)
        self.by_folder[alike] += 1
        if self.by_folder[alike] == TABLES_A_FOLDER + 1:
            for path in [path for path in self.tables if folder_and_ending(path) == alike and not is_list(path)]:
                self.note_mark(path, self.tables.pop(path))
        if self.by_folder[alike] > TABLES_A_FOLDER and not is_list(entry.path):
            self.note_mark(entry.path, read)
        elif self.held_bytes + entry.held_bytes <= MAX_MEMBER_BYTES:
            self.held_bytes += entry.held_bytes
            self.tables[entry.path] = read

    def note_mark(self, path: str, read: Callable[[], bytes]) -> None:
        """A file about a single image: what it says is read as it passes, unless it can be read once more when somebody asks."""
        if self.again is None:
            self.marks.note(path, read)

    def all_marks(self) -> Marks:
        """With those of files so few that they may be tables, and those of very many that were not read yet."""
        for path, read in self.tables.items():
            self.marks.note(path, read)
        many = {alike for alike, count in self.by_folder.items() if count > TABLES_A_FOLDER}
        for entry in self.again() if self.again is not None and many else ():
            if entry.read is not None and is_table_name(entry.path) and folder_and_ending(entry.path) in many:
                self.marks.note(entry.path, entry.read)
        return self.marks

    @property
    def image_folders(self) -> Counter[str]:
        """`folders`, without those that hold files without an ending alone, where most images have one: annotations are called so."""
        if 2 * self.bare.total() > self.images:
            return self.folders
        return Counter({folder: count for folder, count in self.folders.items() if count > self.bare[folder]})

    def side_files(self) -> Iterator[tuple[str, bytes]]:
        """(path, bytes) of each side file that can be read, in the order of their paths."""
        for path in sorted(self.tables):
            try:
                yield path, self.tables[path]()
            except Unreadable:
                continue

    def without_images(self, left: Callable[[str], str]) -> Survey:
        """The same without images that lie in folders that are left out."""
        folders = Counter({folder: count for folder, count in self.folders.items() if not left(f"{folder}/")})
        bare = Counter({folder: count for folder, count in self.bare.items() if not left(f"{folder}/")})
        sample = [path for path in self.sample if not left(path)]
        return replace(self, folders=folders, bare=bare, sample=sample, images=folders.total())

    def without(self, left: Callable[[str], str]) -> Survey:
        """The same without what lies in folders that are left out; `left` names a path's."""
        again = self.again
        return Survey(
            Counter({folder: count for folder, count in self.folders.items() if not left(f"{folder}/")}),
            {folder for folder in self.named if not left(f"{folder}/")},
            {path: read for path, read in self.tables.items() if not left(path)},
            {path: box for path, box in self.boxes.items() if not left(path)},
            Counter({folder: count for folder, count in self.bare.items() if not left(f"{folder}/")}),
            self.matlab,
            [path for path in self.sample if not left(path)],
            sum(count for folder, count in self.folders.items() if not left(f"{folder}/")),
            others={ending: path for ending, path in self.others.items() if not left(path)},
            marks=Marks() if again else self.marks,
            is_copy=self.is_copy,
            again=kept_of(again, left) if again else None,
            by_folder=self.by_folder,
        )


def kept_of(again: Callable[[], Iterator[Entry]], left: Callable[[str], str]) -> Callable[[], Iterator[Entry]]:
    """A walk over what is not left out."""
    return lambda: (entry for entry in again() if not left(entry.path))


def folder_and_ending(path: str) -> tuple[str, str]:
    """What many files about single images have in common. Documents in XML are so in most sets, also where each class has a folder of
    them."""
    folder, _, name = path.rpartition("/")
    ending = name.rpartition(".")[2].lower()
    return "" if ending == "xml" else folder, ending


def is_list(path: str) -> bool:
    """Whether a file among very many is called as lists of splits and of names are."""
    stem = PurePosixPath(path).stem
    return stem.casefold() in LISTS or split_of(stem) is not None


def survey(source: Source, should_stop: ShouldStop) -> Survey:
    """Walks the names of a rewindable source."""
    found = Survey(again=source.entries if source.rewindable else None)
    for entry in source.entries():
        found.note(entry)
        if should_stop():
            raise Interrupted(STOPPED)
    return found
