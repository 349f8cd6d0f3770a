"""The time-outs: their defaults, and the table of them that is read by people."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from webapp.core.home import CHECKOUT

DEFAULTS = {  # seconds, but for the attempts
    "SYNSET_LEASE_SECONDS": ("JOB_LEASE_SECONDS", 60),
    "SYNSET_BEAT_SECONDS": ("JOB_BEAT_SECONDS", 12),
    "SYNSET_REAP_SECONDS": ("JOB_REAP_SECONDS", 5),
    "SYNSET_DISPATCH_SECONDS": ("JOB_DISPATCH_SECONDS", 3),
    "SYNSET_CANCEL_GRACE_SECONDS": ("JOB_CANCEL_GRACE_SECONDS", 20),
    "SYNSET_MAX_ATTEMPTS": ("JOB_MAX_ATTEMPTS", 3),
}
FIXED = {
    "node_beat": 5,
    "node_alive": 20,
    "reap_late": 25,
    "dispatch_late": 20,
    "silent": 600,
    "cancel_look": 1,
    "web_stop": 20,
    "redis_ping": 1,
}
SCRIPT = """
import json, django; django.setup()
from django.conf import settings
from webapp.jobs import clock, nodes, queries, services
from webapp.ops import supervisor
from worker import claim
names = %r
print(json.dumps({**{name: getattr(settings, name) for name in names}, "node_beat": clock.node_beat_seconds(),
    "node_alive": clock.node_alive_seconds(), "reap_late": nodes.reap_late_seconds(), "dispatch_late": nodes.dispatch_late_seconds(),
    "silent": queries.silent_seconds(), "cancel_look": claim.LOOK_SECONDS, "web_stop": supervisor.STOP_SECONDS,
    "redis_ping": services.PING_SECONDS}))
"""


def read(**variables: str) -> dict[str, float]:
    """The values in a process of its own, with these variables and no other of ours."""
    clean = {name: value for name, value in os.environ.items() if not re.fullmatch(r"SYNSET_\w*SECONDS|SYNSET_MAX_ATTEMPTS", name)}
    empty = dict.fromkeys(DEFAULTS, "") | {"SYNSET_SILENT_SECONDS": ""}  # stronger than a .env of the checkout
    environment = {**clean, **empty, **variables, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    names = [setting for setting, _ in DEFAULTS.values()]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % names], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def defaults() -> dict[str, float]:
    return read()


def test_the_defaults_are_those_that_were_decided(defaults):
    assert defaults == dict(DEFAULTS.values()) | FIXED


def test_a_lease_outlives_several_lost_renewals(defaults):
    assert defaults["JOB_LEASE_SECONDS"] >= 4 * defaults["JOB_BEAT_SECONDS"]


def test_a_tree_that_stops_leaves_a_training_the_time_for_its_checkpoint(defaults):
    """The worker kills a child after three quarters of the grace; the supervisor kills the worker after its own time."""
    assert 0.75 * defaults["JOB_CANCEL_GRACE_SECONDS"] < defaults["web_stop"]


def test_the_beat_follows_the_lease():
    assert read(SYNSET_LEASE_SECONDS="10")["JOB_BEAT_SECONDS"] == 2


def test_the_documents_table_has_every_variable_with_its_default():
    text = (CHECKOUT / "docs" / "operations.md").read_text()
    told = dict(re.findall(r"^\| `(SYNSET_\w+)` \| (\d+)", text, flags=re.MULTILINE))
    wanted = {variable: str(value) for variable, (_, value) in DEFAULTS.items()} | {"SYNSET_SILENT_SECONDS": "600"}
    assert told == wanted


def test_the_documents_name_every_metric_and_no_other(db):
    from webapp.jobs import actions
    from webapp.ops import families

    actions.beat("keeper@a", "keeper", "a")
    made = {family.name + {"counter": "_total", "info": "_info"}.get(family.type, "") for family in families.collected()}
    named = set(re.findall(r"`(synset_\w+)", (CHECKOUT / "docs" / "operations.md").read_text()))
    assert named == made
