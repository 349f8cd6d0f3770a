from django.db import migrations, models

KINDS = ("import", "train", "evaluate", "weights", "find_lr", "seal", "inspect", "quality", "suggest", "erase", "study", "space", "classify")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_space_kind")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(choices=[(kind, kind.replace("_", " ").title()) for kind in KINDS], max_length=10),
        ),
    ]
