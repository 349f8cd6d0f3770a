from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F


def name_the_trainings_own(apps: Any, _schema_editor: Any) -> None:
    """A training always wrote this file; of an evaluation that was asked for, the file's name was not kept."""
    evaluations = apps.get_model("evaluations", "Evaluation").objects
    evaluations.filter(job=F("experiment__job"), split="test", checkpoint="best").exclude(result=None).update(
        predictions="predictions-test.csv"
    )


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0001_initial"), ("experiments", "0002_launch_key")]

    operations = [
        migrations.AddField("evaluation", "predictions", models.CharField(blank=True, max_length=200)),
        migrations.RunPython(name_the_trainings_own, migrations.RunPython.noop),
    ]
