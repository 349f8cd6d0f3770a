from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0013_folds")]

    operations = [migrations.AddField("epochmatrix", "watched", models.JSONField(null=True))]
