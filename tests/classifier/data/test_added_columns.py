"""What is known of added images besides their class: columns that the version has, columns that come with them, and cameras' notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.revise import revise
from classifier.spec.errors import InputError
from tests.classifier import images
from tests.classifier.data.test_exif import ZURICH, photo

TABLE = "file,label,age\n" + "".join(f"{n}.png,{'cat' if n % 2 else 'dog'},{n}\n" for n in range(10))
FILES = {f"{n}.png": images.picture(n) for n in range(10)} | {"t.csv": TABLE.encode()}
DAY = "2026:05:01 12:33:10"
MOMENT = "2026-05-01 12:33:10"
Cells = dict[str, dict[str, str]]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Ten images with their ages."""
    import_dataset(images.write_zip(tmp_path / "in.zip", FILES), tmp_path / "set" / "data")
    return tmp_path / "set" / "data"


def add(base: Path, files: dict[str, bytes], *more: dict[str, Any], **said: Any) -> Dataset:
    """The version that gains these files, which come as a zip; other changes come after."""
    number = len(list(base.parent.iterdir())) + 1
    source = images.write_zip(base.parent.parent / f"more{number}.zip", files)
    changes = base.parent.parent / "changes.jsonl"
    changes.write_text("\n".join(json.dumps(each) for each in ({"op": "add", "source": source.name, **said}, *more)))
    revise(base, changes, base.parent / f"v{number}")
    return Dataset.open(base.parent / f"v{number}")


def cells(data: Dataset) -> Cells:
    """{path: {column: cell}}, without empty ones."""
    lines = [json.loads(line) for line in (data.folder / "metadata.jsonl").read_text().splitlines()]
    columns = data.about["columns"]
    assert len(lines) == len(data) and all(len(line) == len(columns) for line in lines)
    told = (dict(zip(columns, line, strict=True)) for line in lines)
    return {data.path(place): {name: cell for name, cell in row.items() if cell} for place, row in enumerate(told)}


def listed(head: str, *rows: str) -> bytes:
    return "\n".join((head, *rows)).encode()


def test_a_column_that_the_version_lacks_comes_with_the_images_and_is_empty_of_the_others(base: Path) -> None:
    table = listed("file,label,age,ward", "x.png,cat,70,north", "y.png,dog,,south")
    data = add(base, {"x.png": images.picture(90), "y.png": images.picture(91), "t.csv": table})
    assert data.about["columns"] == ["age", "ward"]
    assert cells(data)["x.png"] == {"age": "70", "ward": "north"} and cells(data)["y.png"] == {"ward": "south"}
    assert cells(data)["7.png"] == {"age": "7"} and Dataset.open(base).about["columns"] == ["age"]


def test_a_version_without_columns_gets_its_first(tmp_path: Path) -> None:
    import_dataset(images.write_zip(tmp_path / "in.zip", images.class_folders(4)), tmp_path / "set" / "data")
    data = add(tmp_path / "set" / "data", {"x.png": images.picture(90), "t.csv": listed("file,ward", "x.png,north")}, label="cat")
    assert data.about["columns"] == ["ward"] and cells(data)["x.png"] == {"ward": "north"} and sum(map(bool, cells(data).values())) == 1


def test_each_of_two_additions_brings_its_own_and_the_next_version_keeps_them(base: Path) -> None:
    later = images.write_zip(base.parent.parent / "later.zip", {"z.png": images.picture(92), "t.csv": listed("file,tag", "z.png,wet")})
    more = {"op": "add", "source": later.name, "label": "dog"}
    first = add(base, {"x.png": images.picture(90), "t.csv": listed("file,ward", "x.png,north")}, more, label="cat")
    assert first.about["columns"] == ["age", "ward", "tag"]
    assert cells(first)["x.png"] == {"ward": "north"} and cells(first)["z.png"] == {"tag": "wet"}
    data = add(first.folder, {"w.png": images.picture(93), "t.csv": listed("file,WARD,Age", "w.png,south,3")}, label="cat")
    assert data.about["columns"] == ["age", "ward", "tag"] and cells(data)["w.png"] == {"age": "3", "ward": "south"}
    assert cells(data)["x.png"] == {"ward": "north"} and cells(data)["3.png"] == {"age": "3"}


def test_a_column_of_another_script_is_known_by_its_name(tmp_path: Path) -> None:
    files = {f"{n}.png": images.picture(n) for n in range(6)}
    table = listed("file,label,病房", *(f"{n}.png,{'cat' if n % 2 else 'dog'},{n}" for n in range(6)))
    import_dataset(images.write_zip(tmp_path / "in.zip", files | {"t.csv": table}), tmp_path / "set" / "data")
    data = add(tmp_path / "set" / "data", {"x.png": images.picture(90), "t.csv": listed("file,病房", "x.png,9")}, label="cat")
    assert data.about["columns"] == ["病房"] and cells(data)["x.png"] == {"病房": "9"}


@pytest.mark.parametrize("table", ["file,note\nx.png,", "file,kind\nx.png,cat", "file,split\nx.png,test"])
def test_an_empty_column_and_one_that_says_class_or_split_again_do_not_come(base: Path, table: str) -> None:
    data = add(base, {"x.png": images.picture(90), "t.csv": table.encode()}, label="cat")
    assert data.about["columns"] == ["age"] and cells(data)["x.png"] == {}


