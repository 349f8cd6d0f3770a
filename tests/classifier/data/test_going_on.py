"""An import that was killed is gone on with, and what comes of it is the same to the byte."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from classifier.data import collect, earlier, journal, publish
from classifier.data.importer import import_dataset
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.spec.packfile import JOURNAL_FILE
from tests.classifier import images
from tests.classifier.data.test_boxes import grey, mnist

FILES = images.class_folders(24) | {
    "cat/bad.png": b"no",
    "cat/twin.png": images.picture(3),
    "cat/wide.jpg": images.photograph(7),
    "dog/gif.png": images.picture(2_000, "GIF"),
    "dog/nested.zip": b"PK\x03\x04",
    ".DS_Store": b"",
}
FILES_A_PART = 4
NOT_READ_ANY_MORE = b"no image"
WAYS = {
    "zip": lambda path: images.write_zip(path / "in.zip", FILES),
    "tar": lambda path: images.write_tar(path / "in.tar", FILES),
    "tar.gz": lambda path: images.write_tar(path / "in.tar.gz", FILES, "gz"),
    "folder": lambda path: images.write_folder(path / "in", FILES),
    "boxes": lambda path: images.write_zip(path / "in.zip", mnist(grey(12), grey(4))),
}


@pytest.fixture(autouse=True)
def often(monkeypatch) -> None:
    """A line in the journal for each few files."""
    monkeypatch.setattr(journal, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(journal, "COST_SHARE", 1e9)
    monkeypatch.setattr(collect, "CHUNK_FILES", FILES_A_PART)


def killed(source: Path, out: Path, at: int, point: str = "import", **options: Any) -> None:
    """An import that the kernel kills once so many parts were read, or at another point."""
    number = os.fork()
    if not number:
        try:
            os.environ["FAULT"] = f"{point}@{at}:kill"
            import_dataset(source, out, **options)
        finally:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == -signal.SIGKILL


def files_of(out: Path) -> dict[str, Any]:
    """Each file of a dataset; its problems in no order, since refusals are told while others decode."""
    found: dict[str, Any] = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    about = json.loads(found.pop("dataset.json"))
    return found | {"about": about | {"problems": sorted(about["problems"], key=str)}}


def staged(tmp_path: Path) -> Path:
    """The folder that the killed import wrote into."""
    (found,) = publish.staged_for(tmp_path / "out")
    return found


def gone_on(source: Path, out: Path, **options: Any) -> int:
    """How many files were not read again."""
    told: list[dict[str, Any]] = []
    import_dataset(source, out, on_event=told.append, **options)
    return max(event.get("kept", 0) for event in told if event["event"] == "progress")


def dataset_id(out: Path) -> str:
    """Of which images, classes and splits it is."""
    return str(json.loads((out / "dataset.json").read_text())["id"])


@pytest.fixture
def source(tmp_path) -> Path:
    return images.write_folder(tmp_path / "in", FILES)


@pytest.fixture
def half(source, tmp_path) -> Path:
    """The folder of an import that was killed when it had read twenty files."""
    killed(source, tmp_path / "out", 5)
    return staged(tmp_path)


@pytest.fixture
def wanted(source, tmp_path) -> dict[str, Any]:
    """What comes of an import that nothing happens to."""
    import_dataset(source, tmp_path / "whole")
    return files_of(tmp_path / "whole")


@pytest.mark.parametrize("way", WAYS)
def test_killed_again_and_again_it_is_the_same_to_the_byte(way, tmp_path):
    source = WAYS[way](tmp_path)
    import_dataset(source, tmp_path / "whole")
    chance = random.Random(way)
    for _ in range(2):
        killed(source, tmp_path / "out", chance.randint(1, 2))
    assert gone_on(source, tmp_path / "out") >= 2 * FILES_A_PART
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {source.name, "out", "whole"}


def test_killed_before_it_gets_its_place_no_image_is_read_again(source, wanted, tmp_path):
    killed(source, tmp_path / "out", at=1, point="publish")
    assert gone_on(source, tmp_path / "out") == len(FILES) - 2 and files_of(tmp_path / "out") == wanted


def test_splits_by_groups_and_by_looks_are_the_same_too(source, tmp_path):
    options: dict[str, Any] = {"alike": True, "group": "([0-9])[.]png", "seed": 4, "most": 20}
    import_dataset(source, tmp_path / "whole", **options)
    killed(source, tmp_path / "out", 6, **options)
    assert gone_on(source, tmp_path / "out", **options) and files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_what_was_read_is_not_read_again(source, half, wanted, tmp_path):
    for path in sorted((source / "cat").iterdir())[: 5 * FILES_A_PART]:
        changed = path.stat().st_mtime_ns
        path.write_bytes(NOT_READ_ANY_MORE)
        os.utime(path, ns=(changed, changed))
    assert gone_on(source, tmp_path / "out") == 5 * FILES_A_PART and files_of(tmp_path / "out") == wanted


def test_it_says_where_it_goes_on(source, half, tmp_path):
    told: list[dict[str, Any]] = []
    import_dataset(source, tmp_path / "out", on_event=told.append)
    said = [event["message"] for event in told if event.get("stage") == "decoding" and event["event"] == "stage"]
    assert said == [f"Decoding images. It goes on at image 21 of {len(FILES) - 2}"]


def test_the_rate_is_of_what_this_try_reads(source, half, tmp_path):
    told: list[dict[str, Any]] = []
    import_dataset(source, tmp_path / "out", on_event=told.append)
    last = [event for event in told if event["event"] == "progress"][-1]
    assert last["done"] == len(FILES) - 2 and last["kept"] == 20 and last["fraction"] == 1


def test_what_was_not_on_the_disk_for_good_is_read_again(source, half, wanted, tmp_path):
    for path in (half / "pack").iterdir():
        with path.open("ab") as file:
            file.write(b'{"paths": ["cat')
    assert gone_on(source, tmp_path / "out") == 20 and files_of(tmp_path / "out") == wanted


def test_a_pack_with_less_than_its_journal_says_is_begun_anew(source, half, wanted, tmp_path):
    os.truncate(half / "pack" / "pixels.bin", 100)
    assert gone_on(source, tmp_path / "out") == 0 and files_of(tmp_path / "out") == wanted


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]\n", b'{"format": 0}\n'])
def test_a_journal_that_cannot_be_read_vouches_for_nothing(spoilt, source, half, wanted, tmp_path):
    (half / "pack" / JOURNAL_FILE).write_bytes(spoilt)
    assert gone_on(source, tmp_path / "out") == 0 and files_of(tmp_path / "out") == wanted


def test_of_another_archive_nothing_is_taken_over(tmp_path):
    source = images.write_zip(tmp_path / "in.zip", FILES)
    killed(source, tmp_path / "out", 5)
    images.write_zip(source, images.class_folders(30))
    assert gone_on(source, tmp_path / "out") == 0


def test_by_other_options_nothing_is_taken_over(source, half, tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.collect.blurred", lambda decoded, path: decoded)
    assert gone_on(source, tmp_path / "out", blur_faces=True) == 0


def test_after_an_update_of_the_decoder_nothing_is_taken_over(source, half, tmp_path, monkeypatch):
    monkeypatch.setattr("PIL.__version__", "0")
    assert gone_on(source, tmp_path / "out") == 0


def test_a_folder_that_was_changed_meanwhile_comes_as_it_is_now(source, half, tmp_path):
    (source / "cat" / "10a.png").write_bytes(images.picture(500))
    (source / "cat" / "0.png").unlink()
    import_dataset(source, tmp_path / "whole")
    assert gone_on(source, tmp_path / "out") == 19
    assert (tmp_path / "out" / "paths.txt").read_bytes() == (tmp_path / "whole" / "paths.txt").read_bytes()
    assert dataset_id(tmp_path / "out") == dataset_id(tmp_path / "whole")


@pytest.mark.parametrize("name", ["0.png", "bad.png"])
def test_an_image_of_a_folder_that_was_replaced_meanwhile_is_read_again(name, source, tmp_path):
    killed(source, tmp_path / "out", 7)
    (source / "cat" / name).write_bytes(images.picture(501))
    import_dataset(source, tmp_path / "whole")
    assert gone_on(source, tmp_path / "out") == 27
    assert dataset_id(tmp_path / "out") == dataset_id(tmp_path / "whole")


def test_images_of_a_box_in_a_folder_that_was_replaced_meanwhile_are_read_again(tmp_path):
    source = images.write_folder(tmp_path / "in", mnist(grey(12), grey(4)))
    killed(source, tmp_path / "out", 3)
    images.write_folder(source, mnist(255 - grey(12), grey(4)))
    import_dataset(source, tmp_path / "whole")
    gone_on(source, tmp_path / "out")
    assert dataset_id(tmp_path / "out") == dataset_id(tmp_path / "whole")


# Whoever made it may live on without knowing


@pytest.fixture
def elsewhere(monkeypatch) -> None:
    """We are on another machine, and it has the disk too."""
    monkeypatch.setattr(earlier, "this_machine", lambda: "another")
    monkeypatch.setattr(earlier, "is_own_disk", lambda folder: False)


def test_on_another_machine_it_is_copied_and_what_the_other_writes_disturbs_nothing(source, half, wanted, tmp_path, elsewhere):
    theirs = [path.open("ab") for path in (half / "pack").iterdir()]

    def told(event: dict[str, Any]) -> None:
        for file in theirs:
            file.write(b"written without knowing")
            file.flush()

    import_dataset(source, tmp_path / "out", on_event=told)
    assert files_of(tmp_path / "out") == wanted
    for file in theirs:
        file.close()


def test_after_a_new_start_of_the_machine_nothing_is_copied_on_its_own_disk(source, half, tmp_path, elsewhere, monkeypatch):
    monkeypatch.setattr(earlier, "is_own_disk", lambda folder: True)
    pixels = (half / "pack" / "pixels.bin").stat().st_ino
    assert gone_on(source, tmp_path / "out") == 20 and (tmp_path / "out" / "pack" / "pixels.bin").stat().st_ino == pixels


@pytest.mark.parametrize(("kind", "own"), [("ext4", True), ("xfs", True), ("nfs4", False), ("fuse.sshfs", False), ("", False)])
def test_a_disk_is_a_machines_own_by_its_file_system(kind, own, tmp_path, monkeypatch):
    device = tmp_path.stat().st_dev
    lines = [f"28 1 {os.major(device)}:{os.minor(device)} / / rw shared:1 - {kind} /dev/vda rw"] if kind else []
    mounts = tmp_path / "mountinfo"
    mounts.write_text("\n".join(["22 1 0:999 / /proc rw - proc proc rw", *lines]))
    monkeypatch.setattr(earlier, "MOUNTS", mounts)
    assert earlier.is_own_disk(tmp_path) is own


def test_of_one_that_still_lives_a_copy_is_gone_on_with(source, half, wanted, tmp_path):
    with publish.owned(half), (half / "pack" / "index.bin").open("ab") as file:
        assert gone_on(source, tmp_path / "next", earlier=[tmp_path / "out"]) == 20
        file.write(b"written without knowing")
    assert files_of(tmp_path / "next") == wanted and not half.exists()


def test_one_that_lives_and_has_the_same_place_is_left_alone(source, half, tmp_path):
    with publish.owned(half):
        assert gone_on(source, tmp_path / "out") == 0
        assert (half / "pack" / JOURNAL_FILE).exists()


def test_without_room_for_a_copy_it_begins_anew(source, half, wanted, tmp_path, elsewhere, monkeypatch):
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(earlier.Copying, "copy", full)
    told: list[dict[str, Any]] = []
    import_dataset(source, tmp_path / "out", on_event=told.append)
    assert {"event": "log", "level": "warning", "message": earlier.ANEW.format("full")} in told
    assert files_of(tmp_path / "out") == wanted


def test_one_that_is_interrupted_while_it_copies_leaves_what_was_read_to_the_next(source, half, wanted, tmp_path, elsewhere):
    with pytest.raises(Interrupted):
        import_dataset(source, tmp_path / "out", keep=True, should_stop=lambda: is_copying(tmp_path))
    assert gone_on(source, tmp_path / "out") == 20 and files_of(tmp_path / "out") == wanted


def is_copying(tmp_path: Path) -> bool:
    """Whether there is a second pack."""
    return len(list(tmp_path.glob(".out.importing-*/pack"))) > 1


def test_of_several_tries_the_one_that_came_furthest_is_gone_on_with(source, wanted, tmp_path):
    killed(source, tmp_path / "a", 2)
    killed(source, tmp_path / "b", 6)
    killed(source, tmp_path / "c", 4)
    tries = [tmp_path / name for name in "abc"]
    assert gone_on(source, tmp_path / "out", earlier=tries) == 24 and files_of(tmp_path / "out") == wanted
    assert not any(publish.staged_for(place) for place in tries)


# What an interrupted one leaves


def interrupted(source: Path, out: Path, **options: Any) -> str:
    """What is said of an import that is asked to stop in its middle."""
    calls = iter([False] * 45)
    with pytest.raises(Interrupted) as raised:
        import_dataset(source, out, keep=True, should_stop=lambda: next(calls, True), **options)
    return raised.value.message


def test_one_that_keeps_what_it_read_is_gone_on_with(tmp_path):
    source = images.write_tar(tmp_path / "in.tar", FILES)
    import_dataset(source, tmp_path / "whole")
    assert interrupted(source, tmp_path / "out") == "Interrupted; what was read of it is kept. Run the same command again to go on."
    assert gone_on(source, tmp_path / "out") > 0 and files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_one_whose_decoding_process_dies_is_gone_on_with(source, tmp_path, monkeypatch):
    read = collect.read_one
    monkeypatch.setattr(collect, "read_one", lambda file, *rest: os._exit(9) if "dog/3" in file[0] else read(file, *rest))
    with pytest.raises(ClassifierError, match="ended by the system"):
        import_dataset(source, tmp_path / "out", keep=True)
    monkeypatch.undo()
    assert gone_on(source, tmp_path / "out") > 0


def test_one_that_cannot_come_to_its_end_leaves_nothing(tmp_path):
    source = images.write_tar(tmp_path / "in.tar", FILES)
    os.truncate(source, source.stat().st_size // 2)
    with pytest.raises(InputError, match="cut short"):
        import_dataset(source, tmp_path / "out", keep=True)
    assert {path.name for path in tmp_path.iterdir()} == {"in.tar"}


# An earlier try that had come to its end


def test_an_earlier_try_that_was_whole_is_taken_as_it_is(source, tmp_path):
    said = import_dataset(source, tmp_path / "first")
    (source / "cat" / "0.png").unlink()
    told: list[dict[str, Any]] = []
    assert import_dataset(source, tmp_path / "out", earlier=[tmp_path / "first"], on_event=told.append) == said
    assert [event["file"] for event in told if event["event"] == "problem"] == [problem["file"] for problem in said["problems"]]
    assert not (tmp_path / "first").exists()


def test_one_that_was_made_by_other_options_is_not(source, tmp_path):
    import_dataset(source, tmp_path / "first")
    assert import_dataset(source, tmp_path / "out", earlier=[tmp_path / "first"], most=5)["images"] == 10
    import_dataset(source, tmp_path / "noted", earlier=[tmp_path / "first"], exif=("date",))
    assert json.loads((tmp_path / "noted" / "dataset.json").read_text())["columns"] == ["exif_date"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"taken"', '"token"'),  # a problem that lacks what is told of it
        lambda text: text.replace('  {"file"', '  {"file', 1),  # no JSON, in the midst of the problems
        lambda text: text.replace('"counts"', '"count"'),
        lambda text: "[]",
    ],
)
def test_an_earlier_try_that_cannot_be_read_is_left_where_it_is_and_the_source_read_again(source, tmp_path, spoil):
    said = import_dataset(source, tmp_path / "first")
    file = tmp_path / "first" / "dataset.json"
    file.write_text(spoil(file.read_text()))
    told: list[dict[str, Any]] = []
    again = import_dataset(source, tmp_path / "out", earlier=[tmp_path / "first"], on_event=told.append)
    names = sorted(problem["file"] for problem in said["problems"])
    assert again["id"] == said["id"] and sorted(event["file"] for event in told if event["event"] == "problem") == names
