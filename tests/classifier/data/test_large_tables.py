"""A table of very many rows, and very many problems, take few bytes each and come out as they came in."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data import texts as texts_module
from classifier.data.grouped import grouped
from classifier.data.importer import import_dataset
from classifier.data.known import Numbered
from classifier.data.layouts import keys, quotes, tables
from classifier.data.layouts.base import MOST_NAMED
from classifier.data.layouts.fitting import manifest_of
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.quotes import csv_rows, lines_of
from classifier.data.layouts.tables import read_table
from classifier.data.problems import Problem, left_out, warned
from classifier.data.publish import write_about
from classifier.data.samples import Groups
from classifier.data.survey import Survey
from classifier.data.texts import KNOWN, Column
from classifier.data.told import Problems
from classifier.spec.aboutfile import described, problem_count, problems
from classifier.spec.events import to_line, to_pieces
from tests.classifier import images

MANY = 60_000
BYTES_A_ROW = 260  # its text, 80 bytes of a line, among them; as Python's own strings and tuples it took 900
BYTES_A_PROBLEM = 70  # its file's name among them; as dicts they took 450
texts = st.lists(st.text(max_size=8))
TOLD = [
    left_out("a/ü.png", "truncated", "is cut short"),
    warned("b.png", "duplicate", "is the same image as c.png"),
    left_out("", "x", "Y"),
]


def peak_bytes(work: Callable[[], object]) -> float:
    """The most memory that it takes at a time, for each of so many."""
    tracemalloc.start()
    try:
        kept = work()
        return tracemalloc.get_traced_memory()[1] / MANY if kept is not None else 0.0
    finally:
        tracemalloc.stop()


@given(texts)
def test_a_column_gives_back_what_came_in(found: list[str]) -> None:
    column = Column(found)
    assert list(column) == found and [column[row] for row in range(len(found))] == found and len(column) == len(found)


def test_a_column_of_very_many_texts_gives_them_back_too() -> None:
    found = [str(number % (KNOWN + 50)) for number in range(2 * KNOWN + 200)]
    column = Column(found)
    assert list(column) == found and len(column.known) == KNOWN


@given(texts)
def test_a_text_is_numbered_once(found: list[str]) -> None:
    numbered, first = Numbered(found), list(dict.fromkeys(found))
    assert list(numbered) == first and [numbered.find(text) for text in first] == list(range(len(first)))
    assert numbered.find("none of them") is None and numbered.number("none of them") == len(first)


@given(st.text("ab\r\n\x0b\u2028", max_size=40))
def test_lines_are_those_of_the_whole_text(text: str) -> None:
    whole = text.splitlines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "PART", 3)
        assert list(lines_of(text)) == whole


@given(st.text('ab,"\r\n', max_size=40))
def test_rows_are_those_of_the_whole_text(text: str) -> None:
    whole, parts = dict[int, str](), dict[int, str]()
    rows = list(csv_rows(text, ",", whole))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "PART", 3)
        assert list(csv_rows(text, ",", parts)) == rows and parts == whole


def listed(text: str, paths: list[str]) -> Manifest:
    """The table of that text, as it says what images at these paths show."""
    table, found = read_table("labels.csv", text.encode()), Survey()
    for path in paths:
        found.note_image(path)
    made = manifest_of(table, found, {}) if table else None
    assert made is not None
    return made


def test_a_large_table_takes_few_bytes_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "JUDGED_ROWS", 1 << 10)  # what is looked at of any table is little beside so few rows too
    monkeypatch.setattr(tables, "JUDGED_LINES", 1 << 10)
    monkeypatch.setattr(quotes, "PART", 1 << 12)
    monkeypatch.setattr(texts_module, "KNOWN", 1 << 10)
    lines = (
        f"images/{number:07}.png,class{number % 1000:04},p{number // 3:06},{number % 90},2024-05-{number % 28:02}" for number in range(MANY)
    )
    text, paths = "\n".join(("file,label,patient,age,taken", *lines)), [f"images/{number:07}.png" for number in range(0, MANY, 20)]

    def read() -> Manifest:
        made = listed(text, paths)
        assert all(made.place(path) for path in paths)
        return made

    assert peak_bytes(read) < BYTES_A_ROW
    made = read()
    assert made.place(paths[3]) == ("class0060", None) and made.group(paths[3]) == "p000020"
    assert made.metadata(paths[3]) == ("p000020", "60", "2024-05-04") and made.columns == ("patient", "age", "taken")


def test_contradictions_beyond_the_first_are_counted() -> None:
    count = 6 * MOST_NAMED
    names = [f"{number:05}.png" for number in range(count)]
    lines = [f"{name},{'cat' if number % 2 else 'dog'},train" for number, name in enumerate(names)]
    again = [f"{name},{'cat' if number % 2 else 'dog'},test" for number, name in enumerate(names[: MOST_NAMED + 7])]
    told = [
        problem for problem in listed("\n".join(("file,label,split", *lines, *again)), names).missing() if problem["rule"] == "two_splits"
    ]
    assert len(told) == MOST_NAMED + 1 and told[0]["file"] == names[0]
    assert (told[-1]["file"], told[-1]["message"]) == ("labels.csv", "It contradicts itself in 7 more rows.")


def test_very_many_problems_take_few_bytes_each() -> None:
    def tell() -> Problems:
        return Problems(left_out(f"class{number % 1000}/{number:06}.png", "truncated", "is cut short") for number in range(MANY))

    assert peak_bytes(tell) < BYTES_A_PROBLEM


def test_problems_come_back_as_they_were_told() -> None:
    found = Problems(TOLD)
    found += TOLD[:1]
    assert found == [*TOLD, TOLD[0]] and list(found) == [*TOLD, TOLD[0]] and found != TOLD and found[1] == TOLD[1]


ABOUT: dict[str, Any] = {"format": 4, "classes": ["a ]", "b\n"], "problems": [], "ignored": 3, "options": {"source": ' "problems": ['}}


@pytest.mark.parametrize("told", [[], TOLD, TOLD[:1]])
@pytest.mark.parametrize("form", ["ours", "a key a line", "one line", "indented"])
def test_a_description_is_read_without_its_problems_and_they_one_by_one(told: list[Problem], form: str, tmp_path: Path) -> None:
    about, path = {**ABOUT, "problems": told}, tmp_path / "dataset.json"
    if form == "ours":
        write_about(tmp_path, {**about, "problems": Problems(told)})
    elif form == "a key a line":
        path.write_text("{\n" + ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in about.items()) + "\n}\n", "utf-8")
    else:
        path.write_text(json.dumps(about, indent=1 if form == "indented" else None), "utf-8")
    assert json.loads(path.read_text("utf-8")) == about
    assert described(path) == {key: value for key, value in about.items() if key != "problems"}
    assert list(problems(path)) == told and problem_count(path) == len(told)


def test_a_description_that_is_cut_short_is_none(tmp_path: Path) -> None:
    write_about(tmp_path, {**ABOUT, "problems": Problems(TOLD)})
    whole = (tmp_path / "dataset.json").read_bytes()
    for end in (0, 3, 60, whole.index(b"truncated"), len(whole) - 3):
        (tmp_path / "dataset.json").write_bytes(whole[:end])
        with pytest.raises(ValueError):
            described(tmp_path / "dataset.json")


def test_the_last_line_has_every_problem() -> None:
    event = {"event": "imported", "images": 3, "rate": float("nan"), "problems": Problems(TOLD), "classes": {"a": 1}}
    assert "".join(to_pieces(event)) == to_line({**event, "problems": TOLD})


def test_an_import_tells_its_problems_where_they_were_told_before(tmp_path: Path) -> None:
    files = images.class_folders(4) | {"cat/cut.png": b"", "dog/none.png": b"no image"}
    event = import_dataset(images.write_folder(tmp_path / "in", files), tmp_path / "out")
    assert event["problems"] == list(problems(tmp_path / "out" / "dataset.json")) and problem_count(tmp_path / "out" / "dataset.json") > 1
    assert "problems" not in described(tmp_path / "out" / "dataset.json")


@given(st.lists(st.sampled_from([None, "p1", "p2", "p3", "", "x"])))
def test_groups_are_told_as_they_would_be_one_by_one(names: list[str | None]) -> None:
    paths = [f"{number}.png" for number in range(len(names))]
    told = grouped(paths, Groups.of(names))
    held = [name for name in names if name is not None]
    assert (told["groups"], told["images"], told["alone"]) == (len(set(held)), len(held), len(names) - len(held))
    if not held:
        assert told["largest"] is None and told["example"] is None
        return
    most = max(held.count(name) for name in held)
    assert told["largest"] == [max(name for name in held if held.count(name) == most), most]
    shown = next((name for name in held if held.count(name) > 1), held[0])
    assert told["example"] == [shown, [path for path, name in zip(paths, names, strict=True) if name == shown][:3]]


def test_a_stream_of_lines_is_no_copy_of_the_text() -> None:
    text = "a,b\n" * (50 * MANY)  # 12 MB, which a stream of it would hold four times
    assert peak_bytes(lambda: sum(1 for _ in csv_rows(text, ",", {}))) < 50 * 4
