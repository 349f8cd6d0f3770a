"""The real thing: whole trees as processes of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.plugins.stack import Stack, processes_of
from webapp.core.home import CHECKOUT

pytestmark = pytest.mark.faults
WEB_BYTES = 150 * 1024 * 1024


def ended_within(home: Path, seconds: float) -> bool:
    """Whether nothing of that data folder runs any more before the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not processes_of(home):
            return True
        time.sleep(0.1)
    return False


def web_pid(stack: Stack) -> int:
    return next(pid for pid, command in processes_of(stack.home).items() if "uvicorn" in command)


class Run(NamedTuple):
    """A tree from its first start to Ctrl-C."""

    base: str
    printed: str
    status: int
    left: dict[int, str]


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("run")) as stack:
        stack.wait_until_ready()
        while "setup" not in stack.output.read_text():
            time.sleep(0.05)
        printed = stack.output.read_text()
        stack.interrupt()
        return Run(stack.base, printed, stack.process.wait(40), processes_of(stack.home))


def test_ctrl_c_stops_all_and_leaves_nothing(one_run):
    assert one_run.status == 0
    assert not one_run.left


def test_the_first_start_prints_where_the_owner_is_made(one_run):
    assert f"dashboard: {one_run.base}/\n" in one_run.printed
    assert re.search(rf"{one_run.base}/setup/[\w-]{{20,}}/", one_run.printed)


def test_a_supervisor_that_is_killed_leaves_nothing(tmp_path):
    with Stack(tmp_path / "home").prepared() as stack:
        stack.wait_until_ready()
        stack.process.kill()
        assert ended_within(stack.home, 6)


def test_a_port_in_use_is_said_before_anything_starts(tmp_path):
    stack = Stack(tmp_path / "home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        with stack:
            assert stack.process.wait(20) == 1
    assert f"Port {stack.port} on 127.0.0.1 is in use" in stack.output.read_text()
    assert not (stack.home / "logs" / "redis.log").exists()


def test_a_second_tree_on_one_data_folder_is_refused(stack):
    second = Stack(stack.home)
    done = subprocess.run(second.command, cwd=CHECKOUT, env=second.environment, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    assert "already runs" in done.stderr


def test_the_web_process_has_no_torch_and_stays_small(stack):
    pid = web_pid(stack)
    maps = Path(f"/proc/{pid}/maps").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024
    assert "torch" not in maps
    assert resident < WEB_BYTES


def test_a_web_process_that_is_killed_comes_back(stack):
    before = web_pid(stack)
    os.kill(before, signal.SIGKILL)
    while before in processes_of(stack.home):
        time.sleep(0.02)
    stack.wait_until_ready(20)
    assert web_pid(stack) != before


def test_every_process_knows_the_data_folder_by_its_whole_path(stack):
    assert stack.home.is_absolute()
    commands = " ".join(processes_of(stack.home).values())
    assert all(part in commands for part in ("uvicorn", "worker.keeper", "worker.interactive", "-Q host", "-Q device"))


def test_no_secret_stands_on_a_command_line_or_is_readable_by_others(stack):
    secrets = [path for path in (stack.home / "secrets").iterdir() if path.name in ("django", "redis")]
    commands = " ".join(processes_of(stack.home).values())
    assert len(secrets) == 2
    assert not any(path.read_text() in commands for path in secrets)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in [*secrets, stack.home / "run" / "redis.conf"])
