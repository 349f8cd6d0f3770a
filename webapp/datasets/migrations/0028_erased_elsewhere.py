from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0027_what_uploads_become")]

    operations = [
        migrations.AddField(model_name="erasure", name="also", field=models.JSONField(default=list)),
        migrations.AddField(model_name="erasure", name="elsewhere", field=models.JSONField(default=list)),
    ]
