"""Sets for finding objects: what is drawn on an image is its class where it is of one; where it is of several, that is told."""

from __future__ import annotations

import json

import pytest

from classifier.data.archive import open_source
from classifier.data.survey import survey
from classifier.spec.events import never
from tests.classifier import images
from tests.classifier.data.listings import counts, in_folders, inspected, listed, taken, told

NAMES = "train: ../train/images\nnc: 2\n"
YAML = {
    "a list": NAMES + "names: ['cat', 'dog']\n",
    "a list on several lines": NAMES + "names: [\n  cat,\n  dog\n]\n",
    "a list of dashes": "names:\n- cat\n- dog  # the other one\nnc: 2\n",
    "a map": "names:\n  0: cat\n  1: 'dog'\n\n# Download\ndownload: none\n",
}
BOX = "0.5 0.5 0.2 0.2"


def yolo(folder: str, numbers, lines) -> dict[str, str]:
    return {f"{folder}/{n}.txt": lines(n) for n in numbers}


@pytest.mark.parametrize("form", YAML)
def test_boxes_of_one_class_make_it_the_images_class(tmp_path, form):
    """YOLO's, as Ultralytics has them: images/train/1.jpg and labels/train/1.txt."""
    paths = in_folders("images/train", count=8) + in_folders("images/val", count=4)
    lines = {
        f"labels/{split}/{n}.txt": f"{n % 2} {BOX}\n" * (1 + n % 3)
        for split, most in (("train", 8), ("val", 4))
        for n in range(1, most + 1)
    }
    found, rules, said = taken(tmp_path, paths, lines | {"data.yaml": YAML[form]})
    assert said["kind"] == "drawn" and not rules & {"several_classes", "no_label", "no_class"}
    assert found["images/val/1.jpg"] == ("dog", "validation") and found["images/val/2.jpg"] == ("cat", "validation")
    assert counts(said) == {"cat": 6, "dog": 6}


def test_very_many_files_of_boxes_are_read_beside_the_lists_in_their_folder(tmp_path):
    """Roboflow's and LabelImg's: train/images and train/labels, with classes.txt among them."""
    lines = yolo("train/labels", range(1, 71), lambda n: f"{n % 2} {BOX}\n") | {"train/labels/classes.txt": "cat\ndog\n"}
    said = inspected(tmp_path, in_folders("train/images", count=70), lines)
    assert counts(said) == {"cat": 35, "dog": 35} and said["classes"]["cat"]["train"] == 35


def test_a_few_such_files_are_no_tables_whatever_images_their_numbers_name(tmp_path):
    """ "1 0.5 0.5 0.2 0.2" is no row of image 1, and twenty files with numbers in their names are no cuts of a set."""
    files = yolo("train/labels", range(60), lambda n: f"{n % 2} {BOX}\n") | yolo("valid/labels", range(20), lambda n: f"{n % 2} {BOX}\n")
    paths = in_folders("train/images", count=60, first=0) + in_folders("valid/images", count=20, first=0)
    said = inspected(tmp_path, paths, files)
    assert (said["kind"], said["images"], said["left"], said["tables"]) == ("drawn", 80, [], [])


def test_an_image_of_several_classes_and_one_without_any_are_left_out_and_told(tmp_path):
    lines = yolo("labels", range(1, 9), lambda n: f"{n % 2} {BOX}\n")
    lines |= {"labels/1.txt": f"0 {BOX}\n1 {BOX}\n", "labels/2.txt": ""}
    found, rules, said = taken(tmp_path, in_folders("images", count=8), lines | {"classes.txt": "cat\ndog\n"})
    assert len(found) == 6 and {"several_classes", "no_label"} <= rules
    assert told(said)["several_classes"] == ["images/1.jpg"] and "(cat, dog)" in str(said["left"])


def test_a_set_of_several_classes_an_image_is_refused_with_what_to_do(tmp_path):
    lines = yolo("labels", range(1, 9), lambda n: f"0 {BOX}\n1 {BOX}\n")
    said = inspected(tmp_path, in_folders("images", count=8), lines)
    assert said["kind"] is None and "100% of the images show several classes" in said["message"]
    assert "boxes are not cut out: cut them out into one folder a class" in said["message"]


def voc(*labels: str) -> str:
    things = "".join(f"<object><name>{label}</name><bndbox><xmin>1</xmin></bndbox></object>" for label in labels)
    return f"<annotation><folder>VOC</folder><filename>x.jpg</filename>{things}</annotation>"


def test_pascal_vocs_documents_and_lists_are_read(tmp_path):
    """With its lists of 1 and -1, a class each, which are no classes, and more than fifty of them."""
    root, every = "VOCdevkit/VOC2007", range(1, 13)
    files = {f"{root}/Annotations/{n:06}.xml": voc(*(["cat"] if n % 2 else ["dog", "dog"])) for n in every}
    lists = {"train": [n for n in every if n < 8], "val": [n for n in every if n >= 8], "trainval": list(every)}
    files |= {f"{root}/ImageSets/Main/{name}.txt": "".join(f"{n:06}\n" for n in numbers) for name, numbers in lists.items()}
    files |= {
        f"{root}/ImageSets/Main/kind{k}_train.txt": "".join(f"{n:06} {1 if n % 2 else -1:2}\n" for n in range(1, 8)) for k in range(60)
    }
    found, rules, _ = taken(tmp_path, [f"{root}/JPEGImages/{n:06}.jpg" for n in every], files)
    assert {label for path, (label, _) in found.items() if int(path[-7:-4]) % 2} == {"cat"} and len(found) == 12
    assert {int(path[-7:-4]) for path, (_, split) in found.items() if split == "validation"} == set(range(8, 13))
    assert "two_splits" not in rules


