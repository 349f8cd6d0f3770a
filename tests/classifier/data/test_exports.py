"""What labelling programs and clouds write of images: their tables, lists and documents."""

from __future__ import annotations

import json

import pytest

from tests.classifier.data.listings import counts, in_folders, inspected, taken, told

PATHS = in_folders("img", count=12)
ODD = {path: "cat" if n % 2 else "dog" for n, path in enumerate(PATHS)}


def label(n: int) -> str:
    return ODD[f"img/{n}.jpg"]


def lines(row) -> str:
    return "".join(f"{json.dumps(found) if not isinstance(found := row(n), str) else found}\n" for n in range(1, 13))


def task(n: int, name: str = "{:08x}-{}.jpg") -> dict[str, object]:
    """Label Studio's; a second person's round was cancelled."""
    said = [
        {"value": {"choices": [words]}, "from_name": "choice", "to_name": "image", "type": "choices"} for words in (label(n), "neither")
    ]
    rounds = [{"id": n, "result": [said[0]], "was_cancelled": False}, {"id": -n, "result": [said[1]], "was_cancelled": True}]
    return {
        "id": n,
        "annotations": rounds,
        "file_upload": name.format(n, n),
        "data": {"image": f"/data/upload/1/{name.format(n, n)}"},
        "project": 1,
    }


def cvat(n: int) -> str:
    return f'<image id="{n}" name="{n}.jpg" width="16" height="16"><tag label="{label(n)}"/><box label="eye" xtl="1"/></image>'


