"""From one version of a dataset to the next: the same pack, other rows. No pixel is read, copied or written, but of images that are added.

A sample keeps its position for good: one that is taken out stays in samples.bin, in no split (IN_NO_SPLIT), so that
position N is the same image in every version and two versions are compared row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.adding import Adding, reading_for
from classifier.data.additions import Addition
from classifier.data.belonging import beside, by_what
from classifier.data.changes import Change, read_changes
from classifier.data.costs import A_CHANGE, expected, of, writing
from classifier.data.dataset import Dataset, dataset_id
from classifier.data.duplicates import newly_alike
from classifier.data.layouts.words import same
from classifier.data.pack import Pack
from classifier.data.problems import Problem
from classifier.data.publish import remove_abandoned, staging
from classifier.data.resplit import cut_anew, keep_beside, keep_to_limit, tell_apart
from classifier.data.revised import write
from classifier.data.survey import STOPPED
from classifier.data.together import read_groups
from classifier.data.whole import Count, Whole
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import SPLITS, OnEvent, ShouldStop, ignore, never
from classifier.spec.faces import require_detector
from classifier.spec.packfile import ERASED, FORMAT_VERSION, IN_NO_SPLIT
from classifier.spec.words import plural

LOOK_EACH = 10_000  # changes between two looks whether to stop
NAMED_CLASSES = 8  # in a sentence


def revise(
    base: Path,
    changes: Path,
    out: Path,
    *,
    earlier: Sequence[Path] = (),
    keep: bool = False,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Makes `out`, missing or empty, the version of `base` with those changes; gives the "revised" event that ends the command.

    What a killed try for the same `out`, or for one of `earlier`, had read of added images is taken over; with `keep` this one leaves it
    too, also where it comes to its end: whoever called it may be killed before it is the dataset's.
    Raises InputError for a change that cannot be done; `out` is then as it was.
    """
    base, changes, out = Path(base), Path(changes), Path(out)
    dataset = Dataset.open(base)
    with reading_for(out, earlier, keep=keep) as adding, staging(base, out) as folder:
        remove_abandoned(out)
        cost = expected(changes, changes.parent, len(dataset))
        whole = Whole(on_event, cost.seconds)
        revision = Revision(dataset, changes.parent, adding, whole, should_stop)
        on_event({"event": "stage", "stage": "reading", "message": f"Reading the changes to {plural(len(dataset), 'image')}"})
        read = Count(whole.part(A_CHANGE * cost.changes), "reading", "changes", cost.changes)
        for count, (line, change) in enumerate(read_changes(changes)):
            if count % LOOK_EACH == 0:
                read.at(count)
                if should_stop():
                    raise Interrupted(STOPPED)
            revision.do(change, f"{changes.name}, line {line}")
        revision.splits[revision.erased(revision.images)] = IN_NO_SPLIT  # whatever a change says: nothing brings them back
        tell_apart(revision)
        on_event({"event": "stage", "stage": "writing", "message": "Writing the new version"})
        about = revision.about(str(base))
        if should_stop():
            raise Interrupted(STOPPED)
        write(revision, about, folder, out)
    return {"event": "revised", "id": about["id"], "classes": about["counts"], "images": about["images"]}


