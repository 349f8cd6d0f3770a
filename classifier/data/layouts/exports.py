"""What labelling programs and clouds write of images, as rows: Label Studio, CVAT, Ground Truth, Vertex AI, and lists of objects."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from classifier.data.decode import IMAGE_ENDINGS
from classifier.data.layouts.words import LABEL_COLUMNS, column_word

Record = dict[str, Any]
TOGETHER = "\x1f"  # between the classes of an image that shows several, which has no label then
CHOICES = ("choices", "rectanglelabels", "polygonlabels", "brushlabels", "ellipselabels", "keypointlabels", "labels")  # Label Studio's
OBJECTS = ("categories", "category", "labels", "label", "classes", "class", "category_id", "category_name", "displayName")
HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a letter beyond 65,535, as JSON writes it
ABOUT = "-metadata"  # ends the field in which Ground Truth says what it knows of another


def loaded(text: str) -> Any:
    """A document's value; ValueError or RecursionError where it has none. Half of a letter alone, which JSON can name and nothing can
    store, becomes a question mark."""
    found = json.loads(text)
    return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")) if HALF.search(text) else found


def one_of(labels: Iterable[Any]) -> str | None:
    """The class of an image that shows things of these; None of one that shows none."""
    return TOGETHER.join(sorted({str(label) for label in labels})) or None


def opened(record: Mapping[str, Any]) -> Record:
    """A record whose fields are values: what lists of words and of objects say, and what fields say of others."""
    if (task := labelled(record)) is not None:
        return task
    found: Record = {}
    for name, value in record.items():
        if name.endswith(ABOUT) and isinstance(value, dict):
            found |= ground_truth(value)
        elif name == "dataItemResourceLabels" and isinstance(value, dict):
            found["split"] = next((text for key, text in value.items() if key.endswith("ml_use")), None)
        elif isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            found[name] = "|".join(value)
        elif column_word(name) in LABEL_COLUMNS and (names := list(called(value))):
            found[name] = one_of(names)
        elif labels := list(objects(value)):
            found.setdefault("label", one_of(labels))
        else:
            found[name] = value
    return found


def called(value: Any) -> Iterator[str]:
    """What classes are called that are objects of their own: {"id": 3, "name": "cat"}, or a list of such."""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict) and isinstance(name := part.get("name", part.get("title")), str):
            yield name


def labelled(record: Mapping[str, Any]) -> Record | None:
    """A task of Label Studio: an image, and the rounds in which somebody said what it shows; None for any other record."""
    data, rounds = record.get("data"), record.get("annotations", record.get("completions"))
    if not isinstance(data, dict) or not isinstance(rounds, list):
        return None
    path = next((value for value in data.values() if isinstance(value, str) and is_image(value)), record.get("file_upload"))
    return {"path": path, "label": one_of(word for done in rounds for word in said_in(done))}


def said_in(done: Any) -> Iterator[str]:
    if not isinstance(done, dict) or done.get("was_cancelled"):
        return
    results = done.get("result")
    for result in results if isinstance(results, list) else ():
        value = result.get("value") if isinstance(result, dict) else None
        for words in (value.get(name) for name in CHOICES) if isinstance(value, dict) else ():
            yield from (word for word in (words if isinstance(words, list) else ()) if isinstance(word, str))


def is_image(text: str) -> bool:
    return PurePosixPath(text.partition("?")[0].lower()).suffix[1:] in IMAGE_ENDINGS


def ground_truth(about: Mapping[str, Any]) -> Record:
    """The class that Ground Truth writes beside its number; of an image of several, or with boxes, those of its map."""
    if isinstance(about.get("class-name"), str):
        return {"class_name": about["class-name"]}
    several = about.get("class-map")
    return {"class_name": one_of(several.values())} if isinstance(several, dict) else {}


def objects(value: Any) -> Iterator[Any]:
    """The classes of the objects in a field: {"bbox": [[…]], "categories": [3, 3]} or [{"bbox": […], "label": "cat"}, …]."""
    parts = value if isinstance(value, list) else [value]
    for part in parts:
        for name in OBJECTS if isinstance(part, dict) else ():
            labels = part.get(name)
            if isinstance(labels, (str, int)):
                yield labels
            elif isinstance(labels, list):
                yield from (label for label in labels if isinstance(label, (str, int)))


def xml_root(text: str) -> ET.Element | None:
    """The top of an XML document; None for one that cannot be read or brings definitions of its own, which may unfold without end."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError):
        return None


def cvat(text: str) -> list[Record]:
    """A row an image of CVAT's "for images": by its tags, or where it has none by what is drawn on it."""
    root = xml_root(text)
    rows = []
    for image in root.iter("image") if root is not None and root.tag == "annotations" else ():
        if name := image.get("name"):
            shapes = [(part.tag == "tag", part.get("label")) for part in image if part.get("label")]
            tags = [label for is_tag, label in shapes if is_tag]
            rows.append({"path": name, "label": one_of(tags or (label for _, label in shapes)), "split": image.get("subset")})
    return rows if any(row["split"] for row in rows) else [{"path": row["path"], "label": row["label"]} for row in rows]
