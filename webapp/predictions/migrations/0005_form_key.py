from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_trash")]

    operations = [
        migrations.AddField(model_name="classification", name="send_key", field=models.CharField(max_length=64, null=True)),
        migrations.AddConstraint(
            model_name="classification",
            constraint=models.UniqueConstraint(fields=("created_by", "team", "send_key"), name="one_classification_a_form"),
        ),
    ]
