"""Images are added to a version: decoded once into the shared pack, with positions after the last."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.data.additions import Addition
from classifier.data.dataset import Dataset
from classifier.data.decode import decode
from classifier.data.erase import erase
from classifier.data.importer import import_dataset
from classifier.data.pack import Pack, PackWriter, content_hash, encode
from classifier.data.publish import owned
from classifier.data.revise import revise
from classifier.data.samples import Placed
from classifier.data.together import read_groups, write_groups
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.spec.events import ignore, never
from classifier.spec.packfile import IN_NO_SPLIT, INDEX, THUMB
from tests.classifier import images
from tests.classifier.data.test_quality import jpeg, scene

LABELS = ("cat", "dog")
FILES = images.class_folders(10, LABELS)
NEW = {f"new/{number}.png": images.picture(seed=7000 + number) for number in range(6)}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Ten cats and ten dogs."""
    out = tmp_path / "set" / "data"
    import_dataset(images.write_zip(tmp_path / "pets.zip", FILES), out)
    return out


def add(base: Path, tmp_path: Path, files: dict[str, bytes], *changes: dict[str, Any], **said: Any) -> tuple[Dataset, list[dict[str, Any]]]:
    """(the version with these files added, what was told); other changes come after."""
    number = len(list(tmp_path.glob("more*.tar")))
    source = images.write_tar(tmp_path / f"more{number}.tar", files)
    file = tmp_path / "changes.jsonl"
    file.write_text("\n".join(json.dumps(change) for change in ({"op": "add", "source": source.name, **said}, *changes)))
    told: list[dict[str, Any]] = []
    out = base.parent / f"v{number + 2}"
    revise(base, file, out, on_event=told.append)
    return Dataset.open(out), told


def left(told: list[dict[str, Any]]) -> dict[str, str]:
    return {event["file"]: event["rule"] for event in told if event["event"] == "problem"}


def test_images_of_one_class_stand_after_the_last_position(base: Path, tmp_path: Path) -> None:
    before = Dataset.open(base)
    data, _ = add(base, tmp_path, NEW, label="cat")
    assert len(data) == 26 and [data.path(place) for place in range(20, 26)] == sorted(NEW)
    assert (data.labels[20:] == data.classes.index("cat")).all() and sum(data.counts["cat"].values()) == 16
    assert (data.images[:20] == before.images).all() and [data.path(place) for place in range(20)] == [
        before.path(place) for place in range(20)
    ]


def test_what_is_added_reads_as_an_import_would_have_kept_it(base: Path, tmp_path: Path) -> None:
    data, _ = add(base, tmp_path, NEW, label="cat")
    import_dataset(
        images.write_zip(tmp_path / "whole.zip", FILES | {f"cat/{name}": content for name, content in NEW.items()}), tmp_path / "whole"
    )
    whole = Dataset.open(tmp_path / "whole")
    rows = {whole.path(place): whole.pack.image(int(whole.images[place])) for place in range(len(whole))}
    assert all((data.pack.image(int(data.images[20 + place])) == rows[f"cat/{name}"]).all() for place, name in enumerate(sorted(NEW)))


def test_images_join_a_class_that_an_older_version_writes_in_another_unicode_form(base: Path, tmp_path: Path) -> None:
    add(base, tmp_path, {"new/0.png": NEW["new/0.png"]}, {"op": "class", "from": "cat", "to": "e\u0301"}, label="dog")
    data, _ = add(base.parent / "v2", tmp_path, {"new/1.png": NEW["new/1.png"]}, label="é")
    assert list(data.classes) == ["dog", "e\u0301"] and len(data) == 22


def test_added_images_are_cut_into_splits(base: Path, tmp_path: Path) -> None:
    data, _ = add(base, tmp_path, NEW, label="bird", shares=[50, 25, 25])
    assert all(count > 0 for count in data.counts["bird"].values())


