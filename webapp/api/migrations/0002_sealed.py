from __future__ import annotations

from typing import Any

from django.db import migrations, models


def forget_what_was_shown_once(apps: Any, schema_editor: Any) -> None:
    """Answers that hold a link or a ticket in clear go; each has been given already."""
    answers = apps.get_model("api", "IdempotentAnswer").objects
    for key in ("url", "ticket"):
        answers.filter(body__has_key=key).delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]
    operations = [
        migrations.AddField("idempotentanswer", "sealed", models.TextField(blank=True, default="")),
        migrations.RunPython(forget_what_was_shown_once, migrations.RunPython.noop),
    ]
