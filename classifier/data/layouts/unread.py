"""What is told of files that are not read, where nothing that is read helps."""

from __future__ import annotations

import re

from classifier.data.endings import said_of
from classifier.data.names import ARCHIVE_ENDINGS
from classifier.data.survey import Survey

HEAD = 1 << 16  # bytes of a table that show what it holds
MOST_NUMBERS = 150  # in one line, with more of which they are pixels
SHEETS = ("xlsx", "xls", "xlsm", "ods", "numbers")
LAST = ("mat", "bin", "db", "sqlite", "pkl", "pickle")  # of which what else there is tells more
PIXELS = (
    " {} holds pixels as numbers, a line an image (MNIST and FER2013 on Kaggle), which is not read; write each line as a PNG into a folder "
    "of its class."
)
ARCHIVE = " {} is an archive inside of it; unpack it, and import what it holds, or pack its folders instead."


def in_place_of_images(found: Survey) -> str:
    """What a source without images holds, and what to do with it; empty where that is nothing that is known."""
    if pixels := pixel_table(found):
        return PIXELS.format(pixels)
    kinds = sorted(found.others, key=lambda ending: (ending in LAST, ending in SHEETS))
    if not kinds:
        return ""
    path = found.others[kinds[0]]
    return ARCHIVE.format(path) if kinds[0] in ARCHIVE_ENDINGS else f" {path} {said_of(path)}."


def spreadsheet(found: Survey) -> str:
    """What is said of a spreadsheet that may hold the labels."""
    path = next((found.others[ending] for ending in SHEETS if ending in found.others), "")
    return f" {path} {said_of(path)}." if path else ""


def pixel_table(found: Survey) -> str:
    """The first table whose lines are pictures, number by number."""
    for path, data in found.side_files():
        lines = data[:HEAD].decode("utf-8", "replace").splitlines()
        if any(len(re.findall(r"\d+", line)) > MOST_NUMBERS and not re.search(r"[A-Za-z]{3}", line[:200]) for line in lines[1:2]):
            return path
    return ""
