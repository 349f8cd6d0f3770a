"""What purged experiments left on the disk is removed, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.webapp.experiments.kit import ended, launched
from webapp.accounts.models import AuditEntry
from webapp.core.ids import new_id
from webapp.experiments import actions, leftovers
from webapp.experiments.models import Experiment
from worker.keeper import Keeper

pytestmark = pytest.mark.django_db
HOUR = 3600.0
DAYS = 25 * HOUR


@pytest.fixture(autouse=True)
def runs(settings: Any, tmp_path: Path) -> Path:
    settings.SYNSET_HOME = tmp_path
    (tmp_path / "experiments").mkdir()
    return tmp_path / "experiments"


def left(path: Path, seconds: float = DAYS) -> Path:
    """A RUN folder, last touched so long ago."""
    path.mkdir()
    (path / "best.safetensors").write_bytes(b"x")
    for each in (path / "best.safetensors", path):
        os.utime(each, (time.time() - seconds,) * 2)
    return path


@pytest.fixture
def purged(team: Any) -> str:
    """The id of an experiment that this database saw go for good."""
    id = new_id()
    AuditEntry.objects.create(team=team, name="owner", via="session", verb="experiment.purge", subject_id=id)
    return id


def test_the_run_of_a_purged_experiment_goes(runs: Path, purged: str) -> None:
    folder = left(runs / purged)
    assert leftovers.sweep() == [folder] and not folder.exists()


def test_its_configuration_goes_too(runs: Path, purged: str) -> None:
    config = runs / f"{purged}.json"
    config.write_text("{}")
    os.utime(config, (time.time() - DAYS,) * 2)
    assert leftovers.sweep() == [config] and not config.exists()


def test_what_somebody_wrote_to_within_a_day_stays(runs: Path, purged: str) -> None:
    left(runs / purged, 23 * HOUR)
    assert not leftovers.sweep()


def test_a_half_deleted_run_goes_at_once(runs: Path) -> None:
    gone = left(runs / ".gone-experiments-01k", 0)
    leftovers.sweep()
    assert not gone.exists()


def test_a_run_that_nobody_deleted_stays_also_without_a_row(runs: Path) -> None:
    left(runs / new_id())
    assert not leftovers.sweep()


def test_a_run_in_the_trash_stays(owner: Any, actor_of: Any) -> None:
    experiment = ended(launched(owner))
    left(experiment.folder)
    actions.delete(actor_of(owner), experiment)
    assert not leftovers.sweep()


def test_a_living_run_stays(owner: Any) -> None:
    left(launched(owner).folder)
    assert not leftovers.sweep() and Experiment.objects.get().folder.exists()


def test_a_link_out_of_the_folder_is_not_followed(runs: Path, purged: str, tmp_path: Path) -> None:
    elsewhere = left(tmp_path / "elsewhere")
    (runs / purged).symlink_to(elsewhere)
    assert not leftovers.sweep() and (elsewhere / "best.safetensors").exists()


def test_another_name_is_none_of_ours(runs: Path, purged: str) -> None:
    left(runs / "notes")
    assert not leftovers.sweep()


def test_the_keeper_sweeps_every_hour() -> None:
    assert Keeper().paces[leftovers.sweep] == HOUR