class Revision:
    """The rows as they stand after some changes."""

    def __init__(self, base: Dataset, folder: Path, adding: Adding, whole: Whole, should_stop: ShouldStop = never) -> None:
        self.base, self.whole, self.should_stop = base, whole, should_stop
        self.on_event = whole.on_event  # who is told of the change under way
        self.folder = folder  # of the file of changes, where added images are looked for
        self.adding = adding  # where they are read to
        self.images = base.images.copy()
        self.paths: list[str] = []  # of added images
        self.cells: list[tuple[str, ...]] = []  # what is known of them, in the columns that there were when they came
        self.columns: list[str] = list(base.about.get("columns", ()))  # those of the base, then those that came with added images
        self.classes = list(base.classes)  # a class keeps its number here, whatever it is called
        self.number = {label: position for position, label in enumerate(base.classes)}  # of those that there are
        self.names = dict(base.names)
        self.labels = base.labels.copy()
        self.splits = base.splits.copy()
        self.stays = read_groups(base.folder, len(base))  # of each sample the first one on whose side of a split it must be
        self.torn_told = False  # whether it was said which groups stand in two splits
        self.options: dict[str, Any] = {}  # of the newest cut
        self.problems: list[Problem] = []
        self.ignored = 0  # files that came with added images and are no data

    def do(self, change: Change, where: str) -> None:
        """One change; InputError, beginning with `where`, for one that cannot be done."""
        if change["op"] in ("add", "split"):  # a million others need no look at the clock
            self.on_event = self.whole.part(of(change, self.folder, len(self.base)))
        try:
            getattr(self, f"do_{change['op']}")(change)
        except InputError as error:
            raise InputError(f"{where}: {error.message}", code=error.code) from None

    def do_class(self, change: Change) -> None:
        """Rename, merge or take out a class."""
        label, to = change["from"], change["to"]
        number = self.known(label)
        if to == label:
            return
        del self.number[label]
        self.names.pop(label, None)  # it was the old label's
        if to is None:
            self.splits[self.labels == number] = IN_NO_SPLIT
        elif to in self.number:
            self.labels[self.labels == number] = self.number[to]
        else:
            self.classes[number] = to
            self.number[to] = number

    def do_name(self, change: Change) -> None:
        """Give a class a readable name, or take it away."""
        self.known(change["label"])
        self.names.pop(change["label"], None)
        if change["name"]:
            self.names[change["label"]] = change["name"]

    def do_sample(self, change: Change) -> None:
        """Relabel, move, take out or bring back one sample."""
        position = change["position"]
        if position >= len(self.labels):
            raise InputError(f"there is no sample {position:,}; this version has the positions 0 to {len(self.labels) - 1:,}.")
        if "label" in change:
            self.labels[position] = self.number_of(change["label"])
        if change.get("removed"):
            self.splits[position] = IN_NO_SPLIT
        elif change.get("removed") is False:
            self.bring_back(position, "split" in change)
        if "split" in change and (self.splits[position] != IN_NO_SPLIT or change.get("removed") is False):
            self.splits[position] = SPLITS.index(change["split"])

    def bring_back(self, position: int, split_given: bool) -> None:
        """Into the split of the base, or into the one that the change gives; one that was erased since stays out, and fails nothing."""
        if position < len(self.base) and self.base.erased[position]:
            return
        label = self.classes[self.labels[position]]
        if self.number.get(label) != self.labels[position]:
            raise InputError(f"sample {position:,} is of the class {label!r}, which there is no more; give its label too.")
        if self.splits[position] == IN_NO_SPLIT and not split_given:
            if position >= len(self.base) or self.base.splits[position] == IN_NO_SPLIT:
                raise InputError(f"sample {position:,} was taken out in an earlier version; give its split too.")
            self.splits[position] = self.base.splits[position]

    def do_after(self, change: Change) -> None:
        """Leave positions to a later version of the same images: what is added to an older one would else take them."""
        later = Dataset.open(self.folder / change["version"])
        if later.pack.folder.resolve() != self.base.pack.folder.resolve():
            raise InputError(f"{change['version'][:60]} is no version of the same dataset; its images lie elsewhere.")
        beyond = range(len(self.images), len(later))
        self.images = np.concatenate((self.images, later.images[len(self.images) :]))
        self.labels = np.concatenate((self.labels, np.zeros(len(beyond), self.labels.dtype)))
        self.splits = np.concatenate((self.splits, np.full(len(beyond), IN_NO_SPLIT, self.splits.dtype)))
        self.paths += [later.path(position) for position in beyond]
        self.cells += [()] * len(beyond)
        if self.stays is not None:
            self.stays = np.concatenate((self.stays, np.array(beyond, np.int64)))

    def do_add(self, change: Change) -> None:
        """Take in the images of a source; their positions follow."""
        self.on_event({"event": "stage", "stage": "decoding", "message": "Decoding added images"})
        kept = np.flatnonzero(self.splits != IN_NO_SPLIT)
        position_of = dict(zip(self.images[kept].tolist(), kept.tolist(), strict=True))

        def there(row: int) -> str | None:
            return self.path(position_of[row]) if row in position_of else None

        blur_faces = bool(self.base.about.get("options", {}).get("blur_faces"))
        if blur_faces:
            require_detector()
        by, rows = by_what(change, self.base), set(np.flatnonzero(self.erased(None)).tolist())
        addition = Addition(self.folder / change["source"], change, self.on_event, self.should_stop, blur_faces, by=by)
        paths = (self.path(place) for place in range(len(self.images)))
        taken = addition.into((self.base.folder / "pack").resolve(), self.adding, there, rows, paths)
        self.ignored += addition.ignored
        self.base.pack = Pack.open(self.base.pack.folder)
        shown = [one for one in addition.known[::-1] if one.path in addition.groups and one.row in position_of]
        twins = {addition.groups[one.path]: position_of[one.row] for one in shown}
        known = {**self.base.about.get("options", {}), **self.options}
        self.columns, cells = addition.described(self.columns, taken, known)
        self.options |= {name: known[name] for name in ("exif_added",) if name in known}
        splits, stays = beside(self, addition, taken, twins)
        self.problems += addition.problems
        self.images = np.concatenate((self.images, np.array([sample.row for sample in taken], np.int64)))
        classes = set(self.number)
        self.labels = np.concatenate((self.labels, np.array([self.number_of(sample.label) for sample in taken], self.labels.dtype)))
        self.tell(newly_alike(classes, self.number))
        self.splits = np.concatenate((self.splits, np.array(splits, self.splits.dtype)))
        self.paths += [sample.path for sample in taken]
        self.cells += cells
        if self.stays is not None or addition.groups:
            before = np.arange(len(self.images) - len(taken)) if self.stays is None else self.stays
            self.stays = np.concatenate((before, np.array(stays, np.int64)))
        if change.get("alike"):
            keep_beside(self, len(self.images) - len(taken), {sample.path for sample in taken} & addition.given)

    def erased(self, images: np.ndarray | None) -> np.ndarray:
        """Which of these rows of the pack, or of all, are tombstones: bool [N]."""
        storage = self.base.pack.index["storage"]
        return np.asarray(((storage if images is None else storage[images]) & ERASED) != 0)

    def path(self, position: int) -> str:
        """As `Dataset.path`, of added images too."""
        return self.paths[position - len(self.base)] if position >= len(self.base) else self.base.path(position)

    def do_split(self, change: Change) -> None:
        """Cut the splits anew."""
        cut_anew(self, change)

    def do_limit(self, change: Change) -> None:
        """Bring the classes to a size."""
        keep_to_limit(self, change)

    def tell(self, problems: Sequence[Problem]) -> None:
        """What is to be known of the new version."""
        self.problems += problems
        for problem in problems:
            self.on_event({"event": "problem", **problem})

    def digests(self, positions: np.ndarray) -> list[bytes]:
        """The content hashes of those samples."""
        found = np.ascontiguousarray(self.base.pack.index["sha256"][self.images[positions]])
        return [digest.tobytes() for digest in found]

    def known(self, label: str) -> int:
        """The number of a class; InputError where there is none of that label."""
        if label not in self.number:
            names = ", ".join(sorted(self.number)[:NAMED_CLASSES]) + (", …" if len(self.number) > NAMED_CLASSES else "")
            raise InputError(f"there is no class {label[:60]!r}; there are {names or 'none'}.")
        return self.number[label]

    def number_of(self, label: str) -> int:
        """The number of a class, which is made where there is none."""
        if label not in self.number and not label.isascii():  # an older version may have it in another Unicode form
            label = next((known for known in self.number if same(known) == same(label)), same(label))
        if label not in self.number:
            self.number[label] = len(self.classes)
            self.classes.append(label)
        return self.number[label]

    def about(self, source: str) -> dict[str, Any]:
        """dataset.json; InputError where no image would be left. A class without images is none."""
        kept = np.flatnonzero(self.splits != IN_NO_SPLIT)
        if not len(kept):
            raise InputError(f"These changes take every image out of {source}; a version needs at least one.")
        codes = self.labels[kept] * len(SPLITS) + self.splits[kept]
        numbers = np.bincount(codes, minlength=len(self.classes) * len(SPLITS)).reshape(-1, len(SPLITS))
        counts = {
            self.classes[number]: dict(zip(SPLITS, numbers[number].tolist(), strict=True)) for number in np.flatnonzero(numbers.sum(1))
        }
        counts = dict(sorted(counts.items()))
        return {
            "format": FORMAT_VERSION,
            "id": self.fingerprint(kept),
            "classes": list(counts),
            "names": {label: name for label, name in sorted(self.names.items()) if label in counts},
            "counts": counts,
            "images": len(kept),
            "problems": self.problems,
            "ignored": self.ignored,
            **{key: self.base.about[key] for key in ("layout",) if key in self.base.about},
            "columns": self.columns,
            "options": {**self.base.about.get("options", {}), **self.options, "base": self.base.id},
        }

    def fingerprint(self, kept: np.ndarray) -> str:
        """The id of the rows, as an import would give it."""
        labels = (self.classes[label] for label in self.labels[kept].tolist())
        splits = (SPLITS[split] for split in self.splits[kept].tolist())
        rows = Count(self.whole.part(writing(len(self.base))), "writing", "images", len(kept))
        return dataset_id(rows.over(zip(self.digests(kept), labels, splits, strict=True)))
