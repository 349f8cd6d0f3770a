"""The queue page's cards of hosts, and its marks on jobs that tell nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from webapp.jobs import actions, queries
from webapp.jobs.clock import ago, database_time
from webapp.jobs.hosts import hosts
from webapp.jobs.models import JobEvent, Node
from webapp.jobs.nodes import seen

GB = 10**9
VERSIONS = {"synset": "0.1.0", "schema": "aaaa", "python": "3.12.7", "torch": "2.11"}
FIGURES = {
    "versions": VERSIONS,
    "up_seconds": 7200,
    "processors": 96,
    "cpu": 0.42,
    "memory_used": 97 * GB,
    "memory_total": 100 * GB,
    "disk_free": 310 * GB,
    "disk_total": 620 * GB,
}
GPU = {"index": 0, "name": "NVIDIA H200", "memory_used": 75 * GB, "memory_total": 150 * GB, "use": 0.67, "temperature": 61, "watts": 540}


@pytest.fixture
def page(viewer, signed_in):
    """The words of the queue page."""

    def read() -> str:
        text = re.sub(r"<[^>]+>", " ", signed_in(viewer).get("/queue/").content.decode())
        return re.sub(r"\s+", " ", text.replace("&#x27;", "'"))

    return read


def card(name: str = "gpu-01") -> Any:
    return next(host for host in hosts(seen(), list(queries.running())) if host.name == name)


def beat(role: str = "device", **facts: Any) -> None:
    actions.beat(f"{role}@gpu-01", role, "gpu-01", facts.pop("slots", 1), {**FIGURES, **facts})


def test_a_host_shows_its_figures_versions_and_gpus(page):
    beat(gpus=[GPU], driver="580.95")
    words = page()
    for told in ("gpu-01", "1 GPU · 96 cores · 100 GB", "42 %", "97 GB of 100 GB", "310 GB free", "GPU 0 · NVIDIA H200", "61 °C · 540 W"):
        assert told in words, told
    for told in ("67 %", "75 GB of 150 GB", "Synset\xa00.1.0", "Python\xa03.12.7", "torch\xa02.11", "driver\xa0580.95", "up 2 h"):
        assert told.replace("\xa0", " ") in words, told


def test_a_gpu_that_tells_little_is_shown_with_what_it_tells(page):
    beat(gpus=[{"index": 3}, {"index": 4, "fault": "GPU is lost"}])
    first, second = card().gpus
    assert (first.name, first.note, [bar.told for bar in first.bars]) == ("GPU 3", "", ["–", "–"])
    assert "GPU is lost" in page() and second.note == "GPU is lost"


def test_a_memory_that_is_nearly_full_is_red_and_a_half_full_disk_is_not(db):
    beat()
    assert {bar.label: bar.tone for bar in card().bars} == {"CPU": "", "Memory": "bad", "Disk": ""}


def test_what_a_host_did_not_tell_is_a_dash(db):
    actions.beat("host@bare", "host", "bare")
    assert {bar.label: (bar.share, bar.told) for bar in card("bare").bars} == dict.fromkeys(("CPU", "Memory", "Disk"), (None, "–"))


def test_processes_of_a_host_stand_together_with_what_each_runs(submit):
    beat(slots=2)
    beat("keeper")
    claim = actions.claim(submit().id, "device@gpu-01:77")
    first, last = card().processes
    assert (first.word, [job.id for job in first.jobs], last.does) == ("1 of 2 busy", [claim.job_id], "Keeps the queue")


def test_a_worker_without_work_is_free(db):
    beat()
    assert card().processes[0].word == "free"


def test_a_job_of_another_team_stays_nameless_on_a_host(submit, outsider, signed_in):
    beat()
    actions.claim(submit().id, "device@gpu-01:77")
    page = signed_in(outsider).get("/queue/").content.decode()
    assert "a train" not in page and page.count("Another team's job</span>") == 2


def test_a_worker_that_refuses_says_so_on_the_page(page):
    beat(slots=0, refuses="its version is older than the database's schema; update and restart it")
    assert "device@gpu-01 refuses: its version is older than the database's schema; update and restart it." in page()
    assert (card().word, card().processes[0].word) == ("1 of 1 refuses", "refuses")


def test_processes_of_different_versions_on_one_host_are_named(page):
    beat()
    beat("host", versions={**VERSIONS, "schema": "bbbb"})
    assert "Its processes run different versions; restart them." in page()


def test_a_silent_process_leaves_the_figures_to_those_that_live(db):
    beat(cpu=0.9)
    Node.objects.update(beat_at=ago(300))
    beat("host", cpu=0.1)
    assert (card().word, card().bars[0].told) == ("1 of 2 silent", "10 %")


def test_a_keeper_whose_duty_hangs_is_marked_late(page):
    beat("keeper", reaped_at=(database_time()).isoformat(), dispatched_at="2020-01-01T00:00:00+00:00")
    assert card().processes[0].word == "late"
    assert "The dispatcher is dead" in page()


@pytest.mark.parametrize(("seconds", "level"), [(100, ""), (301, "quiet"), (601, "silent")])
def test_a_running_job_that_tells_nothing_is_quiet_and_then_silent(submit, page, seconds, level):
    actions.claim(submit().id, "device@gpu-01:77")
    JobEvent.objects.update(time=ago(seconds))
    words = page()
    assert (f"{level} for" in words) if level else ("quiet for" not in words and "silent for" not in words)


def test_a_job_was_heard_when_it_told_its_newest_event(submit):
    claim = actions.claim(submit().id, "w")
    JobEvent.objects.update(time=ago(1000))
    actions.record(claim, [actions.NewEvent("log", {"message": "alive"})])
    job = queries.heard(queries.running()).get()
    assert queries.silence(job, database_time()).seconds < 100


def test_the_newest_event_is_found_by_an_index(submit):
    from django.db import connection

    claim = actions.claim(submit().id, "w")
    JobEvent.objects.bulk_create(JobEvent(job_id=claim.job_id, seq=seq, kind="log", data={}) for seq in range(1_000, 3_000))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE jobs_jobevent")  # of a table with hardly a row its planner takes any index, or reads all
    plan = queries.heard(queries.running()).explain()
    wanted = "one_event_a_number" if connection.vendor == "postgresql" else "SEARCH U0 USING INDEX"
    assert wanted in plan or "sqlite_autoindex_jobs_jobevent" in plan, plan


def test_more_hosts_take_no_more_queries(submit, viewer, signed_in, django_assert_max_num_queries):
    for number in range(6):
        actions.beat(f"device@h{number}", "device", f"h{number}", 1, FIGURES)
        actions.claim(submit().id, f"device@h{number}:1")
    client = signed_in(viewer)
    with django_assert_max_num_queries(22):
        client.get("/queue/")
