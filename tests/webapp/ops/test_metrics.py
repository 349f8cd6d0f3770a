"""GET /metrics: the token that opens it, and the figures in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from webapp.accounts.models import Team
from webapp.datasets.models import Dataset
from webapp.jobs import actions
from webapp.jobs.clock import ago, database_time
from webapp.jobs.models import Job, JobEvent, Node, State
from webapp.ops import metrics

TOKEN = "a token of twenty letters"
Figures = Callable[[], dict[str, dict[tuple[tuple[str, str], ...], float]]]


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client, token: str = TOKEN, **headers: str):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def figures(db, client) -> Figures:
    """What Prometheus reads: {metric: {labels: value}}."""

    def read():
        answer = scrape(client)
        assert answer.status_code == 200, answer.content
        samples = [sample for family in text_string_to_metric_families(answer.content.decode()) for sample in family.samples]
        found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
        for sample in samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
        return found

    return read


@pytest.fixture
def submit(team: Team) -> Callable[..., Job]:
    return lambda kind="train": actions.submit(team=team, user=None, kind=kind, title="a secret name")


def labels(**named: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(named.items()))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ü"])
def test_without_its_token_nothing_is_told(header, db, client):
    answer = client.get("/metrics", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
    assert b"synset_" not in answer.content and b"METRICS_TOKEN" in answer.content


def test_an_owners_session_does_not_open_it(owner, signed_in):
    assert signed_in(owner).get("/metrics").status_code == 401


def test_it_is_the_text_format_that_no_cache_keeps(db, client):
    answer = scrape(client)
    assert answer["Content-Type"].startswith("text/plain; version=") and "no-store" in answer["Cache-Control"]


def test_openmetrics_is_given_where_it_is_asked_for(db, client):
    answer = scrape(client, Accept="application/openmetrics-text; version=1.0.0")
    assert answer["Content-Type"].startswith("application/openmetrics-text") and answer.content.endswith(b"# EOF\n")


def test_jobs_are_counted_by_state_kind_and_queue(submit, figures):
    submit(), submit(), submit("import")
    actions.claim(submit("evaluate").id, "device@here:1")
    jobs = figures()["synset_jobs"]
    assert jobs[labels(state="queued", kind="train", queue="device")] == 2
    assert jobs[labels(state="queued", kind="import", queue="host")] == 1
    assert jobs[labels(state="running", kind="evaluate", queue="device")] == 1


def test_the_longest_wait_of_each_queue_is_told(submit, figures):
    submit(), submit()
    Job.objects.filter(pk=submit().pk).update(queued_at=ago(500))
    oldest = figures()["synset_jobs_oldest_waiting_seconds"]
    assert 499 < oldest[labels(queue="device")] < 520 and oldest[labels(queue="host")] == 0


def test_a_running_job_has_its_silence_and_never_its_name(submit, figures, client):
    claim = actions.claim(submit().id, "device@here:1")
    JobEvent.objects.update(time=ago(700))
    found = figures()
    silent = found["synset_running_job_silent_seconds"][labels(job=claim.job_id, kind="train", queue="device", node="device@here")]
    assert 699 < silent < 720
    assert found["synset_running_jobs_silent"] == {labels(level="quiet"): 0, labels(level="silent"): 1}
    assert b"secret" not in scrape(client).content


def test_a_lease_that_is_over_is_counted_until_it_is_taken_up(submit, figures):
    claim = actions.claim(submit().id, "w")
    Job.objects.filter(pk=claim.job_id).update(lease_until=ago(1))
    assert figures()["synset_leases_overdue"][()] == 1
    actions.reap()
    assert figures()["synset_leases_overdue"][()] == 0


def test_processes_and_the_keepers_duties_are_told(figures):
    reaped = (database_time() - timedelta(seconds=30)).isoformat()
    actions.beat("keeper@here", "keeper", "here", info={"reaped_at": reaped, "dispatched_at": reaped, "lost": 3, "up_seconds": 99})
    actions.beat("device@here", "device", "here", slots=2)
    found = figures()
    assert found["synset_nodes_alive"][labels(role="device")] == 1 and found["synset_nodes_alive"][labels(role="host")] == 0
    assert 30 <= found["synset_keeper_reap_age_seconds"][labels(node="keeper@here")] < 40
    assert 30 <= found["synset_keeper_dispatch_age_seconds"][labels(node="keeper@here")] < 40
    assert found["synset_attempts_lost_total"][labels(node="keeper@here")] == 3
    assert found["synset_node_slots"][labels(node="device@here", role="device", host="here")] == 2
    assert found["synset_service_up"][labels(service="reaper")] == 0
    Node.objects.update(beat_at=ago(100))
    found = figures()
    assert found["synset_nodes_alive"][labels(role="device")] == 0
    assert found["synset_node_slots"][labels(node="device@here", role="device", host="here")] == 0
    assert found["synset_node_beat_age_seconds"][labels(node="device@here", role="device", host="here")] >= 100


def test_a_worker_that_refuses_has_no_slots(figures):
    actions.beat("device@here", "device", "here", slots=0, info={"refuses": "its version is older"})
    for role in ("device", "host"):
        actions.beat(f"{role}@there", role, "there")
    found, it = figures(), labels(node="device@here", role="device", host="here")
    assert (found["synset_node_refuses"][it], found["synset_node_slots"][it]) == (1, 0)
    assert found["synset_service_late"][labels(service="versions")] == 1


def test_hosts_and_gpus_are_told(figures):
    gpu = {"index": 0, "name": "NVIDIA H200", "use": 0.5, "memory_used": 10, "temperature": 61}
    actions.beat("device@a", "device", "a", info={"cpu": 0.25, "memory_used": 5, "memory_total": 10, "disk_free": 7, "gpus": [gpu]})
    found, it = figures(), labels(host="a", gpu="0", name="NVIDIA H200")
    assert found["synset_host_cpu_ratio"][labels(host="a")] == 0.25
    assert found["synset_host_disk_free_bytes"][labels(host="a")] == 7
    assert (found["synset_gpu_use_ratio"][it], found["synset_gpu_temperature_celsius"][it]) == (0.5, 61)
    assert "synset_gpu_power_watts" not in found  # this one did not tell


def test_a_database_that_is_away_is_said_in_a_sentence(db, client, monkeypatch):
    def away():
        raise OperationalError("could not connect to server: host=db.internal password=x")

    monkeypatch.setattr(metrics.families, "database_time", away)
    answer = scrape(client)
    assert answer.status_code == 503
    assert answer.content == b"The database does not answer (OperationalError); there are no figures until it is back.\n"


def test_a_scrape_takes_a_fixed_number_of_queries(submit, client, django_assert_max_num_queries):
    for number in range(12):
        actions.claim(submit().id, f"device@h{number}:1")
        actions.beat(f"device@h{number}", "device", f"h{number}")
    with django_assert_max_num_queries(9):
        scrape(client)


def test_no_scrape_reads_samples_or_events_from_end_to_end(submit, client, django_assert_max_num_queries):
    actions.claim(submit().id, "w")
    with django_assert_max_num_queries(9) as seen:
        scrape(client)
    asked = " ".join(query["sql"].lower() for query in seen.captured_queries)
    assert Dataset._meta.db_table not in asked and "jobs_attempt" not in asked
    assert asked.count("jobs_jobevent") and asked.count('from "jobs_jobevent"') == 1


def test_a_full_database_answers_a_scrape_quickly(team, client):
    """Thousands of jobs with their events; the bound leaves a busy machine ten times what an idle one needs."""
    Job.objects.bulk_create(
        Job(team=team, kind="train", queue="device", title="t", state=State.SUCCEEDED, error="x" * 300, last_seq=1) for _ in range(8_000)
    )
    jobs = list(Job.objects.all())
    JobEvent.objects.bulk_create(JobEvent(job=job, seq=1, kind="state", data={}) for job in jobs)
    Job.objects.filter(pk__in=[job.pk for job in jobs[:50]]).update(state=State.RUNNING)
    scrape(client)
    began = time.process_time()  # of its own: others may keep the machine busy
    assert scrape(client).status_code == 200
    assert time.process_time() - began < 1.0
