from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("ticket", "token", models.ForeignKey("accounts.token", django.db.models.deletion.CASCADE, null=True)),
    ]
