from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0021_connections")]

    operations = [
        migrations.AddIndex(model_name="problem", index=models.Index(fields=["dataset", "id"], name="problem_in_order")),
        migrations.AddIndex(model_name="problem", index=models.Index(fields=["dataset", "rule", "id"], name="problem_by_rule")),
    ]
