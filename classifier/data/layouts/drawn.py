"""Sets for finding objects, read for what each image shows: where all that is drawn on it is of one class, that is its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.marks import Marks
from classifier.data.layouts.readable import numbered
from classifier.data.layouts.words import same, split_of
from classifier.data.problems import Problem, left_out
from classifier.data.survey import Survey
from classifier.spec.errors import InputError
from classifier.spec.events import Split

MOST = 0.5  # of the images that such files must be about, and of those that must show one class alone
SEVERAL = "shows several classes ({}), and an image has one here; boxes are not cut out. Cut out what shows one, or leave it out"
NOTHING = "has nothing drawn on it, so nothing says what it shows"
TOO_MANY = (
    "{} is a set for finding objects: files such as {} draw them, and {:.0%} of the images show several classes. An image has one class "
    "here, and boxes are not cut out: cut them out into one folder a class, or write a table of path,label beside the images."
)


class Drawn(Layout):
    """The one class of all that is drawn on an image; a folder may be a split."""

    kind = "drawn"

    def __init__(self, marks: Marks, words: Mapping[str, str]) -> None:
        self.marks, self.words = marks, words
        self.used: frozenset[str] = frozenset()

    def shown(self, path: str) -> list[str] | None:
        labels = self.marks.of(path)
        return None if labels is None else sorted(self.words.get(label, label) for label in labels)

    def place(self, path: str) -> Place | None:
        labels = self.shown(path)
        return Place(same(labels[0]), self.split_for(path)) if labels and len(labels) == 1 else None

    def split_for(self, path: str) -> Split | None:
        return next((split for folder in path.split("/")[:-1] if (split := split_of(folder))), None)

    def concerns(self, path: str) -> bool:
        return self.marks.of(path) is not None

    def unplaced(self, path: str) -> Problem:
        labels = self.shown(path)
        if labels is None:
            return super().unplaced(path)
        if not labels:
            return left_out(path, "no_label", NOTHING)
        return left_out(path, "several_classes", SEVERAL.format(", ".join(labels[:5])))


def drawn(found: Survey, source: str, named: Callable[[set[str]], Mapping[int, str]]) -> Drawn | None:
    """What such files say, where they are about most images; raises InputError where most of these show several classes. `named` gives
    classes that are numbers their names, as far as the source has them."""
    marks = found.all_marks()
    labels = [shown for path in found.sample if (shown := marks.of(path))]
    if not labels or len(labels) < MOST * len(found.sample):
        return None
    single = sum(len(shown) == 1 for shown in labels)
    if single < MOST * len(labels):
        raise InputError(TOO_MANY.format(source, marks.first, 1 - single / len(labels)))
    every = set().union(*labels)
    words = {str(number): name for number, name in named(every).items()} if numbered(every) else {}
    return Drawn(marks, words)
