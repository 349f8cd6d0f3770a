from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0026_corrections")]

    operations = [migrations.AddField(model_name="upload", name="purpose", field=models.JSONField(null=True))]
