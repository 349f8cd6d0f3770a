"""JSON documents as tables: lists of records, maps of images to classes or of classes to images, and COCO's annotations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from classifier.data.decode import IMAGE_ENDINGS
from classifier.data.layouts.exports import Record, is_image, loaded, one_of, opened
from classifier.data.layouts.words import split_value

ABOUT_FILES = re.compile(r"license|licence|rights_holder|width|height|.*url")  # fields of COCO's images that tell nothing of what they show


def records_of(text: str) -> list[Record]:
    """The rows of a document; none where it is about something else."""
    try:
        found = loaded(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(found, list):
        return [flat(opened(record)) for record in found if isinstance(record, dict)]
    if not isinstance(found, dict):
        return []
    if all(isinstance(found.get(part), list) for part in ("images", "annotations", "categories")):
        return coco(found)
    if parts := lists_of_records(found):
        return [flat(opened(record)) | said for said, records in parts for record in records]
    if found and all(isinstance(value, list) for value in found.values()):
        return list(by_class(found))
    if found and all(isinstance(value, dict) and is_image(name) for name, value in found.items()):
        return [flat(opened(value)) | {"path": name} for name, value in found.items()]
    return by_image(found) if names_images(found) else []


def lists_of_records(document: Mapping[str, Any]) -> list[tuple[Record, list[Record]]]:
    """({"split": …} or {}, its records) of each list of them: of splits, or of the only one; none of several of anything else."""
    lists = {
        key: value for key, value in document.items() if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    }
    of_splits = all(split_value(key) for key in lists)
    return [({"split": key} if of_splits else {}, rows) for key, rows in lists.items()] if of_splits or len(lists) == 1 else []


def flat(record: Mapping[str, Any]) -> Record:
    """The fields that are one value; boxes and outlines are none."""
    return {name: value for name, value in record.items() if not isinstance(value, (list, dict))}


def coco(document: Mapping[str, list[Any]]) -> list[Record]:
    """One row an image, with the category of its annotations; with all of them where these are of several, which is no label."""
    names = {category["id"]: str(category.get("name", category["id"])) for category in identified(document["categories"])}
    shown: defaultdict[Any, set[str]] = defaultdict(set)
    for annotation in document["annotations"]:
        if isinstance(annotation, dict) and hashed(annotation.get("image_id")) and hashed(annotation.get("category_id")):
            shown[annotation["image_id"]].add(names.get(annotation["category_id"], ""))
    rows = []
    for image in identified(document["images"]):
        labels = shown[image["id"]]
        told = {name: value for name, value in flat(image).items() if name != "id" and not ABOUT_FILES.fullmatch(name)}
        rows.append({**told, "label": one_of(labels)})
    return rows


def identified(parts: list[Any]) -> Iterator[Record]:
    return (part for part in parts if isinstance(part, dict) and hashed(part.get("id")))


def hashed(value: Any) -> bool:
    return isinstance(value, (str, int))


def by_class(document: Mapping[str, list[Any]]) -> Iterator[Record]:
    """{class: [image, …]}, or {split: [image, …]}."""
    column = "split" if all(split_value(key) for key in document) else "label"
    for key, paths in document.items():
        for path in paths:
            if isinstance(path, str):
                yield {"path": path, column: key}


def names_images(document: Mapping[str, Any]) -> bool:
    """Whether a map's keys are images: their names have the endings, or what they go to comes again, as names of classes do not."""
    values = list(document.values())
    if len(values) < 2 or not all(isinstance(value, (str, int)) for value in values):
        return False
    if all(PurePosixPath(key.lower()).suffix[1:] in IMAGE_ENDINGS for key in document):
        return True
    return len({type(value) for value in values}) == 1 and len(set(values)) < len(values)


def by_image(document: Mapping[str, Any]) -> list[Record]:
    return [{"path": path, "label": label} for path, label in document.items()]


def class_names(text: str) -> dict[int, str]:
    """{number: name} of a map of either to the other: cat_to_name.json, label_num_to_disease_map.json, class_indices.json."""
    try:
        found = loaded(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    if all(is_number_of_class(key) and isinstance(value, str) for key, value in found.items()):
        return {int(key): name for key, name in found.items()}
    if all(isinstance(value, int) and not isinstance(value, bool) for value in found.values()):
        return {number: name for name, number in found.items()} if len(set(found.values())) == len(found) else {}
    return {}


def is_number_of_class(text: str) -> bool:
    """Whether a class may be called by that number; Python makes none of thousands of digits."""
    return text.isdecimal() and len(text) < 10
