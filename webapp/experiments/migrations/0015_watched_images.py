from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0014_again")]

    operations = [migrations.AddField("epochmatrix", "watched", models.JSONField(null=True))]
