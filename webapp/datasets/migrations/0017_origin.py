from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0016_label_rounds")]
    operations = [migrations.AddField("dataset", "origin", models.JSONField(null=True))]
