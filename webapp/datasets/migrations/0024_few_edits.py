from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0023_waiting_images")]

    operations = [
        migrations.AddIndex(
            model_name="edit",
            index=models.Index(condition=models.Q(samples=0), fields=["draft", "number"], name="edit_of_no_sample"),
        ),
        migrations.AddIndex(
            model_name="edit",
            index=models.Index(condition=models.Q(undone_at__isnull=False), fields=["draft", "undone_at"], name="edit_taken_back"),
        ),
    ]
