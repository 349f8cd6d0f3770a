from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0014_quality_checks")]
    operations = [migrations.AddField("dataset", "origin", models.JSONField(null=True))]
