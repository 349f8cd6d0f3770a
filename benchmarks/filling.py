"""A database as full as a busy team's after years, or almost empty: rows alone, written in bulk. What is measured is reading."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.utils import timezone

from benchmarks.revised import fill_revised
from classifier.spec.config import TrainConfig
from classifier.spec.events import Sparse
from classifier.spec.packfile import INDEX, SAMPLE, STORAGE_JPEG
from webapp.accounts.models import AuditEntry, Membership, Team, User
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import EpochMatrix, Experiment, MetricPoint
from webapp.jobs.models import Job, JobEvent, Node
from webapp.reports.models import Report, ShareLink, Tag

EPOCHS = 60
FEW = 100  # classes of an ordinary report
SERIES = ("train_loss", "train_top1", "val_loss", "val_top1", "val_top5", "lr", "images_per_second", "seconds")
BATCH = 2000
CONFIG = TrainConfig(model="small_cnn", epochs=EPOCHS).to_mapping()


class Size(NamedTuple):
    """How many there are."""

    samples: int
    classes: int
    datasets: int
    experiments: int  # of which a third lies in the trash
    entries: int  # of the audit log
    hosts: int


SIZES = {"full": Size(1_000_000, 1000, 40, 16_500, 50_000, 8), "small": Size(60, 3, 1, 6, 6, 1)}


def fill(size: Size) -> tuple[User, dict[str, str]]:
    """The team's owner, and the addresses of the pages by name."""
    team, user = Team.objects.create(name="Bench"), User.objects.create(username="bench")
    Membership.objects.create(team=team, user=user, role="owner")
    made = {"team": team, "created_by": user}
    fill_nodes(size)
    versions = fill_datasets(size, made)
    revised = fill_revised(size.samples, versions[0].classes, made)
    for version in DatasetVersion.objects.filter(dataset=revised).select_related("dataset"):
        (version.folder / "pack").symlink_to(versions[0].folder / "pack")
    experiments = fill_experiments(size, made, versions, timezone.now())
    reports = fill_reports(size, made, experiments)
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(team=team, user=user, name="bench", via="session", verb="experiment.launch", subject=f"Run {n}")
            for n in range(size.entries)
        ],
        BATCH,
    )
    largest, ordinary = [report for report in reports if report.evaluation.experiment.trashed_at is None][:2]
    fill_curves(largest.evaluation.experiment, size.classes)
    fill_curves(ordinary.evaluation.experiment, min(size.classes, FEW))
    return user, addresses(versions[0].dataset_id, revised, ordinary, largest, size)


def addresses(dataset: str, revised: str, report: Report, largest: Report, size: Size) -> dict[str, str]:
    """{page's name: address}."""
    return {
        "home": "/",
        "datasets": "/datasets/",
        "dataset": f"/datasets/{dataset}/",
        "gallery": f"/datasets/{dataset}/gallery/",
        "gallery-far": f"/datasets/{dataset}/gallery/?after={size.samples * 9 // 10}",
        "gallery-class": f"/datasets/{dataset}/gallery/?label=2&split=test",
        "classes": f"/datasets/{dataset}/classes/",
        "versions": f"/datasets/{revised}/versions/",
        "difference": f"/datasets/{revised}/versions/2/difference/",
        "gallery-draft": f"/datasets/{revised}/gallery/?changed=1",
        "experiments": "/experiments/",
        "experiment": f"/experiments/{report.evaluation.experiment_id}/",
        "experiment-1000-classes": f"/experiments/{largest.evaluation.experiment_id}/",
        "reports": "/reports/",
        "reports-by-title": "/reports/?sort=title",
        "reports-search": "/reports/?q=Run+99",
        "report": f"/reports/{report.pk}/",
        "report-1000-classes": f"/reports/{largest.pk}/",
        "queue": "/queue/",
        "search": "/search/?q=Run+99",
        "audit": "/team/audit/",
        "trash": "/trash/",
        "metrics": "/metrics",
    }


def fill_nodes(size: Size) -> None:
    """Hosts with a process of each kind."""
    figures = {"cpu": 0.5, "memory_used": 10**10, "memory_total": 10**11, "disk_free": 10**12, "disk_total": 10**13, "up_seconds": 9}
    gpus = [{"index": 0, "name": "GPU", "memory_used": 10**10, "memory_total": 10**11, "use": 0.5, "temperature": 60}]
    roles = ("device", "host", "interactive", "keeper")
    Node.objects.bulk_create(
        Node(name=f"{role}@h{host}", role=role, host=f"h{host}", info={**figures, "gpus": gpus})
        for host in range(size.hosts)
        for role in roles
    )


def fill_datasets(size: Size, made: dict[str, Any]) -> list[DatasetVersion]:
    """Imported datasets of many classes; the samples are the first one's."""
    counts = {"train": 700, "validation": 150, "test": 150}
    classes = [{"label": f"n{index:08}", "name": f"class {index}", **counts} for index in range(size.classes)]
    jobs = Job.objects.bulk_create(
        [Job(kind="import", queue="host", title=f"Set {n}", state="succeeded", **made) for n in range(size.datasets)]
    )
    datasets = Dataset.objects.bulk_create([Dataset(name=job.title, job=job, archive_name="set.zip", **made) for job in jobs])
    versions = DatasetVersion.objects.bulk_create(
        [
            DatasetVersion(dataset=one, number=1, fingerprint="f" * 64, images=size.samples, classes=classes[: FEW if n else None])
            for n, one in enumerate(datasets)
        ]
    )
    fill_pack(versions[0].folder, size)
    for first in range(0, size.samples, 50_000):
        rows = range(first, min(first + 50_000, size.samples))
        Sample.objects.bulk_create(
            [Sample(version=versions[0], position=n, image=n, label=n % size.classes, split=n % 3, path=f"{n}.jpg") for n in rows], 10_000
        )
    return versions


