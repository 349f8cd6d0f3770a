from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0012_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='inspection',
            field=models.JSONField(null=True),
        ),
    ]
