from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import webapp.core.ids


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0004_teams_and_sessions"),
        ("experiments", "0015_watched_images"),
        ("jobs", "0014_classify_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Classification",
            fields=[
                (
                    "id",
                    models.CharField(default=webapp.core.ids.new_id, editable=False, max_length=20, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("name", models.CharField(max_length=255)),
                ("archive_file", models.CharField(default="", max_length=64)),
                ("archive_bytes", models.PositiveBigIntegerField(default=0)),
                ("network", models.CharField(max_length=120)),
                ("network_name", models.CharField(max_length=200)),
                ("unsure_below", models.FloatField(null=True)),
                ("images", models.PositiveIntegerField(null=True)),
                ("unsure", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("ignored", models.PositiveIntegerField(default=0)),
                ("classes", models.JSONField(default=list)),
                ("files", models.CharField(default="", max_length=100)),
                ("created_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                (
                    "experiment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="classifications",
                        to="experiments.experiment",
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="classification", to="jobs.job"),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="predictions.classification"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="classifications", to="accounts.team"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "-id"], name="classification_newest"),
                    models.Index(fields=["team", "network", "-id"], name="classification_by_network"),
                ],
            },
        ),
    ]
