"""Evaluations that were kept with their whole matrix are kept without its zeros, and can go back."""

from __future__ import annotations

import importlib

from django.apps import apps

from webapp.evaluations.models import Evaluation

migration = importlib.import_module("webapp.evaluations.migrations.0005_sparse_matrix")


def test_the_matrix_moves_there_and_back(experiment, finish):
    evaluation = Evaluation.objects.get(experiment=finish(experiment))
    figures = evaluation.figures
    migration.move_back(apps, None)
    evaluation.refresh_from_db()
    assert evaluation.result == figures and evaluation.confusion is None
    migration.move(apps, None)
    evaluation.refresh_from_db()
    assert evaluation.figures == figures and "confusion" not in evaluation.result


def test_an_evaluation_that_is_not_done_stays_so(experiment, finish):
    Evaluation.objects.filter(experiment=finish(experiment)).update(result=None, confusion=None)
    migration.move(apps, None)
    assert Evaluation.objects.get().figures is None
