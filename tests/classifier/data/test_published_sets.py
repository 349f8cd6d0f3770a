"""Sets as they are published: Kaggle's competitions, museums, hospitals. Their tables and folders mislead in ways of their own."""

from __future__ import annotations

import json

import pytest

from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from tests.classifier import images

TRAIN = [f"train_images/{n:04}.jpg" for n in range(12)]
TEST = [f"test_images/{n:04}.jpg" for n in range(100, 104)]


def inspected(tmp_path, paths, tables=(), **chosen):
    files = {**dict.fromkeys(paths, b"not opened"), **{path: text.encode() for path, text in dict(tables).items()}}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def counts(said) -> dict[str, int]:
    """{class: images}"""
    return {label: sum(count.values()) for label, count in said["classes"].items()}


def told(said) -> dict[str, list[str]]:
    """{rule: the first files that it is said of}."""
    return {entry["rule"]: entry["first"] for entry in said["left"]}


def listed(header: str, rows) -> str:
    return header + "\n" + "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("name", ["sample_submission.csv", "sampleSubmission.csv", "SampleSubmission.csv", "submission_format.csv"])
def test_the_example_of_a_competitions_answers_labels_no_image(tmp_path, name):
    tables = {
        "train.csv": listed("id_code,diagnosis", (f"{n:04},{n % 3}" for n in range(12))),
        name: listed("id_code,diagnosis", (f"{n:04},0" for n in range(100, 104))),
    }
    said = inspected(tmp_path, TRAIN + TEST, tables)
    assert counts(said) == {"0": 4, "1": 4, "2": 4} and told(said) == {"not_listed": TEST}
    assert "answers of a competition" in next(table["why"] for table in said["tables"] if table["file"] == name)