FORMS = {
    "Label Studio": {"project-1.json": json.dumps([task(n) for n in range(1, 13)])},
    "Label Studio's table": {
        "p.csv": "annotation_id,annotator,choice,id,image\n" + lines(lambda n: f"{n},1,{label(n)},{n},/data/upload/1/{n:08x}-{n}.jpg")
    },
    "CVAT": {"annotations.xml": f"<?xml version='1.0'?><annotations><version>1.1</version>{lines(cvat)}</annotations>"},
    "Vertex AI's documents": {
        "in.jsonl": lines(lambda n: {"imageGcsUri": f"gs://b/img/{n}.jpg", "classificationAnnotation": {"displayName": label(n)}})
    },
    "Ground Truth": {
        "output.manifest": lines(
            lambda n: {
                "source-ref": f"s3://b/img/{n}.jpg",
                "pets": n % 2,
                "pets-metadata": {"class-name": label(n), "type": "groundtruth/image-classification"},
            }
        )
    },
    "Azure": {"train.jsonl": lines(lambda n: {"image_url": f"azureml://s/img/{n}.jpg", "label": [label(n)]})},
    "HuggingFace's objects": {
        "img/metadata.jsonl": lines(lambda n: {"file_name": f"{n}.jpg", "objects": {"bbox": [[1, 2, 3, 4]], "category": [label(n)]}})
    },
    "records that are ndjson": {"labels.ndjson": lines(lambda n: {"file": f"{n}.jpg", "label": label(n)})},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_classes_of_an_export_are_read(tmp_path, form):
    found, _, said = taken(tmp_path, PATHS, FORMS[form])
    assert said["kind"] == "manifest" and {path: shows for path, (shows, _) in found.items()} == ODD


def test_a_task_of_two_choices_has_no_one_class(tmp_path):
    tasks = [task(n, "{0}.jpg") for n in range(1, 13)]
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["cat", "dog"]  # type: ignore[index]
    assert told(inspected(tmp_path, PATHS, {"p.json": json.dumps(tasks)})) == {"several_classes": ["img/1.jpg"]}


def test_a_second_round_of_several_classes_is_told_in_words(tmp_path):
    """It was told by the name of some other class, or failed where there were fewer than two."""
    again = task(1, "{0}.jpg")
    again["annotations"][0]["result"][0]["value"]["choices"] = ["cat", "dog"]  # type: ignore[index]
    said = inspected(tmp_path, PATHS, {"p.json": json.dumps([*(task(n, "{0}.jpg") for n in range(1, 13)), again])})
    assert counts(said) == {"cat": 6, "dog": 6} and "as 'dog' and of several classes; the first was taken" in str(said["left"])


@pytest.mark.parametrize("result", [5, True, {"value": 1}, "cat"])
def test_rounds_of_another_form_say_nothing(tmp_path, result):
    tasks = [task(n, "{0}.jpg") for n in range(1, 13)]
    tasks[0]["annotations"].append({"result": result})  # type: ignore[attr-defined]
    assert counts(inspected(tmp_path, PATHS, {"p.json": json.dumps(tasks)})) == {"cat": 6, "dog": 6}


def test_metadata_of_a_download_that_is_nested_too_deep_is_none(tmp_path):
    told_besides = {"name": "", "sha256": "", "path": "", "metadata": "[" * 100_000}
    rows = {"img/metadata.jsonl": lines(lambda n: {"file_name": f"{n}.jpg", "label": label(n)} | told_besides)}
    assert counts(inspected(tmp_path, PATHS, rows)) == {"cat": 6, "dog": 6}


FLOWERS = ("daisy", "rose", "tulip", "lily", "iris", "aster")
PARTS = ("TRAIN", "VALIDATION", "TEST", "UNASSIGNED")


def test_vertex_ais_lists_give_splits_and_not_these_as_classes(tmp_path):
    """Of four splits and three classes the splits were taken for the classes where these were more."""
    rows = {"all_data.csv": lines(lambda n: f"{PARTS[n % 4]},gs://bucket/img/{n}.jpg,{FLOWERS[n % 6]}")}
    said = inspected(tmp_path, PATHS, rows)
    assert len(said["classes"]) == 6 and {"daisy", "iris"} <= said["classes"].keys()
    assert [sum(count[split] for count in said["classes"].values()) for split in ("train", "validation", "test", "open")] == [3, 3, 3, 3]


def test_a_row_of_two_labels_in_a_list_of_one_column_is_told(tmp_path):
    rows = {"all_data.csv": lines(lambda n: f"TRAIN,gs://bucket/img/{n}.jpg,{label(n)}" + ",bird" * (n == 7))}
    said = inspected(tmp_path, PATHS, rows)
    assert counts(said) == {"cat": 6, "dog": 6} and "1 line (7) with more cells" in str(said["left"])


def test_sagemakers_lists_are_read_with_their_numbers(tmp_path):
    """As MXNet's im2rec writes them, whole numbers or not: "7\\t1.000000\\timg/7.jpg"."""
    rows = [(n, f"{n}\t{n % 2}{'.000000' * (n > 9)}\timg/{n}.jpg\n") for n in range(1, 13)]
    lists = {"train.lst": "".join(row for n, row in rows if n < 10), "validation.lst": "".join(row for n, row in rows if n > 9)}
    found, _, said = taken(tmp_path, PATHS, lists)
    assert counts(said) == {"0": 6, "1": 6} and {found[f"img/{n}.jpg"] for n in (10, 12)} == {("0", "validation")}


def test_a_list_of_several_numbers_an_image_is_not_taken_for_one_class(tmp_path):
    lists = {"train.lst": "".join(f"{n}\t{n % 2}\t{n % 3}\timg/{n}.jpg\n" for n in range(1, 13))}
    assert inspected(tmp_path, PATHS, lists)["kind"] is None


def test_fastais_column_gives_the_split(tmp_path):
    table = "name,label,is_valid\n" + lines(lambda n: f"img/{n}.jpg,{label(n)},{n > 8}")
    found, _, _ = taken(tmp_path, PATHS, {"labels.csv": table})
    assert {path for path, (_, split) in found.items() if split == "validation"} == {f"img/{n}.jpg" for n in range(9, 13)}


def test_a_table_of_parquets_is_named_with_what_to_do(tmp_path):
    said = inspected(tmp_path, PATHS, {"img/metadata.parquet": "PAR1"})
    assert "img/metadata.parquet is a table of parquet's, which is not read; save it as metadata.csv" in said["message"]
    assert told(inspected(tmp_path, in_folders("cat", "dog"), {"metadata.parquet": "PAR1"})) == {"unknown_ending": ["metadata.parquet"]}


def test_boxes_in_a_field_are_no_class(tmp_path):
    rows = {"img/metadata.jsonl": lines(lambda n: {"file_name": f"{n}.jpg", "objects": {"bbox": [[1, 2, 3, n % 2]]}})}
    assert inspected(tmp_path, PATHS, rows)["kind"] is None
