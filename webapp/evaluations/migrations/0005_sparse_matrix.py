"""The confusion matrix moves out of the figures into a column of its own, without its zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import migrations, models

from classifier.metrics import dense, sparse


def move(apps: Any, schema_editor: Any) -> None:
    """Each row by itself: of a thousand classes a matrix has a million cells."""
    rows = apps.get_model("evaluations", "Evaluation")._base_manager
    for row in rows.filter(result__isnull=False, confusion__isnull=True).only("result").iterator(50):
        matrix = np.array(row.result.pop("confusion"), np.int64)
        rows.filter(pk=row.pk).update(result=row.result, confusion=sparse(matrix))


def move_back(apps: Any, schema_editor: Any) -> None:
    """As it was."""
    rows = apps.get_model("evaluations", "Evaluation")._base_manager
    for row in rows.filter(confusion__isnull=False).only("result", "confusion").iterator(50):
        rows.filter(pk=row.pk).update(result={**row.result, "confusion": dense(row.confusion).tolist()}, confusion=None)


class Migration(migrations.Migration):

    dependencies = [("evaluations", "0004_figures_of_experiments")]

    operations = [
        migrations.AddField("evaluation", "confusion", models.JSONField(null=True)),
        migrations.RunPython(move, move_back),
    ]
