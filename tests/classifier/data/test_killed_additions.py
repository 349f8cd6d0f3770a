"""A revision that adds images and is killed, at any moment: the next try goes on with it, and what comes of it is the same to the byte."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from classifier.data import adding, collect, journal
from classifier.data.importer import import_dataset
from classifier.data.publish import owned
from classifier.data.revise import revise
from classifier.spec.errors import InputError, Interrupted
from tests.classifier import images

PETS = images.class_folders(6)
FIRST = {f"{'cow' if n % 2 else 'bird'}/{n}.png": images.picture(500 + n) for n in range(24)} | {
    "bird/bad.png": b"no",
    "bird/twin.png": images.picture(503),
    "bird/there.png": PETS["cat/0.png"],
    "bird/wide.jpg": images.photograph(7),
    "t.csv": b"file,ward\n" + b"".join(f"{n}.png,w{n % 3}\n".encode() for n in range(24)),
}
SECOND = {f"{'fish' if n % 2 else 'bird'}/{n}.png": images.picture(700 + n) for n in range(12)} | {"fish/again.png": FIRST["bird/4.png"]}
CHANGES = [{"op": "add", "source": "first.zip"}, {"op": "sample", "position": 1, "removed": True}, {"op": "add", "source": "second.tar"}]
FILES_A_PART = 4


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the journal for each few files, and copies of as many."""
    monkeypatch.setattr(journal, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(journal, "COST_SHARE", 1e9)
    monkeypatch.setattr(collect, "CHUNK_FILES", FILES_A_PART)
    monkeypatch.setattr(adding, "AT_ONCE", FILES_A_PART)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The version that gains images, beside the sources and the file of changes."""
    return made(tmp_path / "set")


def made(folder: Path) -> Path:
    source = folder.with_name(f"{folder.name} source")
    source.mkdir()
    import_dataset(images.write_zip(source / "pets.zip", PETS), folder / "data")
    images.write_zip(folder / "first.zip", FIRST)
    images.write_tar(folder / "second.tar", SECOND)
    (folder / "changes.jsonl").write_text("\n".join(map(json.dumps, CHANGES)))
    return folder / "data"


def killed(base: Path, fault: str = "", seconds: float = 0.0, **how: Any) -> bool:
    """A revision that the kernel kills at a point, or after a time; whether it was killed before its end."""
    number = os.fork()
    if not number:
        try:
            os.environ["FAULT"] = fault
            revise(base, base.parent / "changes.jsonl", base.parent / "v2", **how)
        finally:
            os._exit(0)
    if seconds:
        time.sleep(seconds)
        os.kill(number, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == -signal.SIGKILL


def gone_on(base: Path, **how: Any) -> int:
    """How many files were not read again."""
    told: list[dict[str, Any]] = []
    revise(base, base.parent / "changes.jsonl", base.parent / "v2", on_event=told.append, **how)
    return kept(told)


def kept(told: list[dict[str, Any]]) -> int:
    """Of all sources, as the last progress of each says."""
    counts = [event.get("kept", 0) for event in told if event["event"] == "progress" and event["stage"] == "decoding"]
    starts = [place for place, event in enumerate(counts) if place == 0 or counts[place - 1] > event]
    ends = [*starts[1:], len(counts)]
    return sum(max(counts[start:end], default=0) for start, end in zip(starts, ends, strict=True))


def files_of(base: Path) -> dict[str, Any]:
    """Each file of the grown pack and of the version; its problems in no order, since refusals are told while others decode."""
    out = base.parent / "v2"
    found: dict[str, Any] = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    found |= {f"pack/{path.name}": path.read_bytes() for path in (base / "pack").iterdir()}
    about = json.loads(found.pop("dataset.json"))
    return found | {"about": about | {"problems": sorted(about["problems"], key=str)}}


@pytest.fixture
def wanted(tmp_path: Path) -> dict[str, Any]:
    """What comes of a revision that nothing happens to."""
    base = made(tmp_path / "other")
    revise(base, base.parent / "changes.jsonl", base.parent / "v2")
    return files_of(base)


def is_clean(base: Path) -> bool:
    """Whether nothing is left beside the versions."""
    return {path.name for path in base.parent.iterdir()} == {"data", "v2", "first.zip", "second.tar", "changes.jsonl"}


@pytest.mark.parametrize("fault", ["import@1", "import@4", "import@9", "copy@1", "copy@3", "grown@1", "grown@2", "publish"])
def test_killed_at_any_point_it_is_the_same_to_the_byte(base: Path, wanted: dict[str, Any], fault: str) -> None:
    assert killed(base, f"{fault}:kill") and not (base.parent / "v2").exists()
    assert gone_on(base) > 0 and files_of(base) == wanted and is_clean(base)


@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_at_random_moments_it_is_the_same_to_the_byte(base: Path, wanted: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    kills = 0
    for _ in range(6):
        if (base.parent / "v2").exists():
            shutil.rmtree(base.parent / "v2")  # it was quicker; the next one finds the pack grown
        kills += killed(base, seconds=chance.uniform(0.02, 0.4))
    if (base.parent / "v2").exists():
        shutil.rmtree(base.parent / "v2")
    gone_on(base)
    assert kills and files_of(base) == wanted and is_clean(base)


def test_no_image_is_read_again_once_all_were_read(base: Path, wanted: dict[str, Any]) -> None:
    assert killed(base, "publish:kill")
    assert gone_on(base) == 28 + 13 and files_of(base) == wanted


def test_the_pack_grows_by_nothing_before_all_of_a_source_was_read(base: Path) -> None:
    before = {path.name: path.read_bytes() for path in (base / "pack").iterdir()}
    killed(base, "import@5:kill")
    assert {path.name: path.read_bytes() for path in (base / "pack").iterdir()} == before


def test_it_says_where_it_goes_on(base: Path) -> None:
    killed(base, "copy@1:kill")
    told: list[dict[str, Any]] = []
    revise(base, base.parent / "changes.jsonl", base.parent / "v2", on_event=told.append)
    assert "Decoding added images. It goes on at image 29" in [event.get("message") for event in told]


def test_who_keeps_what_was_read_goes_on_also_where_the_version_was_made_and_lost(base: Path, wanted: dict[str, Any]) -> None:
    revise(base, base.parent / "changes.jsonl", base.parent / "v2", keep=True)
    assert files_of(base) == wanted and len(adding.read_for(base.parent / "v2")) == 1
    (base.parent / "v2").rename(base.parent / "lost")
    revise(base, base.parent / "changes.jsonl", base.parent / "v3", earlier=[base.parent / "v2"])
    assert not adding.read_for(base.parent / "v2") and not adding.read_for(base.parent / "v3")
    (base.parent / "v3").rename(base.parent / "v2")
    assert files_of(base) == wanted


@pytest.mark.parametrize("keep", [False, True])
def test_one_that_is_stopped_keeps_what_was_read_where_it_is_to(base: Path, wanted: dict[str, Any], keep: bool) -> None:
    told: list[dict[str, Any]] = []
    changes, out = base.parent / "changes.jsonl", base.parent / "v2"
    with pytest.raises(Interrupted):
        revise(base, changes, out, keep=keep, on_event=told.append, should_stop=lambda: any(event.get("done", 0) > 12 for event in told))
    assert len(adding.read_for(out)) == keep
    assert bool(gone_on(base)) == keep and files_of(base) == wanted


def test_a_later_source_that_is_refused_costs_nothing_of_the_first(base: Path, wanted: dict[str, Any]) -> None:
    good = (base.parent / "second.tar").read_bytes()
    images.write_tar(base.parent / "second.tar", {"fish/0.png": b"no picture"})
    with pytest.raises(InputError, match="No image of second.tar can be added"):
        revise(base, base.parent / "changes.jsonl", base.parent / "v2", keep=True)
    (base.parent / "second.tar").write_bytes(good)
    assert gone_on(base) == 28 and files_of(base) == wanted


def test_of_one_that_lives_on_without_knowing_nothing_comes_in(base: Path, wanted: dict[str, Any]) -> None:
    killed(base, "copy@1:kill")
    (folder,) = adding.read_for(base.parent / "v2")
    with owned(folder), owned(folder / "0"), (folder / "0" / "pack" / "index.bin").open("ab") as theirs:
        theirs.write(b"written without knowing")
        theirs.flush()
        revise(base, base.parent / "changes.jsonl", base.parent / "v3", earlier=[base.parent / "v2"])
    (base.parent / "v3").rename(base.parent / "v2")
    assert files_of(base) == wanted


def test_what_was_read_in_another_encoding_is_read_again(base: Path) -> None:
    killed(base, "copy@1:kill")
    changed = [CHANGES[0] | {"encoding": "cp866"}, *CHANGES[1:]]
    (base.parent / "changes.jsonl").write_text("\n".join(map(json.dumps, changed)))
    assert gone_on(base) == 0 and is_clean(base)


def test_a_folder_that_is_swept_meanwhile_stops_nothing(base: Path, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "read_for", lambda out: [out.with_name(".v2.adding-gone")])
    assert gone_on(base) == 0 and files_of(base) == wanted and is_clean(base)
