import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0019_erasures")]
    operations = [
        migrations.AddField("draft", "added", models.PositiveIntegerField(default=0)),
        migrations.AddField("upload", "adds", models.JSONField(null=True)),
        migrations.CreateModel(
            name="Addition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=255)),
                ("bytes", models.PositiveBigIntegerField()),
                ("label", models.CharField(blank=True, max_length=200)),
                ("taken_back", models.BooleanField(default=False)),
                (
                    "draft",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="additions", to="datasets.draft"),
                ),
            ],
        ),
    ]
