from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0007_groups'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='intended',
            field=models.TextField(blank=True, default=''),
        ),
    ]
