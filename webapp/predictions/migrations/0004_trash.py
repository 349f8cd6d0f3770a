from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("predictions", "0003_erased_images"),
    ]

    operations = [
        migrations.AlterModelOptions(name="classification", options={"base_manager_name": "everything"}),
        migrations.AlterModelManagers(
            name="classification",
            managers=[("objects", django.db.models.manager.Manager()), ("everything", django.db.models.manager.Manager())],
        ),
        migrations.AddField(model_name="classification", name="trashed_at", field=models.DateTimeField(editable=False, null=True)),
        migrations.AddField(model_name="classification", name="purging_at", field=models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            model_name="classification",
            name="trashed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="classification",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)), fields=["team", "-trashed_at", "-id"], name="classification_trash"
            ),
        ),
        migrations.AddIndex(
            model_name="classification",
            index=models.Index(
                condition=models.Q(("purging_at__isnull", False)), fields=["purging_at", "id"], name="classification_purging"
            ),
        ),
    ]
