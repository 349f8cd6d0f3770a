from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0001_initial")]

    operations = [migrations.AddField(model_name="dataset", name="problem_rules", field=models.JSONField(default=dict))]
