"""A real child process: its lines, its ends, its strays."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Mapping

import psutil
import pytest

from worker.child import MARK, Child
from worker.sweep import END_SECONDS, sweep

JOB = f"job{os.getpid()}"  # tests that run beside these sweep up too


@pytest.fixture
def start(script, tmp_path):
    """Starts a script as a job's child; whatever is left ends with the test."""
    children = []

    def make(*lines: str, mark: str = f"{JOB}.1", limits: Mapping[int, int] | None = None) -> Child:
        children.append(Child(script(*lines), log=tmp_path / "log.txt", mark=mark, environment={}, limits=limits or {}))
        return children[-1]

    yield make
    for child in children:
        child.close()
        sweep(JOB)


def until_it_ends(child: Child, seconds: float = 60.0) -> list[bytes]:
    """Its lines; the exit is looked for, the pipe's end is not."""
    lines, give_up_at = [], time.monotonic() + seconds
    while child.exit_code() is None:
        assert time.monotonic() < give_up_at
        lines += child.lines(0.1)
    return [*lines, *child.last_lines()]


def first_line(child: Child) -> bytes:
    """Waits for it."""
    for _ in range(600):
        if lines := child.lines(0.1):
            return lines[0]
    raise AssertionError("it said nothing")


def test_lines_arrive_whole(start):
    child = start("print('{\"a\": 1}\\n' + 'x' * 300_000 + '\\nlast', end='')")
    assert [len(line) for line in until_it_ends(child)] == [8, 300_000, 4]


def test_the_error_stream_goes_into_the_log(start, tmp_path):
    until_it_ends(start("print('oh', file=sys.stderr)"))
    assert (tmp_path / "log.txt").read_text() == "oh\n"


def test_a_grandchild_that_keeps_the_pipe_open_is_not_waited_for(start):
    child = start("subprocess.Popen(['sleep', '60'], start_new_session=True)", "print('done')")
    began = time.monotonic()
    assert until_it_ends(child) == [b"done"]
    assert time.monotonic() - began < 30


def test_a_sweep_ends_strays_that_left_the_group(start):
    child = start("print(subprocess.Popen(['sleep', '60'], start_new_session=True).pid)")
    (line,) = until_it_ends(child)
    assert sweep(JOB) == [int(line)]


def test_a_sweep_does_not_wait_for_a_parent_that_takes_no_notice(start):
    marked = f"env={{**os.environ, '{MARK}': '{JOB}.1'}}"
    parent = start(f"print(subprocess.Popen(['sleep', '60'], {marked}).pid, flush=True)", "time.sleep(60)", mark="another.1")
    line, began = first_line(parent), time.monotonic()
    assert sweep(JOB) == [int(line)]
    assert time.monotonic() - began < END_SECONDS


def test_a_sweep_of_older_fences_leaves_the_newer_alone(start):
    older, newer = start("print(1)", "time.sleep(60)", mark=f"{JOB}.1"), start("print(1)", "time.sleep(60)", mark=f"{JOB}.2")
    first_line(older), first_line(newer)
    assert sweep(JOB, older_than=2) == [older.process.pid]


def test_a_sweep_leaves_other_jobs_alone(start):
    first_line(start("print(1)", "time.sleep(60)"))
    assert sweep("another job") == []


def test_an_interrupt_reaches_it_even_where_its_starter_ignores_ctrl_c(start):
    child = start("signal.signal(signal.SIGINT, lambda *_: sys.exit(130))", "print('ready')", "time.sleep(60)")
    first_line(child)
    child.interrupt()
    until_it_ends(child)
    assert child.exit_code() == 130


def test_it_is_marked_and_told_to_watch_its_input(start):
    child = start(f"print(os.environ['{MARK}'], os.environ['SYNSET_WATCH_STDIN'])")
    assert until_it_ends(child) == [f"{JOB}.1 1".encode()]


def test_its_input_closes_with_its_starter(start):
    child = start("sys.stdin.read()", "print('alone')")
    child.process.stdin.close()
    assert until_it_ends(child) == [b"alone"]


def test_it_leads_a_session_of_its_own(start):
    child = start("print(os.getsid(0) == os.getpid())")
    assert until_it_ends(child) == [b"True"]


def test_it_is_kept_within_its_limits(start):
    child = start("import resource", "print(*resource.getrlimit(resource.RLIMIT_FSIZE))", limits={resource.RLIMIT_FSIZE: 1 << 30})
    assert until_it_ends(child) == [b"1073741824 1073741824"]


def test_a_file_over_the_limit_is_an_error_and_no_crash(start):
    child = start(
        "from pathlib import Path",
        "try: Path(sys.argv[0] + '.big').write_bytes(bytes(5000))",
        "except OSError as error: print(error.strerror)",
        limits={resource.RLIMIT_FSIZE: 4096},
    )
    assert until_it_ends(child) == [b"File too large"]


def test_closing_leaves_no_process(start):
    child = start("print(1)", "time.sleep(60)")
    first_line(child)
    child.close()
    assert not psutil.pid_exists(child.process.pid) or os.getpid() == child.process.pid
