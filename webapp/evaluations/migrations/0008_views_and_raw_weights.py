from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0007_studies")]

    operations = [
        migrations.AddField("evaluation", "views", models.CharField(blank=True, default="", max_length=12)),
        migrations.AddField("evaluation", "raw", models.BooleanField(default=False)),
    ]
