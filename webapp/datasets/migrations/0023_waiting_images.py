import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0022_problems_by_rule"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("label", models.PositiveIntegerField(null=True)),
                ("removed", models.BooleanField(default=False)),
                (
                    "addition",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="images", to="datasets.addition"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("addition", "digest"), name="one_waiting_image_a_digest")],
            },
        ),
    ]
