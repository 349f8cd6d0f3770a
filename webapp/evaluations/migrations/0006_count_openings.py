"""Test splits that were opened before anybody counted: by the results that are still there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import migrations
from django.db.models import Count


def fill(apps: Any, schema_editor: Any) -> None:
    """Each count anew, so that a second run changes nothing. A count is one row of the database, however many images it is about."""
    versions = apps.get_model("datasets", "DatasetVersion").objects
    openings = apps.get_model("experiments", "OpenedTest").objects
    done = apps.get_model("evaluations", "Evaluation")._base_manager.filter(split="test", result__n__gt=0).order_by()
    on_version: Counter[int] = Counter()
    for experiment, version, times in done.values_list("experiment", "version").annotate(times=Count("pk")):
        openings.update_or_create(experiment_id=experiment, version_id=version, defaults={"times": times})
        on_version[version] += times
    for version, times in on_version.items():
        versions.filter(pk=version).update(test_opened=times)


class Migration(migrations.Migration):

    dependencies = [
        ("evaluations", "0005_sparse_matrix"),
        ("datasets", "0008_test_openings"),
        ("experiments", "0007_test_openings"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
