from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0024_few_edits")]

    operations = [
        migrations.AddField(model_name="addition", name="encoding", field=models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField(model_name="addition", name="exif", field=models.CharField(blank=True, default="", max_length=40)),
    ]
