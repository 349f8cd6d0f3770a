"""JSON beside the images: what it says of them, and of the names of their classes."""

from __future__ import annotations

import json

import pytest

from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from tests.classifier import images

FLAT = [f"images/{n:03}.jpg" for n in range(12)]
LABELS = {path: ("cat", "dog", "owl")[n % 3] for n, path in enumerate(FLAT)}
NAMES = {path.rpartition("/")[2]: label for path, label in LABELS.items()}


def inspected(tmp_path, paths, documents):
    texts = {path: document if isinstance(document, bytes) else json.dumps(document).encode() for path, document in documents.items()}
    return inspect_source(images.write_zip(tmp_path / "in.zip", {**dict.fromkeys(paths, b"not opened"), **texts}))


def counts(said) -> dict[str, int]:
    return {label: sum(count.values()) for label, count in said["classes"].items()}


def coco(labels: dict[str, list[str]]) -> dict[str, list[dict[str, object]]]:
    names = sorted({label for found in labels.values() for label in found})
    boxes = [(n, label) for n, found in enumerate(labels.values()) for label in found]
    return {
        "images": [{"id": n, "file_name": path, "width": 640, "location": n // 3} for n, path in enumerate(labels)],
        "annotations": [{"id": n, "image_id": image, "category_id": names.index(label) + 1} for n, (image, label) in enumerate(boxes)],
        "categories": [{"id": n, "name": name} for n, name in enumerate(names, start=1)],
    }


FORMS = {
    "a list of records": [{"image": f"/data/upload/1/{name}", "choice": label, "box": [1, 2]} for name, label in NAMES.items()],
    "images to classes": NAMES,
    "images without ending to classes": {name[:-4]: label for name, label in NAMES.items()},
    "classes to images": {label: [name for name in NAMES if NAMES[name] == label] for label in ("cat", "dog", "owl")},
    "COCO's annotations": coco({name: [label, label] for name, label in NAMES.items()}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_document_names_images_and_their_classes(tmp_path, form):
    said = inspected(tmp_path, FLAT, {"labels.json": FORMS[form]})
    assert (said["kind"], counts(said)) == ("manifest", {"cat": 4, "dog": 4, "owl": 4})


def test_an_image_of_several_categories_has_no_label(tmp_path):
    labels = {name: [label] for name, label in NAMES.items()} | {"000.jpg": ["cat", "dog"]}
    said = inspected(tmp_path, FLAT, {"annotations/instances.json": coco(labels)})
    assert counts(said) == {"cat": 3, "dog": 4, "owl": 4}
    assert [(entry["rule"], entry["first"]) for entry in said["left"]] == [("several_classes", ["images/000.jpg"])]


def test_a_document_a_split(tmp_path):
    paths = [f"{split}/{name}" for split in ("train", "valid") for name in NAMES]
    said = inspected(
        tmp_path, paths, {f"{split}/_annotations.coco.json": coco({n: [NAMES[n]] for n in NAMES}) for split in ("train", "valid")}
    )
    assert said["classes"]["cat"] == {"train": 4, "validation": 4, "test": 0, "open": 0}


def test_a_document_of_splits_cuts_class_folders(tmp_path):
    paths = [f"{label}/{name}" for name, label in NAMES.items()]
    said = inspected(tmp_path, paths, {"split.json": {"train": paths[:9], "test": paths[9:]}})
    assert said["classes"]["cat"] == {"train": 3, "validation": 0, "test": 1, "open": 0}


@pytest.mark.parametrize("names", [{"1": "pink primrose", "2": "sunflower"}, {"pink primrose": 1, "sunflower": 2}])
def test_a_map_names_classes_that_are_numbers(tmp_path, names):
    """The flowers of a course: folders 1 to 102, and cat_to_name.json."""
    said = inspected(tmp_path, ["train/1/1.jpg", "train/2/2.jpg", "valid/1/3.jpg"], {"cat_to_name.json": names})
    assert said["names"] == {"1": "pink primrose", "2": "sunflower"}


def test_the_numbers_of_a_table_get_their_names_and_label_no_images_of_that_number(tmp_path):
    """Cassava's label_num_to_disease_map.json."""
    table = "image_id,label\n" + "".join(f"{n}.jpg,{n % 2}\n" for n in range(8))
    said = inspected(
        tmp_path, [f"train_images/{n}.jpg" for n in range(8)], {"train.csv": table.encode(), "map.json": {"0": "Blight", "1": "Healthy"}}
    )
    assert counts(said) == {"Blight": 4, "Healthy": 4} and said["left"] == []


@pytest.mark.parametrize("document", [b"{", b"[[[", b"7", {"info": {"year": 2020}}, {"name": "a", "version": 3}, [], [1, 2], {"images": 3}])
def test_documents_about_something_else_are_no_tables(tmp_path, document):
    said = inspected(tmp_path, ["cat/1.jpg", "dog/2.jpg"], {"info.json": document})
    assert (counts(said), said["tables"], said["left"]) == ({"cat": 1, "dog": 1}, [], [])


def test_a_table_is_used_beside_very_many_documents(tmp_path):
    table = "file,label\n" + "".join(f"{name},{label}\n" for name, label in NAMES.items())
    notes = {f"images/{n:03}.json": {"id": n} for n in range(60)}
    assert counts(inspected(tmp_path, FLAT, {"images/labels.csv": table.encode(), **notes})) == {"cat": 4, "dog": 4, "owl": 4}


HALF = "do\ud83dg"  # of a letter: JSON can write it, UTF-8 cannot
HALVES = {
    "a list of records": {"labels.json": [{"image": name, "label": {"dog": HALF}.get(label, label)} for name, label in NAMES.items()]},
    "JSON lines": {
        "l.jsonl": "".join(f"{json.dumps({'image': n, 'label': {'dog': HALF}.get(NAMES[n], NAMES[n])})}\n" for n in NAMES).encode()
    },
    "LabelMe": {
        f"images/{name[:-4]}.json": {"imagePath": name, "shapes": [{"label": {"dog": HALF}.get(label, label)}]}
        for name, label in NAMES.items()
    },
}


@pytest.mark.parametrize("form", HALVES)
def test_half_a_letter_becomes_a_question_mark(tmp_path, form):
    """The import ended with an error of its own when it wrote that class down."""
    texts = {path: found if isinstance(found, bytes) else json.dumps(found).encode() for path, found in HALVES[form].items()}
    files = {path: images.picture(n, "JPEG") for n, path in enumerate(FLAT)}
    done = import_dataset(images.write_zip(tmp_path / "in.zip", files | texts), tmp_path / "out")
    assert done["classes"].keys() == {"cat", "do?g", "owl"}


def test_letters_of_two_halves_stay(tmp_path):
    said = inspected(tmp_path, FLAT, {"labels.json": {name: {"dog": "\U0001f415"}.get(label, label) for name, label in NAMES.items()}})
    assert counts(said).keys() == {"cat", "\U0001f415", "owl"}
