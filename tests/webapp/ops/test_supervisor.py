from __future__ import annotations

import os
import threading
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from webapp.jobs import actions
from webapp.jobs.clock import ago
from webapp.jobs.models import Node
from webapp.ops import processes, supervisor
from webapp.ops.processes import Child, rotate, sweep, tail
from webapp.ops.supervisor import Supervisor
from webapp.ops.tree import CannotStart


@pytest.fixture
def child(tmp_path):
    """A child that runs a shell line; it is killed after the test."""
    made = []

    def make(line, name="it", **environment):
        made.append(Child(name, ["sh", "-c", line], tmp_path / "it.log", {"PATH": "/usr/bin:/bin", **environment}))
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

    def make(line, name="it"):
        watcher = Supervisor(lambda: None)
        monkeypatch.setattr(watcher.tree, "followers", list)
        watcher.launch(child(line, name))
        return watcher

    return make


def test_a_child_that_ended_is_started_again(watching, tmp_path):
    watcher = watching(f"echo again >> {tmp_path}/count; [ $(wc -l < {tmp_path}/count) -ge 3 ] && exec sleep 60")
    threading.Timer(1.0, watcher.stop, (0,)).start()
    watcher.watch()
    assert (tmp_path / "count").read_text().count("again") == 3


@pytest.mark.parametrize("name", ["redis", "web", "keeper"])
def test_a_vital_child_that_always_ends_makes_it_give_up_with_the_end_of_its_log(name, watching, capsys):
    watcher = watching("echo the reason; exit 3", name)
    watcher.watch()
    assert watcher.exit_status == 1
    said = capsys.readouterr().err
    assert "giving up" in said
    assert "the reason" in said


def test_a_worker_that_always_ends_leaves_the_rest_running(watching, monkeypatch):
    monkeypatch.setattr(supervisor, "MOST_BACKOFF_SECONDS", 0.001)
    watcher = watching("exit 3", "interactive")
    deaths: list[float] = []

    def noted(child, now):
        note_death(child, now)
        deaths.append(now)
        if len(deaths) > supervisor.DEATHS:
            watcher.stop(0)

    note_death = watcher.note_death
    monkeypatch.setattr(watcher, "note_death", noted)
    watcher.watch()
    assert watcher.exit_status == 0 and len(deaths) == supervisor.DEATHS + 1


def test_a_child_that_ends_at_once_waits_twice_as_long_each_time_up_to_a_minute(child):
    watcher, it = Supervisor(lambda: None), child("exit 3")
    waits = []
    for now in range(10):
        it.started_at = now
        watcher.note_death(it, now)
        waits.append(watcher.due["it"] - now)
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_child_that_ran_for_a_while_starts_again_soon(child):
    watcher, it = Supervisor(lambda: None), child("exit 3")
    for now in (0, 1, 2, 1000):
        watcher.note_death(it, now)
    assert watcher.due["it"] == 1000.5


def test_a_child_that_ignores_the_request_is_killed(watching, monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    watcher = watching(f"trap '' TERM; touch {tmp_path}/deaf; while :; do sleep 0.05; done")
    while not (tmp_path / "deaf").exists():
        time.sleep(0.02)
    watcher.shut_down()
    assert watcher.children[0].status == -9


def test_what_left_its_parent_is_swept(child):
    marked = child("setsid sleep 60 & exit 0", **{processes.MARK: "a-mark-of-its-own"})
    marked.start()
    marked.process.wait(5)
    assert sweep("a-mark-of-its-own") == 1
    assert sweep("a-mark-of-its-own") == 0


def test_what_is_born_during_a_sweep_is_swept_too(child, monkeypatch):
    first = child("exec sleep 60", **{processes.MARK: "a-mark-of-its-own"})
    late = child("exec sleep 60", **{processes.MARK: "a-mark-of-its-own"})
    first.start()
    look_again = processes.look_again
    monkeypatch.setattr(processes, "look_again", lambda *seen: look_again(*seen) if late.process else late.start() or look_again(*seen))
    assert sweep("a-mark-of-its-own") == 2


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


def test_readiness_is_asked_also_where_no_name_is_allowed(monkeypatch, settings):
    monkeypatch.setattr(supervisor, "address", lambda: "http://127.0.0.1:1/")
    settings.ALLOWED_HOSTS = []
    assert "refused" in supervisor.ready()


def test_a_classifier_that_an_earlier_run_left_silent_holds_no_start_up(live_server, transactional_db, monkeypatch):
    """It is started once the rest is ready: to wait for it would be to wait for oneself."""
    monkeypatch.setattr(supervisor, "address", lambda: f"{live_server.url}/")
    for role in ("device", "host", "keeper"):
        actions.beat(f"{role}@here", role, "here")
    actions.beat("interactive@elsewhere", "interactive", "elsewhere")
    Node.objects.filter(role="interactive").update(beat_at=ago(300))
    assert supervisor.ready() is None
    Node.objects.filter(role="device").delete()
    assert '"workers"' in supervisor.ready()


def test_a_full_disk_holds_no_start_up(live_server, transactional_db, monkeypatch, settings):
    """Its pages say what to free, and it is freed there."""
    monkeypatch.setattr(supervisor, "address", lambda: f"{live_server.url}/")
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    for role in ("device", "host", "keeper"):
        actions.beat(f"{role}@here", role, "here")
    with pytest.raises(HTTPError) as answer:
        urlopen(f"{live_server.url}/readyz")
    assert supervisor.down_by(answer.value.read()) == ["disk"]
    assert supervisor.ready() is None


@pytest.mark.parametrize("answer", ["", "<html>", "[]", '{"down": null}'])
def test_an_answer_that_is_none_of_ours_is_not_readiness(answer):
    assert not supervisor.NO_OBSTACLES.issuperset(supervisor.down_by(answer))


def test_a_version_older_than_the_tables_does_not_start(db, monkeypatch):
    watcher = Supervisor(lambda: None)
    monkeypatch.setattr(watcher.tree, "redis", lambda: None)
    MigrationRecorder(connection).record_applied("jobs", "9999_of_the_future")
    with pytest.raises(CannotStart, match="This Synset's version is older than the database's schema; update and restart it."):
        watcher.start()
    assert watcher.children == []