def test_documents_of_boxes_in_a_folder_a_class_are_no_tables_to_be_read_again_and_again(tmp_path):
    files = {f"{folder}/{n}.{ending}": b"x" for folder in range(20) for n in range(3) for ending in ("jpg", "xml")}
    source = open_source(images.write_zip(tmp_path / "in.zip", files))
    assert survey(source, never).tables == {}
    source.close()


def test_labelmes_documents_are_read(tmp_path):
    files = {
        f"photos/{n}.json": json.dumps({"imagePath": f"{n}.jpg", "shapes": [{"label": "ab"[n % 2], "points": []}]}) for n in range(1, 9)
    }
    found, _, _ = taken(tmp_path, in_folders("photos", count=8), files)
    assert {label for label, _ in found.values()} == {"a", "b"} and len(found) == 8


@pytest.mark.parametrize(
    "document", ["<annotation>", '<!DOCTYPE a [<!ENTITY b "c">]><annotation><object><name>&b;</name></object></annotation>']
)
def test_a_document_that_is_broken_or_brings_definitions_says_nothing(tmp_path, document):
    said = inspected(tmp_path, in_folders("images", count=4), {f"images/{n}.xml": document for n in range(1, 5)})
    assert said["kind"] is None and said["classes"] == {}


def test_class_folders_count_more_than_what_is_drawn(tmp_path):
    files = {f"{label}/{n}.txt": f"0 {BOX}\n" for label in ("cat", "dog") for n in range(1, 5)}
    said = inspected(tmp_path, in_folders("cat", "dog"), files)
    assert (said["kind"], counts(said)) == ("folders", {"cat": 4, "dog": 4})


def of_coco(*shown) -> str:
    boxes = [(image, label) for image, labels in enumerate(shown) for label in labels]
    return json.dumps(
        {
            "images": [{"id": n, "file_name": f"{n + 1}.jpg"} for n in range(len(shown))],
            "annotations": [{"id": n, "image_id": image, "category_id": label} for n, (image, label) in enumerate(boxes)],
            "categories": [{"id": n, "name": name} for n, name in enumerate(("cat", "dog", "person"))],
        }
    )


def test_cocos_images_of_several_categories_are_told_as_such(tmp_path):
    found, _, said = taken(tmp_path, in_folders("train2017", count=8), {"annotations/instances.json": of_coco(*([0], [1]) * 3, [0, 1], [])})
    assert len(found) == 6 and told(said) == {"several_classes": ["train2017/7.jpg"], "no_label": ["train2017/8.jpg"]}


def test_a_document_of_several_categories_an_image_is_refused_with_what_to_do(tmp_path):
    said = inspected(tmp_path, in_folders("train2017"), {"annotations/instances.json": of_coco(*([0, 1],) * 4)})
    assert said["kind"] is None and "instances.json the images show several classes each" in said["message"]


def test_a_table_with_a_row_an_object_gives_no_class_to_images_of_several(tmp_path):
    """Roboflow's and TensorFlow's: the first row of each image was its class."""
    rows = [f"{n}.jpg,640,640,{label},1,2,3,4" for n in range(1, 9) for label in (("cat", "dog") if n < 3 else ("cdaotg"[n % 2 :: 2],) * 2)]
    table = {"train/_annotations.csv": listed("filename,width,height,class,xmin,ymin,xmax,ymax", rows)}
    found, _, said = taken(tmp_path, in_folders("train", count=8), table)
    assert len(found) == 6 and told(said)["several_classes"] == ["train/1.jpg", "train/2.jpg"] and "two_labels" not in told(said)


def test_open_images_rows_that_say_no_are_no_labels_and_its_ids_get_names(tmp_path):
    ids = [f"{n:016x}" for n in range(24)]
    rows = [f"{name},verification,{label},{sure}" for n, name in enumerate(ids) for label, sure in seen(n)]
    table = {"train-annotations-human-imagelabels.csv": listed("ImageID,Source,LabelName,Confidence", rows)}
    names = {"class-descriptions.csv": "/m/0a,Tortoise\n/m/0b,Container\n/m/0c,Magpie\n"}
    found, rules, said = taken(tmp_path, [f"train/{name}.jpg" for name in ids], table | names)
    assert {label for label, _ in found.values()} == {"/m/0a", "/m/0c"} and len(found) == 16
    assert said["names"] == {"/m/0a": "Tortoise", "/m/0c": "Magpie"} and "several_classes" in rules


def seen(n: int):
    """Of image n: a tortoise alone, a magpie and no tortoise, or two things at once."""
    return ([("/m/0a", 1)], [("/m/0c", 1), ("/m/0a", 0)], [("/m/0a", 1), ("/m/0b", 1)])[n % 3]


def test_files_of_a_folder_that_is_left_out_draw_nothing(tmp_path):
    """Of so many that they are read once more."""
    paths = [f"images/{n}.jpg" for n in range(60)]
    lines = {f"labels/{n}.txt": f"{n % 2} 0.5 0.5 0.2 0.2" for n in range(60)}
    others = {"bboxes/": ""} | {f"bboxes/{n}.txt": "7 0.5 0.5 0.2 0.2" for n in range(60)}
    assert counts(inspected(tmp_path, paths, lines | others, leave=["bboxes"])) == {"0": 30, "1": 30}