def test_class_folders_say_their_class_and_split_and_what_they_lack_is_cut(base: Path, tmp_path: Path) -> None:
    files = {
        f"{split}/{label}/{number}.png": images.picture(seed=100 * place + number)
        for place, (split, label) in enumerate([("train", "dog"), ("test", "cow"), ("train", "cow")], 80)
        for number in range(3)
    }
    data, _ = add(base, tmp_path, files)
    assert data.counts["cow"] == {"train": 2, "validation": 1, "test": 3} and sum(data.counts["dog"].values()) == 13


def test_an_image_that_is_there_already_is_left_out_and_named(base: Path, tmp_path: Path) -> None:
    data, told = add(base, tmp_path, NEW | {"new/twin.png": FILES["dog/3.png"], "new/zwin.png": NEW["new/2.png"]}, label="cat")
    assert left(told) == {"new/twin.png": "already_there", "new/zwin.png": "already_there"} and len(data) == 26


def test_an_image_that_was_taken_out_comes_back_as_a_new_one(base: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text('{"op": "sample", "position": 0, "removed": true}')
    revise(base, file, base.parent / "v9")
    data, told = add(base.parent / "v9", tmp_path, {"again.png": FILES["cat/0.png"]}, label="dog")
    assert left(told) == {} and (len(data), data.images[20]) == (21, data.images[0])


def test_broken_files_are_left_out_and_named(base: Path, tmp_path: Path) -> None:
    data, told = add(base, tmp_path, NEW | {"new/broken.png": b"no picture"}, label="cat")
    assert left(told) == {"new/broken.png": "not_an_image"} and len(data) == 26


def test_rows_without_an_image_and_folders_without_one_are_named(base: Path, tmp_path: Path) -> None:
    _, told = add(base, tmp_path, {"0.png": NEW["new/0.png"], "table.csv": b"file,label\n0.png,cat\n9.png,cat\n"})
    assert left(told) == {"9.png": "missing_file"}
    _, told = add(base, tmp_path, {"cat/1.png": NEW["new/1.png"], "cow/broken.png": b"no picture"})
    assert left(told) == {"cow/broken.png": "not_an_image", "cow": "empty_class"}


def test_a_whole_table_that_comes_again_with_new_images_misses_none_that_is_there(base: Path, tmp_path: Path) -> None:
    rows = "".join(f"{path},{path[:3]}\n" for path in FILES)
    files = {"new.png": NEW["new/0.png"], "table.csv": f"file,label\n{rows}new.png,dog\nlost.png,dog\n".encode()}
    data, told = add(base, tmp_path, files)
    assert left(told) == {"lost.png": "missing_file"} and len(data) == 21


def test_a_row_that_also_fits_an_image_of_the_version_is_of_the_added_one_alone(base: Path, tmp_path: Path) -> None:
    table = b"file,label\n0.png,dog\nlost.png,dog\n"  # the version has a cat/0.png
    _, told = add(base, tmp_path, {"fresh/0.png": NEW["new/0.png"], "table.csv": table})
    assert left(told) == {"lost.png": "missing_file"}


def test_a_damaged_image_is_not_missing_too(base: Path, tmp_path: Path) -> None:
    _, told = add(base, tmp_path, {"0.png": NEW["new/0.png"], "1.png": b"no picture", "table.csv": b"file,label\n0.png,cat\n1.png,cat\n"})
    assert left(told) == {"1.png": "not_an_image"}


def test_what_became_of_a_class_holds_in_each_unicode_form(base: Path, tmp_path: Path) -> None:
    files = {"caf\u00e9/0.png": NEW["new/0.png"], "cat/1.png": NEW["new/1.png"]}
    data, _ = add(base, tmp_path, files, labels={"cafe\u0301": "dog"})
    assert list(data.classes) == ["cat", "dog"] and len(data) == 22


def test_a_class_that_differs_from_one_that_is_there_in_case_alone_is_told(base: Path, tmp_path: Path) -> None:
    _, told = add(base, tmp_path, NEW, label="Cat")
    assert left(told) == {"cat": "similar_classes"}
    assert left(add(base, tmp_path, NEW, label="cat")[1]) == {}


def test_what_was_told_stands_in_the_version_and_names_what_it_came_in(base: Path, tmp_path: Path) -> None:
    data, told = add(base, tmp_path, NEW | {"new/broken.png": b"no picture", "README.txt": b"Hello"}, label="cat")
    assert [problem["file"] for problem in data.problems()] == ["new/broken.png"] and data.about["ignored"] == 1
    assert [event["source"] for event in told if event["event"] == "problem"] == ["more0.tar"]


def test_where_nothing_can_be_added_the_sentence_says_why(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 1: No image of more0\.tar can be added\. 1 left out, the first: new/broken\.png"):
        add(base, tmp_path, {"new/broken.png": b"no picture"}, label="cat")
    with pytest.raises(InputError, match="the dataset has already"):
        add(base, tmp_path, {"x.png": FILES["dog/3.png"]}, label="cat")


def test_the_versions_before_stay_as_they_were(base: Path, tmp_path: Path) -> None:
    before = Dataset.open(base)
    kept = (before.id, (base / "samples.bin").read_bytes(), before.pack.image(3).tolist())
    add(base, tmp_path, NEW, label="cat")
    after = Dataset.open(base)
    assert (after.id, (base / "samples.bin").read_bytes(), after.pack.image(3).tolist()) == kept


def test_the_next_version_adds_to_the_one_before(base: Path, tmp_path: Path) -> None:
    add(base, tmp_path, NEW, label="cat")
    data, _ = add(base.parent / "v2", tmp_path, {"last.png": images.picture(seed=99)}, label="dog")
    assert len(data) == 27 and data.path(26) == "last.png" and data.path(21) == "new/1.png"


def test_a_cut_of_the_splits_comes_over_added_images_too(base: Path, tmp_path: Path) -> None:
    data, _ = add(base, tmp_path, NEW, {"op": "split", "shares": [100, 0, 0], "seed": 0}, label="cat")
    assert (data.splits == 0).all()


def test_metadata_of_images_that_are_added_without_a_table_is_empty(base: Path, tmp_path: Path) -> None:
    about = json.loads((base / "dataset.json").read_text()) | {"columns": ["age"]}
    (base / "dataset.json").write_text(json.dumps(about))
    (base / "metadata.jsonl").write_text('["7"]\n' * 20)
    data, _ = add(base, tmp_path, NEW, label="cat")
    assert (data.folder / "metadata.jsonl").read_text() == '["7"]\n' * 20 + '[""]\n' * 6


def test_what_was_asked_to_stop_leaves_no_version_and_a_sound_pack(base: Path, tmp_path: Path) -> None:
    source = images.write_tar(tmp_path / "more.tar", NEW)
    (tmp_path / "c.jsonl").write_text(json.dumps({"op": "add", "source": source.name, "label": "cat"}))
    told: list[dict[str, Any]] = []
    with pytest.raises(Interrupted):
        revise(base, tmp_path / "c.jsonl", base.parent / "v2", on_event=told.append, should_stop=lambda: len(told) > 1)
    assert not (base.parent / "v2").exists() and len(Dataset.open(base).pack) == 20
    assert len(add(base, tmp_path, NEW, label="cat")[0]) == 26


def test_two_processes_never_add_to_one_pack_at_once(base: Path, tmp_path: Path) -> None:
    with owned(base / "pack"), pytest.raises(ClassifierError, match="Another process is just adding") as caught:
        add(base, tmp_path, NEW, label="cat")
    assert caught.value.retry


def test_no_row_of_a_pack_is_named_before_its_image_is_on_disk(base: Path) -> None:
    pack = base / "pack"
    with PackWriter(pack) as writer:
        writer.append(next(iter(encoded())), b"x" * 32)
        writer.files["pixels.bin"].flush()
        assert (pack / "index.bin").stat().st_size == 20 * INDEX.size
    assert (pack / "index.bin").stat().st_size == 21 * INDEX.size


def test_what_a_crash_cut_off_is_no_row_and_the_next_writer_goes_on(base: Path, tmp_path: Path) -> None:
    pack = base / "pack"
    for name, size in (("index.bin", INDEX.size), ("thumbs_index.bin", THUMB.size)):
        with (pack / name).open("ab") as file:
            file.write(os.urandom(size - 5))
    assert len(Pack.open(pack)) == 20
    data, _ = add(base, tmp_path, NEW, label="cat")
    sizes = {pack_file: (pack / pack_file).stat().st_size for pack_file in ("index.bin", "thumbs_index.bin")}
    assert sizes == {"index.bin": 26 * INDEX.size, "thumbs_index.bin": 26 * THUMB.size}
    assert np.array_equal(data.pack.image(25).shape, data.pack.image(0).shape)


def encoded() -> Any:
    yield encode(decode(images.picture(seed=5), "x.png"))


def test_an_image_that_was_erased_is_not_added_again(base: Path, tmp_path: Path) -> None:
    gone = Dataset.open(base)
    path = gone.path(0)
    erase([base], gone.pack.index["sha256"][gone.images[0]].tobytes().hex())
    data, told = add(base, tmp_path, {"again.png": FILES[path], **NEW}, label="cat")
    assert left(told) == {"again.png": "erased"} and len(data) == 26 and data.splits[0] == IN_NO_SPLIT


def test_added_images_belong_with_none_of_those_that_stay_together(base: Path, tmp_path: Path) -> None:
    write_groups(base, [0] * 5 + list(range(5, 20)))
    data, _ = add(base, tmp_path, NEW, {"op": "split", "shares": [60, 20, 20], "seed": 1}, label="cat")
    assert len(set(data.splits[:5].tolist())) == 1 and (data.splits != IN_NO_SPLIT).all()
    found = read_groups(data.folder, len(data))
    assert found is not None and found[:5].tolist() == [0] * 5 and found[20:].tolist() == list(range(20, 26))


@pytest.mark.parametrize("seed", range(4))
def test_images_of_a_group_that_the_version_has_go_to_its_side(tmp_path: Path, seed: int) -> None:
    def shots(first: int, last: int) -> dict[str, bytes]:
        of_patients = list(enumerate(LABELS * 5))
        return {f"{label}/p{n}-{shot}.png": images.picture(100 * n + shot) for n, label in of_patients for shot in range(first, last)}

    import_dataset(images.write_zip(tmp_path / "pets.zip", shots(0, 3)), tmp_path / "set" / "data", group=r"(p\d+)-")
    more = shots(3, 5) | {f"cat/p77-{shot}.png": images.picture(9000 + shot) for shot in range(3)}
    data, _ = add(tmp_path / "set" / "data", tmp_path, more, group=r"(p\d+)-", seed=seed)
    first = read_groups(data.folder, len(data))
    assert first is not None and len(data) == 53
    for patient in {data.path(place).split("/")[1].split("-")[0] for place in range(len(data))}:
        places = [place for place in range(len(data)) if f"/{patient}-" in data.path(place)]
        assert len(set(data.splits[places].tolist())) == 1 and set(first[places].tolist()) == {min(places)}


def test_a_split_that_the_source_gives_is_kept_also_beside_a_group(tmp_path: Path) -> None:
    files = {f"train/{label}/p{n}-0.png": images.picture(100 * n) for n, label in enumerate(LABELS * 3)}
    import_dataset(images.write_zip(tmp_path / "pets.zip", files), tmp_path / "set" / "data", group=r"(p\d+)-", shares=(100.0, 0.0, 0.0))
    data, _ = add(tmp_path / "set" / "data", tmp_path, {"test/cat/p0-1.png": images.picture(1)}, group=r"(p\d+)-")
    assert data.path(6) == "test/cat/p0-1.png" and data.splits[6] == 2


def test_groups_of_added_images_alone_are_kept_too(base: Path, tmp_path: Path) -> None:
    data, _ = add(base, tmp_path, NEW, label="cat", group=r"(new)/")
    found = read_groups(data.folder, len(data))
    assert found is not None and found.tolist() == [*range(20), *[20] * 6] and len(set(data.splits[20:].tolist())) == 1


@pytest.mark.parametrize("seed", range(4))
def test_images_that_look_like_one_of_the_version_go_to_its_side_and_belong_with_it(tmp_path: Path, seed: int) -> None:
    files = {f"{label}/{n}.jpg": jpeg(scene(100 * place + n), 92) for place, label in enumerate(LABELS) for n in range(8)}
    import_dataset(images.write_zip(tmp_path / "pets.zip", files), tmp_path / "set" / "data", alike=True)
    again = {f"again/{n}.jpg": jpeg(scene(n), 74) for n in range(6)}
    twins = {f"twins/{quality}.jpg": jpeg(scene(999), quality) for quality in (74, 83, 92)}
    data, _ = add(tmp_path / "set" / "data", tmp_path, again | twins, label="cat", alike=True, seed=seed)
    first, place = read_groups(data.folder, len(data)), {data.path(at): at for at in range(len(data))}
    assert first is not None
    for n in range(6):
        old, new = place[f"cat/{n}.jpg"], place[f"again/{n}.jpg"]
        assert data.splits[new] == data.splits[old] and first[new] == first[old]
    alone = [place[name] for name in twins]
    assert len(set(data.splits[alone].tolist())) == 1 and len(set(first[alone].tolist())) == 1


def test_a_split_that_the_source_gives_is_kept_also_beside_a_look_alike(tmp_path: Path) -> None:
    files = {f"train/{label}/{n}.jpg": jpeg(scene(100 * at + n), 92) for at, label in enumerate(LABELS) for n in range(4)}
    import_dataset(images.write_zip(tmp_path / "pets.zip", files), tmp_path / "set" / "data", shares=(100.0, 0.0, 0.0))
    more = {"test/cat/again.jpg": jpeg(scene(1), 74)}
    data, _ = add(tmp_path / "set" / "data", tmp_path, more, alike=True)
    first = read_groups(data.folder, len(data))
    assert first is not None and data.splits[8] == 2 and first[8] == first[[data.path(at) for at in range(8)].index("train/cat/1.jpg")]


def test_an_older_version_leaves_a_later_ones_positions_to_it(base: Path, tmp_path: Path) -> None:
    write_groups(base, range(20))
    second, _ = add(base, tmp_path, NEW, label="cat")
    last = images.write_tar(tmp_path / "last.tar", {"last.png": images.picture(seed=99)})
    said = ({"op": "after", "version": os.path.relpath(second.folder, tmp_path)}, {"op": "add", "source": last.name, "label": "dog"})
    (tmp_path / "changes.jsonl").write_text("\n".join(json.dumps(change) for change in said))
    revise(base, tmp_path / "changes.jsonl", base.parent / "v3")
    data, groups = Dataset.open(base.parent / "v3"), read_groups(base.parent / "v3", 27)
    assert (data.images[:26] == second.images).all() and (data.splits[20:26] == IN_NO_SPLIT).all() and data.about["images"] == 21
    assert [data.path(place) for place in range(20, 27)] == [*sorted(NEW), "last.png"] and groups is not None


def test_positions_are_left_to_versions_of_the_same_images_alone(base: Path, tmp_path: Path) -> None:
    import_dataset(tmp_path / "pets.zip", tmp_path / "another")
    with pytest.raises(InputError, match="is no version of the same dataset"):
        add(base, tmp_path, NEW, {"op": "after", "version": "another"}, label="cat")


def test_a_process_that_is_killed_in_the_middle_leaves_a_pack_that_the_next_one_goes_on_with(base: Path, tmp_path: Path) -> None:
    many = {f"new/{number}.png": images.picture(20_000 + number, width=60, height=60) for number in range(800)}
    source = images.write_tar(tmp_path / "more.tar", many)
    (tmp_path / "c.jsonl").write_text(json.dumps({"op": "add", "source": source.name, "label": "cat"}))
    pixels = base / "pack" / "pixels.bin"
    before = pixels.stat().st_size
    command = [sys.executable, "-m", "classifier", "revise", str(base), "--changes", str(tmp_path / "c.jsonl"), "--out"]
    killed = subprocess.Popen([*command, str(base.parent / "killed")])
    while pixels.stat().st_size == before and killed.poll() is None:
        time.sleep(0.001)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL and pixels.stat().st_size > before and len(Dataset.open(base).pack) == 20
    revise(base, tmp_path / "c.jsonl", base.parent / "v2")
    data = Dataset.open(base.parent / "v2")
    wanted = [decode(many[data.path(place)], "x.png").pixels for place in range(20, 820)]
    assert len(data.pack) == 820
    assert all(
        (data.pack.image(int(row)).permute(1, 2, 0).numpy() == pixel).all() for row, pixel in zip(data.images[20:], wanted, strict=True)
    )


def digest(name: str) -> str:
    return content_hash(NEW[name]).hex()


def test_what_is_said_of_single_images_goes_before_the_class_of_all(base: Path, tmp_path: Path) -> None:
    said = {digest("new/1.png"): "dog", digest("new/2.png"): None}
    found, told = add(base, tmp_path, NEW, label="cat", images=said)
    shown = {found.path(place): found.classes[found.labels[place]] for place in range(20, len(found))}
    assert shown == {f"new/{number}.png": "dog" if number == 1 else "cat" for number in (0, 1, 3, 4, 5)} and left(told) == {}


def test_of_a_source_only_the_images_that_something_is_said_of_can_be_added(base: Path, tmp_path: Path) -> None:
    found, _ = add(base, tmp_path, NEW, label="cat", images={digest("new/1.png"): "dog", digest("new/2.png"): None}, only=True)
    assert [found.path(place) for place in range(20, len(found))] == ["new/1.png"]


def test_a_source_whose_every_image_was_taken_out_is_refused_in_words(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Every image of more0\.tar was taken out of what is added"):
        add(base, tmp_path, NEW, label="cat", images={digest(name): None for name in NEW})


def test_where_faces_are_blurred_what_is_said_of_an_image_that_came_out_otherwise_is_not_lost_in_silence(tmp_path: Path) -> None:
    placed = [Placed("0.png", 0, "cat", None)]
    for blurred, said in ((True, "11" * 32), (False, "22" * 32), (True, "22" * 32)):
        addition = Addition(tmp_path / "more.tar", {"images": {said: "dog"}}, ignore, never, blurred)
        if (blurred, said) == (True, "22" * 32):
            with pytest.raises(InputError, match=r"What was said of 1 image of more\.tar fits none of them"):
                addition.as_said(placed, [b"\x11" * 32])
        else:
            assert addition.as_said(placed, [b"\x11" * 32])[0].label == ("dog" if said == "11" * 32 else "cat")


def test_folders_go_into_what_became_of_their_classes(base: Path, tmp_path: Path) -> None:
    files = {f"{label}/new.png": images.picture(seed=7100 + place) for place, label in enumerate(("cat", "dog", "mouse"))}
    said = {content_hash(files["cat/new.png"]).hex(): "hound"}
    found, _ = add(base, tmp_path, files, labels={"dog": "hound", "cat": None}, images=said)
    shown = {found.path(place): found.classes[found.labels[place]] for place in range(20, len(found))}
    assert shown == {"cat/new.png": "hound", "dog/new.png": "hound", "mouse/new.png": "mouse"}


@pytest.mark.parametrize("said", [["cat"], {"0f": "cat"}, {"A" * 64: "cat"}, {"0" * 64: ""}])
def test_what_is_said_of_no_image_is_refused(base: Path, tmp_path: Path, said: Any) -> None:
    with pytest.raises(InputError, match="64 small hex digits"):
        add(base, tmp_path, NEW, label="cat", images=said)
