"""One bad line of a table costs that line, and is told by its number; the others count."""

from __future__ import annotations

import json

import pytest

from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.tables import read_table
from tests.classifier import images

COUNT = 8


def source(tmp_path, name: str, lines: list[str]):
    files = {f"{n}.png": images.picture(n) for n in range(COUNT)}
    return images.write_zip(tmp_path / "in.zip", {**files, name: "\n".join(lines).encode()})


def bad_rows(problems) -> list[str]:
    return [problem["message"] for problem in problems if problem["rule"] == "bad_row"]


def label_of(n: int) -> str:
    return "ab"[n % 2]


def json_lines(at: int, bad: str) -> list[str]:
    """Rows of pictures that are not there, so that the bad one stands behind those by which a table is known, and then all others."""
    lost = [json.dumps({"image": f"lost{n}.png", "label": "a"}) for n in range(at - 1)]
    return [*lost, bad, *(json.dumps({"image": f"{n}.png", "label": label_of(n)}) for n in range(COUNT))]


@pytest.mark.parametrize("bad", ['{"image": "7.png", "la', "[1, 2]", "[" * 100_000], ids=["cut short", "a list", "too deep"])
def test_a_line_that_is_no_json_is_skipped_and_told(tmp_path, bad):
    made = import_dataset(source(tmp_path, "labels.jsonl", json_lines(1500, bad)), tmp_path / "out")
    assert made["images"] == COUNT
    assert bad_rows(made["problems"]) == ["It has 1 line (1,500) of which nothing could be read: each should be one JSON object."]


def test_a_look_at_json_lines_goes_on_behind_a_bad_one(tmp_path):
    said = inspect_source(source(tmp_path, "labels.jsonl", json_lines(1500, "{")))
    assert said["images"] == COUNT and "bad_row" in [entry["rule"] for entry in said["left"]]


def test_a_file_of_other_json_is_no_table():
    assert read_table("a.jsonl", b'{\n  "a": 1,\n  "b": 2\n}\n') is None


def listed(stray: dict[int, str], more: int = 0) -> list[str]:
    rows = [stray.get(n, f"{n}.png,{label_of(n)},x") for n in range(COUNT + more)]
    return ["image,label,note", *rows]


@pytest.mark.parametrize(
    "stray",
    [{2: '2.png,"a,x'}, {2: '2.png,a,"x'}, {2: '2.png,"a,x', 3: '3.png,"b,x'}, {2: '2.png,"a,x', 6: '6.png,a,"x'}, {7: '7.png,"b,x'}],
    ids=["in the label", "in a note", "in two rows, one behind the other", "in two rows", "in the last row"],
)
def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path, stray):
    made = import_dataset(source(tmp_path, "labels.csv", listed(stray)), tmp_path / "out")
    assert sorted(made["classes"]) == ["a", "b"] and made["images"] == COUNT
    count, lines = f"{len(stray)} line{'s' * (len(stray) > 1)}", ", ".join(str(n + 2) for n in stray)
    assert bad_rows(made["problems"]) == [f"It has {count} ({lines}) with a quote that is never closed; the quote was left out."]


def test_a_cell_of_several_lines_stays_one():
    text = 'image,label,note\n1.png,a,"first\nsecond, third\n\nlast"\n2.png,b,"one, two\nthree"\n3.png,a,-\n'
    table = read_table("labels.csv", text.encode())
    assert table is not None
    assert [list(row) for row in table.rows()] == [
        ["1.png", "a", "first\nsecond, third\n\nlast"],
        ["2.png", "b", "one, two\nthree"],
        ["3.png", "a", "-"],
    ]
    assert table.bad_rows() == []


def test_a_cell_without_end_is_skipped_and_told(tmp_path):
    lines = listed({}, more=1)
    lines[-1] = f"lost.png,a,{'x' * (1 << 21)}"
    made = import_dataset(source(tmp_path, "labels.csv", lines), tmp_path / "out")
    assert made["images"] == COUNT
    assert bad_rows(made["problems"]) == ["It has 1 line (10) of which nothing could be read: a cell is over 1 MB."]


def test_many_bad_lines_are_counted_and_the_first_named():
    good = '{"image": "a.png", "label": "a"}\n'
    table = read_table("a.jsonl", ((good * 99 + "{\n") * 8).encode())
    assert table is not None and len(list(table.rows())) == 99 * 8
    (problem,) = table.bad_rows()
    assert problem["message"].startswith("It has 8 lines (100, 200, 300, 400, 500 and 3 more) of which")
