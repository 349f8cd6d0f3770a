"""Files of studies and maps that a killed process left are removed, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.core.ids import new_id
from webapp.evaluations import leftovers
from webapp.evaluations.map_models import EmbeddingMap
from webapp.evaluations.models import Evaluation
from webapp.evaluations.space import actions as maps
from webapp.evaluations.studies import actions
from webapp.experiments.models import Experiment
from worker.keeper import Keeper

DAYS = 25 * 3600.0


@pytest.fixture
def evaluation(experiment: Experiment, finish: Callable[[Experiment], Experiment], settings: Any, tmp_path: Path) -> Evaluation:
    settings.SYNSET_HOME = tmp_path / "home"
    return Evaluation.objects.get(experiment=finish(experiment))


@pytest.fixture
def editing(editor: User, actor_of: Callable[[User], Actor]) -> Actor:
    return actor_of(editor)


@pytest.fixture
def run(evaluation: Evaluation) -> Path:
    """The RUN folder of an experiment that is there."""
    folder = evaluation.experiment.folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def left(path: Path, seconds: float = DAYS) -> Path:
    """A file, last touched so long ago."""
    path.write_bytes(b"x")
    os.utime(path, (time.time() - seconds,) * 2)
    return path


@pytest.mark.parametrize("name", ["filters-{}-1.filters.npy", "filters-{}-2.layers.json", "map-{}-1.points.npy", ".map-{}-1.values.npy"])
def test_what_a_study_that_is_gone_left_goes(name: str, run: Path) -> None:
    path = left(run / name.format(new_id()))
    assert leftovers.sweep() == [path] and not path.exists()


def test_the_files_of_a_study_and_of_a_map_stay(run: Path, evaluation: Evaluation, editing: Actor) -> None:
    study, found = actions.look_at_filters(editing, evaluation.experiment), maps.start(editing, evaluation)
    kept = [left(run / f"filters-{study.pk}-1.filters.npy"), left(run / f"map-{found.pk}-1.points.npy")]
    assert EmbeddingMap.objects.count() == 1 and leftovers.sweep() == [] and all(path.exists() for path in kept)


def test_what_was_written_today_stays(run: Path) -> None:
    assert left(run / f"map-{new_id()}-1.points.npy", 60.0).exists() and leftovers.sweep() == []


def test_other_files_of_a_run_stay(run: Path) -> None:
    for name in ("best.safetensors", f"predictions-{new_id()}-1.csv", "map.txt"):
        left(run / name)
    assert leftovers.sweep() == []


def test_the_files_of_a_run_that_this_database_does_not_know_stay(run: Path) -> None:
    other = run.with_name(new_id())
    other.mkdir()
    path = left(other / f"map-{new_id()}-1.points.npy")
    assert leftovers.sweep() == [] and path.exists()


def test_the_keeper_sweeps_them() -> None:
    assert leftovers.sweep in Keeper().paces
