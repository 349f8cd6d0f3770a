from __future__ import annotations

import os
import threading
import time

import pytest

from webapp.ops import processes, supervisor
from webapp.ops.processes import Child, rotate, sweep, tail
from webapp.ops.supervisor import Supervisor


@pytest.fixture
def child(tmp_path):
    """A child that runs a shell line; it is killed after the test."""
    made = []

    def make(line, **environment):
        made.append(Child("it", ["sh", "-c", line], tmp_path / "it.log", {"PATH": "/usr/bin:/bin", **environment}))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def watching(child, monkeypatch):
    """A supervisor that already started one child, without the rest of the tree."""
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(supervisor, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "ready", lambda: None)

    def make(line):
        watcher = Supervisor(lambda: None)
        monkeypatch.setattr(watcher.tree, "followers", list)
        watcher.launch(child(line))
        return watcher

    return make


def test_a_child_that_ended_is_started_again(watching, tmp_path):
    watcher = watching(f"echo again >> {tmp_path}/count; [ $(wc -l < {tmp_path}/count) -ge 3 ] && exec sleep 60")
    threading.Timer(1.0, watcher.stop, (0,)).start()
    watcher.watch()
    assert (tmp_path / "count").read_text().count("again") == 3


def test_a_child_that_always_ends_makes_it_give_up_with_the_end_of_its_log(watching, capsys):
    watcher = watching("echo the reason; exit 3")
    watcher.watch()
    assert watcher.exit_status == 1
    said = capsys.readouterr().err
    assert "giving up" in said
    assert "the reason" in said


def test_a_child_that_ignores_the_request_is_killed(watching, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    watcher = watching("trap '' TERM; while :; do sleep 0.05; done")
    time.sleep(0.1)
    watcher.shut_down()
    assert watcher.children[0].status == -9


def test_what_left_its_parent_is_swept(child):
    marked = child("setsid sleep 60 & exit 0", **{processes.MARK: "a-mark-of-its-own"})
    marked.start()
    marked.process.wait(5)
    assert sweep("a-mark-of-its-own") == 1
    assert sweep("a-mark-of-its-own") == 0


def test_a_child_runs_in_a_session_of_its_own(child):
    own = child("exec sleep 60")
    own.start()
    assert os.getsid(own.pid) == own.pid


def test_a_large_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_BYTES", 10)
    for text in ("first line", "second line", "third line", "fourth line"):
        rotate(tmp_path / "a.log")
        (tmp_path / "a.log").write_text(text)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.log": "fourth line",
        "a.log.1": "third line",
        "a.log.2": "second line",
        "a.log.3": "first line",
    }


def test_a_tail_is_short(tmp_path):
    (tmp_path / "a.log").write_text("\n".join(map(str, range(10_000))))
    assert tail(tmp_path / "a.log", 2) == "9998\n9999"


def test_readiness_is_asked_under_a_name_of_the_servers(live_server, transactional_db, settings, monkeypatch):
    monkeypatch.setattr(supervisor, "address", lambda: f"{live_server.url}/")
    settings.ALLOWED_HOSTS = [".example.org"]
    assert '"status": "down"' in supervisor.ready()
