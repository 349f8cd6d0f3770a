from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0005_find_lr_kind'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('import', 'Import'), ('train', 'Train'), ('evaluate', 'Evaluate'), ('weights', 'Weights'), ('find_lr', 'Find Lr'), ('seal', 'Seal')], max_length=10),
        ),
    ]
