from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0012_study_kind'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('import', 'Import'), ('train', 'Train'), ('evaluate', 'Evaluate'), ('weights', 'Weights'), ('find_lr', 'Find Lr'), ('seal', 'Seal'), ('inspect', 'Inspect'), ('quality', 'Quality'), ('suggest', 'Suggest'), ('erase', 'Erase'), ('study', 'Study'), ('space', 'Space')], max_length=10),
        ),
    ]
