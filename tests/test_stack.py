"""The helpers that run whole process trees wait for what they say, and never without end."""

from __future__ import annotations

import os
import sys

import pytest

from tests.faults.processes import wait_for
from tests.plugins import desk, stack
from tests.plugins.desk import Desk
from tests.plugins.stack import Stack, processes_of

# Ends at once by Ctrl-C; its child takes none, as a process does that hangs.
TREE = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
signal.signal(signal.SIGINT, lambda *_: sys.exit() if {ends} else None)
print("up", flush=True)
while True:
    time.sleep(600)
"""


def tree(home, *, ends: bool) -> Stack:
    made = Stack(home)
    made.command = [sys.executable, "-c", TREE.format(ends=ends)]
    return made


def is_up(made: Stack) -> bool:
    return "up" in made.output.read_text()


def test_a_process_that_outlives_its_tree_is_gone_when_the_stack_is(tmp_path):
    with tree(tmp_path / "home", ends=True) as made:
        wait_for(lambda: is_up(made), 20, made.output.read_text)
        assert len(processes_of(made.home)) == 2
    assert processes_of(made.home) == {} and made.process.returncode == 0


def test_a_tree_that_does_not_end_is_named_and_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "END_SECONDS", 0.2)
    made = tree(tmp_path / "home", ends=False)
    with pytest.raises(AssertionError, match=r"(?s)after 0.2 s there are still\n.*time.sleep\(600\)"), made:
        wait_for(lambda: is_up(made), 20, made.output.read_text)
    assert processes_of(made.home) == {} and made.process.returncode is not None


def test_a_process_that_ends_as_it_is_killed_leaves_no_other_alive(tmp_path, monkeypatch):
    made, found = tree(tmp_path / "home", ends=True), processes_of
    gone = 2**22 + 1  # above the number of any process
    once = iter([{gone: "it has ended"}])
    monkeypatch.setattr(stack, "processes_of", lambda home: {**next(once, {}), **found(home)})
    with made:
        wait_for(lambda: is_up(made), 20, made.output.read_text)
    assert found(made.home) == {}


def test_a_management_command_that_hangs_is_ended_and_named(monkeypatch):
    monkeypatch.setattr(desk, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(desk, "ANSWERS", "import time; time.sleep(600)")
    with Desk(dict(os.environ)) as made, pytest.raises(AssertionError, match=r"ended at \('hang',\), or was ended after 0.5 s"):
        made.call("hang")
