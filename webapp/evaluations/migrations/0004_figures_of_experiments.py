from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    """The figures that lists show of trainings that finished before they were kept on the row."""
    Evaluation = apps.get_model("evaluations", "Evaluation")
    Experiment = apps.get_model("experiments", "Experiment")
    own = Evaluation.objects.filter(split="test", job_id=F("experiment__job_id"), result__isnull=False)
    for experiment_id, result in own.values_list("experiment_id", "result").iterator(chunk_size=100):
        if not result:
            continue
        f1 = [row["f1"] for row in result.get("per_class", []) if row.get("f1") is not None]
        Experiment.objects.filter(pk=experiment_id).update(
            test_top1=result.get("top1"), test_images=result.get("n"), test_f1=sum(f1) / len(f1) if f1 else None
        )


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0003_trash_and_audit"),
        ("experiments", "0005_figures_and_trash"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