def fill_pack(folder: Path, size: Size) -> None:
    """What a gallery reads besides rows: each image's size, and which class each sample has. There are no pixels."""
    (folder / "pack").mkdir(parents=True)
    (folder / "pack" / "index.bin").write_bytes(INDEX.pack(0, 0, 64, 48, 3, STORAGE_JPEG, bytes(32)) * size.samples)
    with (folder / "samples.bin").open("wb") as file:
        file.writelines(SAMPLE.pack(n, n % size.classes, n % 3) for n in range(size.samples))


def fill_experiments(size: Size, made: dict[str, Any], versions: list[DatasetVersion], now: datetime) -> list[Experiment]:
    """Most are done, some failed, a third lies in the trash; a few of the newest run and wait."""
    count = size.experiments
    jobs = [
        Job(
            kind="train",
            queue="device",
            title=f"Run {n}",
            state=state_of(n, count),
            started_at=now - timedelta(minutes=count - n + 2),
            finished_at=now - timedelta(minutes=count - n),
            **made,
        )
        for n in range(count)
    ]
    Job.objects.bulk_create(jobs, BATCH)
    experiments = [experiment_of(n, job, versions[n % len(versions)], made, now) for n, job in enumerate(jobs)]
    return Experiment.everything.bulk_create(experiments, BATCH)


def state_of(number: int, count: int) -> str:
    """A job's state by its number."""
    moving = {1: "running", 2: "queued"}.get(number % 20, "") if number > count - 100 and number % 3 != 2 else ""
    return moving or ("failed" if number % 17 == 16 else "succeeded")


def experiment_of(number: int, job: Job, version: DatasetVersion, made: dict[str, Any], now: datetime) -> Experiment:
    """A row of the list, with its figures where it is done."""
    curve = [0.5 + 0.4 * n / EPOCHS for n in range(EPOCHS)]
    figures: dict[str, Any] = {}
    if job.state == "succeeded":
        figures = {"curves": {"train_loss": curve, "val_top1": curve}, "test_images": 1000, "best_epoch": EPOCHS}
        figures |= {"test_top1": (number % 997) / 1000, "test_f1": (number % 991) / 1000}
    trashed = now if number % 3 == 2 else None
    return Experiment(
        name=job.title, dataset=version.dataset, version=version, config=CONFIG, job=job, trashed_at=trashed, **figures, **made
    )


def fill_reports(size: Size, made: dict[str, Any], experiments: list[Experiment]) -> list[Report]:
    """One for each training that is done; the first has every class of its dataset, the second a hundred. Some have links."""
    done = [one for one in experiments if one.job.state == "succeeded"]
    counts = [size.classes, *[min(size.classes, FEW)] * len(done)]
    evaluations = [evaluation_of(one, result_of(classes), made) for one, classes in zip(done, counts, strict=False)]
    Evaluation.everything.bulk_create(evaluations, 500)
    reports = [
        Report(evaluation=one, title=one.experiment.name, model="small_cnn", top1=one.experiment.test_top1, **made) for one in evaluations
    ]
    Report.everything.bulk_create(reports, BATCH)
    Tag.objects.bulk_create([Tag(team=made["team"], report=one, name=f"tag {n % 20}") for n, one in enumerate(reports)], BATCH)
    end = timezone.now() + timedelta(days=7)
    ShareLink.everything.bulk_create(
        [ShareLink(report=one, digest=one.pk, expires_at=end, **made) for n, one in enumerate(reports) if n % 5 == 0], BATCH
    )
    return reports


def evaluation_of(experiment: Experiment, result: dict[str, Any], made: dict[str, Any]) -> Evaluation:
    """What a training makes at its end."""
    return Evaluation(
        experiment=experiment,
        version=experiment.version,
        job=experiment.job,
        split="test",
        checkpoint="best",
        result=result,
        confusion=confusion_of(len(result["per_class"])),
        **made,
    )


def result_of(classes: int) -> dict[str, Any]:
    """An evaluation's figures of so many classes."""
    each = [{"label": f"n{n:08}", "n": 9, "precision": 8 / 9, "recall": 8 / 9, "f1": 8 / 9} for n in range(classes)]
    figures = {"top1": 8 / 9, "top5": 0.98, "loss": 0.4, "ece": 0.03, "n": 9 * classes}
    return {**figures, "per_class": each, "macro": {"precision": 8 / 9, "recall": 8 / 9, "f1": 8 / 9}}


def confusion_of(classes: int) -> Sparse:
    """Each class is taken for its neighbour once."""
    ways = list(range(classes))
    following = [(way + 1) % classes for way in ways]
    return {"size": classes, "rows": ways + ways, "columns": ways + following, "counts": [8] * classes + [1] * classes}


def fill_curves(experiment: Experiment, classes: int) -> None:
    """What a training told in all its epochs."""
    points = [(epoch, name) for epoch in range(1, EPOCHS + 1) for name in SERIES]
    MetricPoint.objects.bulk_create(
        [MetricPoint(experiment=experiment, epoch=epoch, step=100 * epoch, name=name, value=epoch / EPOCHS) for epoch, name in points]
    )
    ways = list(range(classes))
    matrix = {"size": classes, "rows": ways, "columns": ways, "counts": [9] * classes}
    EpochMatrix.objects.bulk_create([EpochMatrix(experiment=experiment, epoch=epoch, confusion=matrix) for epoch in range(1, EPOCHS + 1)])
    events = [JobEvent(job=experiment.job, seq=n, kind="log", data={"text": f"Line {n}."}) for n in range(1, 500)]
    JobEvent.objects.bulk_create(events)
