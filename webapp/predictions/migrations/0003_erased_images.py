from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0002_corrections")]

    operations = [
        migrations.AddField(model_name="classification", name="erased", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="correction", name="sent", field=models.CharField(default="", max_length=64)),
        migrations.AddField(model_name="correction", name="digest", field=models.CharField(default="", max_length=64)),
        migrations.AddIndex(model_name="correction", index=models.Index(fields=["sent"], name="correction_by_sent")),
        migrations.AddIndex(model_name="correction", index=models.Index(fields=["digest"], name="correction_by_digest")),
    ]
