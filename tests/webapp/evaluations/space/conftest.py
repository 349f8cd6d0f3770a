"""A finished training whose files lie where the server keeps them, with a map that a job has made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from webapp.accounts.models import User
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.evaluations.space import actions
from webapp.jobs import actions as jobs


@pytest.fixture
def evaluation(evaluated: Evaluation) -> Evaluation:
    """Of the test split: three images of each of three colours."""
    return evaluated


@pytest.fixture(scope="session")
def looked(trained: tuple[Path, dict, Path, dict], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """(a stem, the `mapped` event) of a real look at the training's images."""
    from classifier.space.mapping import embed

    stem = tmp_path_factory.mktemp("looked") / "map"
    return stem, embed(trained[2], stem, device="cpu")


@pytest.fixture
def mapped(evaluation: Evaluation, looked: tuple[Path, dict], editor: User, actor_of) -> EmbeddingMap:
    """The map once its job is done."""
    made = actions.start(actor_of(editor), evaluation)
    for file in looked[0].parent.glob("map.*"):
        shutil.copy(file, evaluation.experiment.folder / file.name)
    jobs.finish(jobs.claim(made.job_id, "device@here:1"), also=lambda: actions.finished(made, looked[1], "map"))
    return EmbeddingMap.objects.get()
