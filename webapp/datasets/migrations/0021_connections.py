import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import webapp.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_teams_and_sessions"),
        ("datasets", "0020_additions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.CharField(default=webapp.core.ids.new_id, editable=False, max_length=20, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                ("bucket", models.CharField(max_length=1000)),
                ("prefix", models.CharField(blank=True, max_length=1000)),
                ("endpoint", models.CharField(blank=True, max_length=4000)),
                ("region", models.CharField(blank=True, max_length=40)),
                ("key_hint", models.CharField(blank=True, max_length=20)),
                ("locked", models.TextField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("opened", models.BooleanField(default=False)),
                ("words", models.CharField(blank=True, max_length=500)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="connections", to="accounts.team"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("team", "name"), name="one_connection_a_name")]},
        ),
    ]
