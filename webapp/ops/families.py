"""The metrics' names and figures, read from rows by a fixed number of queries, each on an index or over few rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import Now
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from webapp.core.schema import fingerprint
from webapp.core.version import version
from webapp.jobs import queries
from webapp.jobs.clock import database_time
from webapp.jobs.hosts import facts
from webapp.jobs.models import Job, Queue, State
from webapp.jobs.nodes import Seen, number, seen
from webapp.jobs.services import services

# Figure of a host in the rows → (metric, what it is).
HOST = {
    "cpu": ("synset_host_cpu_ratio", "Share of the host's processors in use."),
    "load": ("synset_host_load1", "Load average of one minute."),
    "processors": ("synset_host_processors", "Processor cores."),
    "memory_used": ("synset_host_memory_used_bytes", "Memory in use."),
    "memory_total": ("synset_host_memory_total_bytes", "Memory of the host."),
    "disk_free": ("synset_host_disk_free_bytes", "Free bytes on the data folder's file system."),
    "disk_total": ("synset_host_disk_total_bytes", "Bytes of the data folder's file system."),
}
GPU = {
    "use": ("synset_gpu_use_ratio", "Share of time in which the GPU computed."),
    "memory_used": ("synset_gpu_memory_used_bytes", "GPU memory in use."),
    "memory_total": ("synset_gpu_memory_total_bytes", "GPU memory."),
    "temperature": ("synset_gpu_temperature_celsius", "Temperature of the GPU."),
    "watts": ("synset_gpu_power_watts", "What the GPU draws."),
}


def collected() -> Iterator[Metric]:
    """Every family; raises DatabaseError while the database is away."""
    now = database_time()
    nodes = seen(now)
    yield InfoMetricFamily("synset_build", "This web server's code.", {"version": version(), "schema": fingerprint()})
    yield from of_services(nodes)
    yield from of_jobs(now)
    yield from of_running(now)
    yield from of_nodes(nodes)
    yield from of_keepers(nodes)
    yield from of_hosts(nodes)


def gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    """An empty family."""
    return GaugeMetricFamily(name, words, labels=labels)


def of_services(nodes: Sequence[Seen]) -> Iterator[Metric]:
    """As readyz says it."""
    up = gauge("synset_service_up", "Whether a part can do its work, as readyz says.", "service")
    late = gauge("synset_service_late", "1 where a part needs an eye although everything can work, as readyz says.", "service")
    for service in services(nodes):
        up.add_metric([service.name], float(service.ok))
        late.add_metric([service.name], float(service.late))
    yield from (up, late)


def of_jobs(now: datetime.datetime) -> Iterator[Metric]:
    """How many, in which state; how long the first one of each queue waits; how many leases are over."""
    jobs = gauge("synset_jobs", "Jobs by state, kind and queue; ended ones until they are deleted for good.", "state", "kind", "queue")
    for state, kind, queue, count in Job.objects.values_list("state", "kind", "queue").annotate(count=Count("pk")).order_by():
        jobs.add_metric([state, kind, queue], count)
    yield jobs
    oldest = gauge("synset_jobs_oldest_waiting_seconds", "Since when the longest waiting job of a queue waits; 0 where none does.", "queue")
    since = dict(Job.objects.filter(state=State.QUEUED).values_list("queue").annotate(Min("queued_at")).order_by())
    for name in Queue.values:
        oldest.add_metric([name], max(0.0, (now - since[name]).total_seconds()) if name in since else 0.0)
    yield oldest
    overdue = gauge("synset_leases_overdue", "Running jobs whose lease is over and which the keeper did not take up yet.")
    overdue.add_metric([], Job.objects.filter(state=State.RUNNING, lease_until__lt=Now()).count())
    yield overdue


def of_running(now: datetime.datetime) -> Iterator[Metric]:
    """Each running job's silence, and how many are quiet or silent."""
    labels = ("job", "kind", "queue", "node")
    silent = gauge("synset_running_job_silent_seconds", "Seconds since a running job told something.", *labels)
    levels = {"quiet": 0, "silent": 0}
    for job in queries.heard(Job.objects.filter(state=State.RUNNING)).only("kind", "queue", "owner", "last_seq", "started_at"):
        found = queries.silence(job, now)
        silent.add_metric([job.pk, job.kind, job.queue, job.owner.partition(":")[0]], found.seconds)
        levels |= {found.level: levels[found.level] + 1} if found.level else {}
    yield silent
    words = "Running jobs that told nothing for half of JOB_SILENT_SECONDS (quiet) or all of it (silent)."
    quiet = gauge("synset_running_jobs_silent", words, "level")
    for level, count in levels.items():
        quiet.add_metric([level], count)
    yield quiet


