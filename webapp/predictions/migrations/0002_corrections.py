from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0027_what_uploads_become"),
        ("predictions", "0001_classifications"),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=200)),
                (
                    "classification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="predictions.classification"
                    ),
                ),
                (
                    "edit",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="datasets.edit"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["classification", "row"], name="correction_of_row")],
            },
        ),
    ]
