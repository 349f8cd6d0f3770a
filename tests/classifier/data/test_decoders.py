"""Processes that decode: their results in order, bounded, and what happens when one of them or their parent dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import psutil
import pytest

from classifier.data import collect, decoders
from classifier.data.decode import decode
from classifier.data.decoders import Decoders
from classifier.data.importer import import_dataset
from classifier.spec.errors import ClassifierError
from tests.classifier import images
from tests.classifier.box import ROOT

MUCH = 1 << 20  # bytes: more than a pipe takes at once


class Part(list):
    held_bytes = 1


def chunks(count: int, more_bytes: int = 0) -> list[list]:
    return [[number, bytes(more_bytes)] for number in range(count)]


def late_first(files):
    """Everything waits for the first chunk, which comes in three parts."""
    if files[0] == 0:
        for _ in range(2):
            yield Part([0])
            time.sleep(0.05)
    yield Part([files[0], os.getpid(), bytes(MUCH)])


@pytest.mark.parametrize("more_bytes", [0, MUCH])
@pytest.mark.parametrize("most", [1, 4])
def test_results_come_in_the_order_of_the_chunks_however_much_goes_to_and_fro(monkeypatch, more_bytes, most):
    monkeypatch.setattr(decoders, "HELD_BYTES", 2)
    with Decoders(late_first, most) as found:
        parts = list(found.ordered(chunks(50, more_bytes)))
    assert [part[0] for part in parts] == [0, 0, *range(50)]
    assert len({part[1] for part in parts[2:]}) <= most and os.getpid() not in {part[1] for part in parts[2:]}


def test_few_files_start_one_process_alone():
    with Decoders(late_first, 8) as found:
        list(found.ordered(chunks(1)))
        assert len(found.processes) == 1


def test_what_is_taken_from_the_source_stays_a_few_chunks_ahead():
    taken, lead = [], []

    def counted():
        for chunk in chunks(100):
            taken.append(chunk)
            yield chunk

    with Decoders(late_first, 2) as found:
        for place, _ in enumerate(found.ordered(counted())):
            lead.append(len(taken) - place)
    assert max(lead) <= 2 * decoders.AHEAD + 1


def test_no_process_is_left_behind_by_a_reader_that_leaves():
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(RuntimeError), Decoders(late_first, 2) as found:
        for _ in found.ordered(chunks(100)):
            raise RuntimeError
    assert {child.pid for child in psutil.Process().children()} == before


def test_a_process_that_is_killed_ends_the_import_in_words(tmp_path, monkeypatch):
    def deadly(data, name):
        if name == "dog/3.png":
            os.kill(os.getpid(), signal.SIGKILL)
        return decode(data, name)

    monkeypatch.setattr(collect, "decode", deadly)
    source = images.write_zip(tmp_path / "pets.zip", images.class_folders(10))
    with pytest.raises(ClassifierError, match=r"ended by the system \(signal 9\).*try again") as raised:
        import_dataset(source, tmp_path / "out")
    assert raised.value.retry and [path.name for path in tmp_path.iterdir()] == ["pets.zip"]


def test_a_system_without_another_process_is_told(monkeypatch):
    def refused(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(decoders, "Process", refused)
    with pytest.raises(ClassifierError, match="starts no process that decodes"), Decoders(late_first, 2) as found:
        list(found.ordered(chunks(2)))


SLOW = r"""
import os, sys, time
from pathlib import Path
from classifier.data import collect
from classifier.data.importer import import_dataset
def slow(data, name):
    os.write(1, b"%d\n" % os.getpid())  # at once: two processes say theirs
    time.sleep(0.2)
    raise MemoryError
collect.decode, collect.CHUNK_FILES = slow, 1
import_dataset(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_the_processes_end_with_a_parent_that_is_killed(tmp_path):
    source = images.write_zip(tmp_path / "pets.zip", images.class_folders(50))
    command = [sys.executable, "-c", SLOW, str(source), str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        decoding = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        decoding.wait(30)  # raises where it goes on


LARGE = """
import resource
from classifier.data import decoders
def has_room(files):
    for share in files:
        try:
            bytes(int(share * least))
        except MemoryError:
            print(share, "is too much", flush=True)
        else:
            print(share, "is had", flush=True)
    yield from ()
least = decoders.LEAST_MEMORY_BYTES = 128 << 20
held = bytes(4 * least)
resource.setrlimit(resource.RLIMIT_DATA, (16 * least, resource.RLIM_INFINITY))
with decoders.Decoders(has_room, 16) as found:
    list(found.ordered([[0.75, 1.25]]))
"""


def test_what_a_parent_holds_takes_nothing_of_the_memory_of_its_processes():
    """Forked they count all of it as theirs; their share is what comes on top, and no more than that."""
    done = subprocess.run([sys.executable, "-c", LARGE], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("0.75 is had\n1.25 is too much\n", "")


@pytest.mark.parametrize("make", [images.write_zip, images.write_folder])
def test_large_files_are_read_one_at_a_time_by_all_processes(tmp_path, monkeypatch, make):
    """Each notes when it began and ended; no two of these times meet."""
    notes = tmp_path / "notes"
    notes.mkdir()

    def noted(data, name):
        began = time.monotonic()
        time.sleep(0.002)
        (notes / name.replace("/", "-")).write_text(f"{began} {time.monotonic()} {os.getpid()}")
        return decode(data, name)

    monkeypatch.setattr(collect, "LARGE_BYTES", 10)
    monkeypatch.setattr(collect, "CHUNK_FILES", 1)
    monkeypatch.setattr(collect, "worker_count", lambda: 8)
    monkeypatch.setattr(collect, "decode", noted)
    import_dataset(make(tmp_path / "pets", images.class_folders(10)), tmp_path / "out")
    rows = sorted(tuple(map(float, note.read_text().split())) for note in notes.iterdir())
    assert len(rows) == 20 and len({pid for *_, pid in rows}) > 1
    assert all(first[1] <= second[0] for first, second in pairwise(rows))


def test_however_many_processes_decode_the_dataset_is_the_same_to_the_byte(tmp_path, monkeypatch):
    files = images.class_folders(60) | {"cat/wide.jpg": images.photograph(7), "dog/wide.jpg": images.photograph(8)}
    source, made = images.write_zip(tmp_path / "pets.zip", files), []
    for count in (1, 3):
        monkeypatch.setattr(collect, "CHUNK_FILES", 5)
        monkeypatch.setattr(collect, "worker_count", lambda count=count: count)
        import_dataset(source, out := tmp_path / f"by-{count}")
        made.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert made[0] == made[1] and len(made[0]) == 8


def test_an_error_of_a_process_is_raised_in_its_parent():
    def wrong(files):
        yield Part(files)
        raise LookupError("a fault of ours")

    with pytest.raises(LookupError, match="a fault of ours") as raised, Decoders(wrong, 2) as found:
        list(found.ordered(chunks(3)))
    assert "in wrong" in raised.value.__notes__[0]