def of_nodes(nodes: Sequence[Seen]) -> Iterator[Metric]:
    """Processes by role, and each one's beat, slots and refusal."""
    alive = gauge("synset_nodes_alive", "Processes that reported lately, by role.", "role")
    for role in (*Queue.values, "interactive", "keeper"):
        alive.add_metric([role], sum(seen.alive for seen in nodes if seen.node.role == role))
    each = ("node", "role", "host")
    beat = gauge("synset_node_beat_age_seconds", "Seconds since a process last reported.", *each)
    slots = gauge("synset_node_slots", "Jobs that a process takes at once; 0 while it is silent or refuses.", *each)
    refuses = gauge("synset_node_refuses", "1 while a process refuses to work: its version does not fit the schema.", *each)
    for one in nodes:
        labels = [one.node.name, one.node.role, one.node.host]
        beat.add_metric(labels, one.silent)
        refuses.add_metric(labels, float(bool(one.alive and one.refuses)))
        if one.node.role in Queue.values:
            slots.add_metric(labels, one.node.slots if one.serves else 0)
    yield from (alive, beat, slots, refuses)


def of_keepers(nodes: Sequence[Seen]) -> Iterator[Metric]:
    """When each last did its duties, and how many attempts it ended since it started."""
    reaped = gauge("synset_keeper_reap_age_seconds", "Seconds since the keeper last looked after expired leases.", "node")
    sent = gauge("synset_keeper_dispatch_age_seconds", "Seconds since the keeper last sent what waits.", "node")
    lost = CounterMetricFamily("synset_attempts_lost", "Attempts whose lease expired, since the keeper started.", labels=["node"])
    for keeper in nodes:
        if keeper.node.role != "keeper":
            continue
        for family, fact in ((reaped, "reaped_at"), (sent, "dispatched_at")):
            if (ago := keeper.since(fact)) is not None:
                family.add_metric([keeper.node.name], ago)
        lost.add_metric([keeper.node.name], number(keeper.node.info.get("lost")) or 0.0)
    yield from (reaped, sent, lost)


def of_hosts(nodes: Sequence[Seen]) -> Iterator[Metric]:
    """What living processes tell of their hosts and GPUs."""
    alive = [one for one in nodes if one.alive]
    told = {name: facts(one for one in alive if one.node.host == name) for name in sorted({one.node.host for one in alive})}
    for fact, (name, words) in HOST.items():
        yield filled(gauge(name, words, "host"), [([host], info.get(fact)) for host, info in told.items()])
    gpus = [([host, str(gpu.get("index")), str(gpu.get("name", ""))], gpu) for host, info in told.items() for gpu in info.get("gpus") or []]
    for fact, (name, words) in GPU.items():
        yield filled(gauge(name, words, "host", "gpu", "name"), [(labels, gpu.get(fact)) for labels, gpu in gpus])


def filled(family: GaugeMetricFamily, figures: list[tuple[list[str], Any]]) -> Metric:
    """The family with the figures that were told."""
    for labels, figure in figures:
        if (value := number(figure)) is not None:
            family.add_metric(labels, value)
    return family
