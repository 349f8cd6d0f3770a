from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0014_quality_checks")]

    operations = [
        migrations.AddField("dataset", "description", models.TextField(blank=True, default="")),
        migrations.AddField("dataset", "licence", models.CharField(blank=True, default="", max_length=200)),
    ]
