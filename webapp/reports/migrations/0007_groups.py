from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_kept_markup'),
    ]

    operations = [
        migrations.AddField(
            model_name='sharelink',
            name='with_groups',
            field=models.BooleanField(default=False),
        ),
    ]
