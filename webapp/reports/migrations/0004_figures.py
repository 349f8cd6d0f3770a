"""Fills the columns that the list of reports sorts by, for reports that were there before them."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    """What `report_on` writes for a new report."""
    reports = apps.get_model("reports", "Report")._base_manager
    for report in reports.select_related("evaluation__experiment").iterator(200):
        config, result = report.evaluation.experiment.config, report.evaluation.result or {}
        reports.filter(pk=report.pk).update(model=str(config.get("model", ""))[:80], top1=result.get("top1"))


class Migration(migrations.Migration):

    dependencies = [("reports", "0003_sharing"), ("evaluations", "0003_trash_and_audit"), ("experiments", "0003_trash_and_audit")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