def test_a_cut_can_group_by_a_column_that_came_with_added_images(base: Path) -> None:
    files = {f"x{n}.png": images.picture(90 + n) for n in range(4)}
    table = listed("file,label,patient", *(f"x{n}.png,cat,p1" for n in range(4)))
    cut = {"op": "split", "shares": [50, 25, 25], "seed": 3, "column": "patient"}
    data = add(base, files | {"t.csv": table}, cut)
    assert data.about["columns"] == ["age", "patient"] and len(set(data.splits[10:].tolist())) == 1


def test_of_two_additions_of_a_draft_the_second_joins_the_groups_of_the_first(base: Path) -> None:
    def shot(n: int) -> dict[str, bytes]:
        return {f"x{n}.png": images.picture(90 + n), "t.csv": listed("file,label,patient", f"x{n}.png,cat,p1")}

    more = [{"op": "add", "source": images.write_zip(base.parent.parent / f"s{n}.zip", shot(n)).name, "seed": n} for n in (1, 2, 3)]
    data = add(base, shot(0), *more)
    assert len(data) == 14 and len(set(data.splits[10:].tolist())) == 1


def noted(tmp_path: Path, **options: Any) -> Path:
    files = {f"{label}/{n}.jpg": photo(n, taken=DAY) for n, label in enumerate(("cat", "dog") * 3)}
    import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "set" / "data", **options)
    return tmp_path / "set" / "data"


NEW = {"x.jpg": photo(90, tags={271: "Canon", 272: "D1"}, taken="2026:06:02 08:00:00", gps=ZURICH)}


def test_what_the_import_keeps_of_exif_is_kept_of_added_images_too(tmp_path: Path) -> None:
    data = add(noted(tmp_path, exif=("date",)), NEW, label="cat")
    assert data.about["columns"] == ["exif_date"] and cells(data)["x.jpg"] == {"exif_date": "2026-06-02 08:00:00"}
    assert cells(data)["cat/0.jpg"] == {"exif_date": MOMENT} and data.about["options"]["exif"] == ["date"]


def test_nothing_of_exif_is_kept_unless_somebody_says_so(tmp_path: Path) -> None:
    data = add(noted(tmp_path), NEW, label="cat")
    assert data.about["columns"] == [] and not (data.folder / "metadata.jsonl").exists()
    assert "Canon" not in "".join(path.read_text(errors="replace") for path in data.folder.iterdir() if path.is_file())


def test_an_addition_can_say_that_nothing_of_exif_is_kept(tmp_path: Path) -> None:
    data = add(noted(tmp_path, exif=("date",)), NEW, label="cat", exif="none")
    assert data.about["columns"] == ["exif_date"] and cells(data)["x.jpg"] == {}


def test_an_addition_can_say_what_of_exif_is_kept_and_the_next_one_is_as_the_import(tmp_path: Path) -> None:
    first = add(noted(tmp_path, exif=("date",)), NEW, label="cat", exif="place, date")
    assert first.about["columns"] == ["exif_date", "exif_place"]
    assert cells(first)["x.jpg"] == {"exif_date": "2026-06-02 08:00:00", "exif_place": "47.37703 8.54170"}
    assert (first.about["options"]["exif"], first.about["options"]["exif_added"]) == (["date"], ["place"])
    data = add(first.folder, {"y.jpg": photo(91, taken=DAY, gps=ZURICH)}, label="cat")
    assert cells(data)["y.jpg"] == {"exif_date": MOMENT} and data.about["options"]["exif_added"] == ["place"]
    data = add(first.folder, {"z.jpg": photo(92, gps=ZURICH)}, label="cat", exif="place")
    assert data.about["columns"] == ["exif_date", "exif_place"] and cells(data)["z.jpg"] == {"exif_place": "47.37703 8.54170"}


def test_a_tables_column_of_the_same_name_keeps_it(base: Path) -> None:
    files = {"x.jpg": photo(90, taken=DAY), "t.csv": listed("file,label,exif_date", "x.jpg,cat,long ago")}
    first = add(base, files, exif="date")
    assert first.about["columns"] == ["age", "exif_date", "exif_date_of_file"]
    assert cells(first)["x.jpg"] == {"exif_date": "long ago", "exif_date_of_file": MOMENT}
    data = add(first.folder, {"y.jpg": photo(91, taken=DAY)}, label="cat", exif="date")
    assert cells(data)["y.jpg"] == {"exif_date_of_file": MOMENT} and len(data.about["columns"]) == 3


@pytest.mark.parametrize(("name", "value"), [("exif", "shoe size"), ("exif", 3), ("encoding", "klingon"), ("encoding", ["cp866"])])
def test_what_cannot_be_read_so_is_refused_with_what_there_is(base: Path, name: str, value: Any) -> None:
    with pytest.raises(InputError, match="date, camera, place" if name == "exif" else "cp866"):
        add(base, {"x.png": images.picture(90)}, label="cat", **{name: value})
