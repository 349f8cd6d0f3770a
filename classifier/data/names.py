"""Names inside a source: which are refused, and which are litter."""

from __future__ import annotations

import functools
import re
from pathlib import PurePosixPath
from typing import Literal

from classifier.data.decode import IMAGE_ENDINGS
from classifier.data.problems import Unreadable

MAX_DEPTH = 32  # folders above a file
MAX_PATH = 1024  # characters
MAX_PART = 255  # characters between two slashes
FOLDERS = 1 << 14  # whose judgement is remembered: files come folder by folder

Kind = Literal["image", "box", "litter", "archive", "other"]

LITTER_FOLDERS = {"__macosx", "@eadir", "$recycle.bin", "system volume information"}
LITTER_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
SIDE_NAMES = {"readme", "license", "licence", "copying", "notice", "changelog", "authors", "makefile", "version", "checksums"}
SIDE_ENDINGS = {
    *("txt", "md", "rst", "log", "json", "jsonl", "csv", "tsv", "xml", "yaml", "yml", "toml", "ini", "cfg", "names", "data", "lst", "list"),
    *("html", "htm", "css", "js", "py", "ipynb", "sh", "url", "pdf", "doc", "docx", "xls", "xlsx", "bib", "tex", "manifest", "ndjson"),
    *("mat", "npy", "npz", "pkl", "db", "sqlite", "md5", "sha1", "sha256"),
}
TABLE_ENDINGS = {  # of side files that may say what images show
    *("csv", "tsv", "json", "jsonl", "ndjson", "manifest", "txt", "lst", "list", "names", "xml", "yaml", "yml"),
}
MATLAB_NAMES = re.compile(r"(cars_)?meta\.mat|imagelabels\.mat|setid\.mat|cars_(\w+_)?annos(_\w+)?\.mat|(train|test|file)_list\.mat")
BOX_NAMES = re.compile(
    r"(.*[-_.])?(images|labels)[-_.]idx[1-4]-(u?byte|int|short)(\.gz)?|(data_batch_\d+|test_batch|train|test)(\.bin)?"
    r"|(train|test|unlabeled)_[xy]\.bin|(train|test|extra)_32x32\.mat"
    r"|meta|batches\.meta(\.txt)?|(fine|coarse)_label_names\.txt"
)  # files that hold many images, or the labels of these: MNIST's, CIFAR's, STL-10's and SVHN's
CLASS_TAR = re.compile(r"(?:.*/)?(n\d{8})\.tar")  # ILSVRC packs its training images so: a tar of one tar a class
IMAGENET_TAR = re.compile(r"ILSVRC2012_(?:img_(train|val)|devkit_t\d+)\.tar(?:\.gz)?")  # as they are downloaded
ARCHIVE_ENDINGS = {"zip", "tar", "tgz", "tbz", "tbz2", "txz", "gz", "bz2", "xz", "7z", "rar", "zst"}


def clean_path(name: str) -> str:
    """The name as "folder/folder/file"; raises Unreadable("unsafe_name" or "long_name") for one that no honest archive holds."""
    folder, slash, file = name.rpartition("/")
    if slash and file not in ("", ".", "..") and len(file) <= MAX_PART and "\\" not in file and "\0" not in file and len(name) <= MAX_PATH:
        clean = clean_folder(folder)
        if clean is not None:
            return clean + file
    return checked_path(name)


def image_path(name: str) -> str | None:
    """The clean path of a file whose names say that it is an image, as nearly all are; None of any other, to be looked at in full.

    What `clean_path` and `kind_of` say, in one look.
    """
    folder, slash, file = name.rpartition("/")
    stem, _, ending = file.rpartition(".")
    if ending not in IMAGE_ENDINGS or not stem or stem.startswith(".") or len(file) > MAX_PART or len(name) > MAX_PATH:
        return None
    if "\\" in stem or "\0" in stem:
        return None
    if not slash:
        return None if ":" in stem else file
    above = image_folder(folder)
    return None if above is None else above + file


@functools.lru_cache(FOLDERS)
def image_folder(folder: str) -> str | None:
    """As `clean_folder` of one that may hold images; None also where it is litter."""
    clean = clean_folder(folder)
    return None if clean is None or is_litter_folder(clean.rstrip("/")) else clean


@functools.lru_cache(FOLDERS)
def clean_folder(folder: str) -> str | None:
    """A folder's clean path with the slash behind it, where it has one; None where a name in it is to be refused."""
    try:
        clean = checked_path(f"{folder}/x")
    except Unreadable:
        return None
    return clean[:-1]


def checked_path(name: str) -> str:
    """`clean_path` of any name, part by part."""
    if "\0" in name:
        raise Unreadable("unsafe_name", "has a NUL byte in its name")
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Unreadable("unsafe_name", "has an absolute name; names must be relative to the archive")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Unreadable("unsafe_name", "has a name that leads out of the archive (..)")
    if len(parts) > MAX_DEPTH:
        raise Unreadable("long_name", f"lies {len(parts) - 1:,} folders deep; at most {MAX_DEPTH - 1} are taken")
    if len(name) > MAX_PATH or any(len(part) > MAX_PART for part in parts):
        raise Unreadable("long_name", f"has a name that is too long; at most {MAX_PART} characters a folder or file are taken")
    return "/".join(parts)


def shown(name: str) -> str:
    """A refused name, short and printable, for the list of problems."""
    text = "".join(letter if letter.isprintable() else "�" for letter in name)
    return text if len(text) <= 200 else text[:199] + "…"


def kind_of(path: str) -> Kind:
    """What a clean path's names alone say about a file."""
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    if stem and not name.startswith(".") and (ending in IMAGE_ENDINGS or ending.lower() in IMAGE_ENDINGS):
        return "litter" if is_litter_folder(folder) else "image"  # the most of all files; and none of the names below ends so
    name = name.lower()
    if name in LITTER_FILES or name.startswith(".") or name in LITTER_FOLDERS or is_litter_folder(folder):
        return "litter"
    if BOX_NAMES.fullmatch(name):
        return "box"
    ending = PurePosixPath(name).suffix[1:]
    if ending in SIDE_ENDINGS or (not ending and name in SIDE_NAMES):
        return "litter"
    if ending in ARCHIVE_ENDINGS:
        return "archive"
    return "other" if ending and not ending.isdecimal() else "image"  # no ending at all: its bytes decide


def part_of(path: str) -> str:
    """The folder that an ImageNet tar stands for: "train" of ILSVRC2012_img_train.tar; empty for any other file."""
    found = IMAGENET_TAR.fullmatch(path.rpartition("/")[2])
    return "" if found is None else found[1] or "devkit"


def folder_of(path: str) -> str:
    """What the tar of a class, or of a part of ImageNet, becomes a folder of; empty for any other file."""
    found = CLASS_TAR.fullmatch(path)
    return found[1] if found else part_of(path)


def is_table_name(path: str) -> bool:
    """Whether a side file may be a table that says what images show; of MATLAB's files, ILSVRC's, the 102 flowers' and Stanford's alone."""
    name = PurePosixPath(path.lower())
    return (name.suffix[1:] in TABLE_ENDINGS or MATLAB_NAMES.fullmatch(name.name) is not None) and not is_litter_folder(path)


@functools.lru_cache(FOLDERS)
def is_litter_folder(path: str) -> bool:
    return any(part.startswith(".") or part in LITTER_FOLDERS for part in path.lower().split("/"))
