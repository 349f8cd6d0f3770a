"""A child process beside a running server that fills its database with a training of a thousand classes, and goes on with it.

python -m benchmarks.dashboard_run     then a line on stdin for each further epoch; answers are lines of JSON
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

import numpy as np

EPOCHS, PLANNED, CLASSES, IMAGES, STEPS = 200, 400, 1000, 24, 1_000_000
LEASE_SECONDS = 20
SERIES = ("train_loss", "train_top1", "val_loss", "val_top1", "val_top5", "lr", "images_per_second", "seconds")
PER_EPOCH = STEPS // EPOCHS


def event(epoch: int) -> dict[str, Any]:
    """What an epoch tells: errors that lessen, a matrix with eleven cells a class, and the images that are watched."""
    draw = np.random.default_rng(epoch)
    rows = np.repeat(np.arange(CLASSES), 11)
    columns = np.where(np.arange(len(rows)) % 11 == 0, rows, draw.integers(0, CLASSES, len(rows)))
    counts = np.where(rows == columns, 40, draw.integers(1, 3, len(rows)))
    figures = {name: float(np.exp(-epoch / 80) + 0.01 * draw.normal()) for name in SERIES}
    best = draw.integers(0, CLASSES, (IMAGES, 3)).tolist()
    watched = {"positions": list(range(IMAGES)), "labels": list(range(IMAGES)), "best": best, "probability": [[0.6, 0.3, 0.1]] * IMAGES}
    told = {"event": "epoch", "epoch": epoch, "epochs": PLANNED, "step": epoch * PER_EPOCH, "best": True, **figures}
    matrix = {"size": CLASSES, "rows": rows.tolist(), "columns": columns.tolist(), "counts": counts.tolist()}
    return {**told, "confusion": matrix, "watched": watched}


def steps(first: int = 0, count: int = STEPS) -> bytes:
    """What so many steps told, from one on."""
    from classifier.metrics.trace import ROW

    at, draw = np.arange(first, first + count), np.random.default_rng(first)
    rows = np.zeros(count, ROW)
    rows["images"], rows["seconds"], rows["waited"], rows["used"] = 256, 0.03, 0.001, 0.9
    rows["loss"] = 6 * np.exp(-at / 3e5) + draw.normal(0, 0.2, count)
    rows["rate"], rows["norm"] = 0.1 * (1 - at / (2 * STEPS)), draw.lognormal(0, 0.5, count)
    return rows.tobytes()


def fill() -> tuple[Any, Any]:
    """(experiment, claim on its running job) of the only person's team."""
    from django.utils import timezone

    from classifier.spec.config import TrainConfig
    from webapp.accounts.models import Membership
    from webapp.datasets.models import Dataset, DatasetVersion, Sample
    from webapp.experiments.models import Experiment
    from webapp.jobs.actions import Claim
    from webapp.jobs.clock import later
    from webapp.jobs.models import Attempt, Job

    member = Membership.objects.select_related("team", "user").get()
    made = {"team": member.team, "created_by": member.user}
    brought = Job.objects.create(kind="import", queue="host", title="Thousand", state="succeeded", **made)
    dataset = Dataset.objects.create(name="Thousand", job=brought, archive_name="set.zip", **made)
    classes = [{"label": f"n{n:08}", "name": f"class {n}", "train": 1300, "validation": 50, "test": 50} for n in range(CLASSES)]
    version = DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint="f" * 64, images=1_400_000, classes=classes)
    Sample.objects.bulk_create([Sample(version=version, position=n, image=n, label=n, split=1, path=f"{n}.jpg") for n in range(IMAGES)])
    held = {"state": "running", "owner": "bench@here:1", "fence": 1, "attempt": 1, "lease_until": later(LEASE_SECONDS)}
    job = Job.objects.create(kind="train", queue="device", title="Long", started_at=timezone.now(), **held, **made)
    Attempt.objects.create(job=job, number=1, fence=1, owner=job.owner)
    config = TrainConfig(model="resnet18", epochs=PLANNED).to_mapping()
    experiment = Experiment.objects.create(name="Long", dataset=dataset, version=version, config=config, job=job, **made)
    experiment.folder.mkdir(parents=True)
    (experiment.folder / "steps.bin").write_bytes(steps())
    return experiment, Claim(job.id, job.owner, job.fence, job.attempt, job.kind)


def hold(claim: Any) -> None:
    """Renews the lease, as a worker does; without end."""
    from django.db import connection

    from webapp.jobs.clock import later
    from webapp.jobs.models import Job

    while True:
        Job.objects.filter(claim.holds, pk=claim.job_id).update(lease_until=later(LEASE_SECONDS))
        connection.close()
        time.sleep(LEASE_SECONDS / 4)


def tell(experiment: Any, claim: Any, epoch: int) -> None:
    """An epoch as the relay records it."""
    from webapp.experiments.actions import record_epoch
    from webapp.jobs import actions
    from webapp.jobs.actions import NewEvent

    told = event(epoch)
    plain = {name: value for name, value in told.items() if name not in ("event", "confusion", "watched")}
    progress = {"progress": epoch / PLANNED, "epoch": epoch, "epochs": PLANNED, "step": told["step"], "steps": PLANNED * PER_EPOCH}
    events = [NewEvent("epoch", plain), NewEvent("progress", progress)]
    actions.record(claim, events, progress=epoch / PLANNED, eta=3600.0, also=lambda: record_epoch(experiment.id, told))


def main() -> None:
    """Fills, says the page's address, and tells an epoch for each line."""
    import django

    django.setup()
    experiment, claim = fill()
    threading.Thread(target=hold, args=[claim], daemon=True).start()
    for epoch in range(1, EPOCHS + 1):
        tell(experiment, claim, epoch)
    print(json.dumps(f"/experiments/{experiment.id}/"), flush=True)
    for epoch, _ in enumerate(sys.stdin, EPOCHS + 1):
        with (experiment.folder / "steps.bin").open("ab") as file:
            file.write(steps((epoch - 1) * PER_EPOCH, PER_EPOCH))
        tell(experiment, claim, epoch)
        print(json.dumps(epoch), flush=True)


if __name__ == "__main__":
    main()
