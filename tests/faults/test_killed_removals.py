"""A removal that is killed between its steps is ended by the next process, with nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults

MAKE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.utils import timezone
from webapp.accounts.models import Membership, Team, User
from tests.webapp.experiments.kit import dataset_of, ended, launched
from webapp.jobs import broadcast, queue
from webapp.datasets.models import Dataset, Sample
from webapp.experiments.models import Experiment
queue.poke = broadcast.nudge = lambda *words: None
owner = User.objects.create(username="owner")
Membership.objects.create(user=owner, team=Team.objects.create(name="Birds"), role="owner")
dataset = dataset_of(owner)
experiment = ended(launched(owner, "First", dataset))
version = dataset.versions.get()
Sample.objects.bulk_create([Sample(version=version, position=n, image=n, label=0, split=0, path=str(n)) for n in range(50)])
for thing in (dataset, experiment):
    thing.folder.mkdir(parents=True)
    (thing.folder / "file").write_bytes(b"x")
    type(thing).everything.filter(pk=thing.pk).update(trashed_at=timezone.now(), purging_at=timezone.now())
"""
REMOVE = """
import os, signal, sys
import django; django.setup()
from webapp.core import trash
from webapp.datasets import files
from webapp.jobs import actions as jobs
from webapp.ops import purging
places = {"files": (files, "remove", 2), "slice": (trash, "delete_some", 6), "row": (jobs, "forget", 1)}
module, name, times = places.get(sys.argv[1], (trash, "term", 99))
step, left = getattr(module, name), [times]
def dies(*words):
    done = step(*words)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(module, name, dies)
while purging.carry_on():
    pass
"""
COUNT = """
import django; django.setup()
from django.apps import apps
print([m.__name__ for m in apps.get_models() if m._meta.app_label in ("datasets", "experiments", "jobs") and m._base_manager.exists()])
"""


def python(script: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own on that data folder."""
    environment = {**os.environ, "SYNSET_HOME": str(home), "DATABASE_URL": f"sqlite:///{home / 'synset.sqlite3'}"}
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("step", ["files", "slice", "row"])
def test_a_killed_removal_is_ended_by_the_next(step: str, tmp_path: Path) -> None:
    made = python(MAKE, tmp_path)
    assert made.returncode == 0, made.stderr
    assert python(REMOVE, tmp_path, step).returncode == -signal.SIGKILL
    assert python(COUNT, tmp_path).stdout.strip() != "[]"
    assert python(REMOVE, tmp_path, "to its end").returncode == 0
    assert python(COUNT, tmp_path).stdout.strip() == "[]"
    assert not [path for name in ("datasets", "experiments") for path in (tmp_path / name).rglob("*") if path.is_file()]
