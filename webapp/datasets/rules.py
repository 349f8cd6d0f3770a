"""The import's rules in words, with what a user can do about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from webapp.datasets.models import Problem


class Rule(NamedTuple):
    """A short name for lists, and what to do."""

    words: str
    hint: str


REPAIR = "Open it in an image program, save it again, and pack it anew; or leave it out."
RENAME = "Rename it and pack the folder again."
RULES: dict[str, Rule] = {
    "aspect": Rule("very long or high", "Crop it where only a part shows the class."),
    "already_there": Rule("there already", "Nothing to do: the dataset has this very image."),
    "ambiguous_name": Rule("name of two images", "Write the folder before the name in the table, or rename one of the two."),
    "animated": Rule("several frames", "Nothing to do when the first frame shows the class."),
    "bad_checksum": Rule("damaged checksum", REPAIR),
    "erased": Rule("erased for good", "Nothing to do: somebody had this image erased from the dataset."),
    "background_class": Rule("class of no other", "Nothing to do where it is wanted; else leave its folder out, or take it out later."),
    "bad_row": Rule("table with bad lines", "Mend these lines of the table and import again, if they matter."),
    "bomb": Rule("unpacks to far too much", "Leave it out; an honest image never unpacks like this."),
    "class_cut": Rule("class cut to a size", "Nothing to do; import it again without a limit to have them all."),
    "class_too_small": Rule("class below the limit", "Add images of it, or lower the least images a class."),
    "class_not_in_train": Rule("class without train images", "Put some of its images into the train folder."),
    "damaged": Rule("damaged", REPAIR),
    "duplicate": Rule("same image twice", "Remove one of the two; twins count double in training."),
    "duplicate_name": Rule("same name twice", "Rename one of the two and pack the folder again."),
    "empty": Rule("empty file", "Copy the file again from where it came."),
    "empty_class": Rule("class without images", "Add images to the folder or remove it."),
    "encrypted": Rule("encrypted", "Pack the folder again without a password."),
    "leak": Rule("also in another split", "Remove it from one of the splits: a figure on images seen in training is too good."),
    "folders_alike": Rule("folders of the same names", "Nothing to do where the upper ones are the classes; else choose the level below."),
    "folders_below": Rule("folders below the classes", "Nothing to do where the upper ones are the classes; else choose the level below."),
    "left_aside": Rule("left out by choice", "Nothing to do; import it again without that choice to have it."),
    "lfs_pointer": Rule("Git LFS pointer", "Run `git lfs pull` in the repository, then pack the folder again."),
    "link": Rule("link", "Pack the file itself in the link's place."),
    "long_name": Rule("name too long", "Shorten folders and names, and pack them again."),
    "faces_blurred": Rule("faces blurred", "Look at the result: not every face is found, and some that are found are none."),
    "lying_extension": Rule("ending differs from content", "Nothing must be done; rename it to its real kind to be tidy."),
    "lying_size": Rule("size differs from the list", "Pack the folder again; the archive is not sound."),
    "missing_file": Rule("listed, but not there", "Add the image, or take its row out of the table."),
    "nested_archive": Rule("archive inside", "Unpack it and put its folders beside the others."),
    "no_class": Rule("outside every class", "Move it into the folder of its class."),
    "no_labels": Rule("imported without labels", "Label them here, or import them again together with the file that it names."),
    "no_names": Rule("classes without names", "Import them again together with the file that it names, or rename the classes here."),
    "no_label": Rule("without a label", "Fill in its row, or label it here after an import without labels."),
    "not_an_image": Rule("not an image", "Leave it out, or save it as PNG or JPEG."),
    "not_copied": Rule("not had from the bucket", "Mend it in the bucket, then import again."),
    "not_listed": Rule("in no table", "Add a row for it to the table."),
    "other_classes": Rule("a table says other classes", "Nothing to do where the folders are right; else choose the table in the preview."),
    "pickle": Rule("pickle that was not run", "Save its images as PNG files, one folder a class."),
    "mask_folder": Rule(
        "folder of masks", "Nothing to do, unless it is a class; then import it again and choose which level is the class."
    ),
    "sample_folder": Rule("copy of other folders", "Nothing to do; its images stand in the other folders too."),
    "several_classes": Rule("shows several classes", "Cut out what shows one class, or leave it out."),
    "several_labels": Rule("several labels in one cell", "Write one class into each cell, or choose another column as the label."),
    "several_cuts": Rule("several cuts of the splits", "Nothing to do; to have another, leave the lists of the first out."),
    "similar_classes": Rule("class names alike", "Merge the two folders if they mean the same class."),
    "special_file": Rule("not a regular file", "Leave it out."),
    "tiny": Rule("very small", "Take a larger picture where there is one."),
    "too_few": Rule("too few images", "Add images: each class needs one in every split."),
    "too_large": Rule("too large", "Scale it down and pack it again."),
    "truncated": Rule("cut short", "Copy it again from where it came; a part of the file is missing."),
    "two_labels": Rule("two labels", "Keep the row that is right."),
    "two_splits": Rule("two splits", "Keep it in one of the lists: here it stands once, in the split that was taken."),
    "two_classes": Rule("same image in two classes", "Keep it in the class it belongs to."),
    "unknown_split": Rule("no split by its word", "Write train, validation or test there, or say that no column tells the splits."),
    "unknown_ending": Rule("no image by its ending", "Save it as JPEG or PNG; an image that lost its ending is read without any."),
    "unknown_method": Rule("unknown compression", "Pack the folder again as a plain zip."),
    "unreadable": Rule("unreadable", REPAIR),
    "unsafe_name": Rule("unsafe name", RENAME),
}

# Said of what is taken all the same; by every other rule something is left out. So a dataset's counts by rule say how much.
WARNINGS = frozenset(
    {"ambiguous_name", "animated", "aspect", "background_class", "bad_checksum", "bad_row", "class_cut", "duplicate", "faces_blurred"}
    | {"folders_alike", "folders_below", "leak", "lying_extension", "no_labels", "no_names", "other_classes", "several_cuts"}
    | {"several_labels", "similar_classes", "tiny", "too_few", "two_classes", "two_labels", "two_splits", "unknown_split"}
)


def left_out(counts: Mapping[str, int]) -> int:
    """How many findings of {rule: number} are of what was left out."""
    return sum(count for rule, count in counts.items() if rule not in WARNINGS)


def rule_of(name: str) -> Rule:
    """A rule's words; one that is not known here shows its own name."""
    return RULES.get(name, Rule(name.replace("_", " "), ""))


def with_hints(found: Iterable[Problem]) -> list[Problem]:
    """The problems with `words` and `hint` for the page."""
    rows = list(found)
    for row in rows:
        row.words, row.hint = rule_of(row.rule)  # type: ignore[attr-defined]
    return rows
