"""What must hold once the storm is over: nothing lost, nothing twice. Each check gives sentences about what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil

from classifier.run import Run
from tests.faults.house import House
from tests.faults.processes import is_gone, processes_with
from tests.faults.trainings import EPOCHS, Weights, epochs_of, equal
from webapp.datasets import leftovers
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.datasets.quality_models import QualityCheck
from webapp.experiments import leftovers as run_leftovers
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs.models import FINAL, Job, JobEvent, Kind, State
from worker.child import MARK

TEMPORARY = ("*.tmp", "data.*.*", ".data.*", ".gone-*", ".*.importing-*", "quality/*")


def losses(house: House, jobs: list[Job], wanted: Weights) -> Iterator[str]:
    """What users were told is saved, and is not there or not right."""
    for job in jobs:
        yield from ended(job)
        yield from numbered(job)
        yield from never_back(job)
        if job.state == State.SUCCEEDED:
            yield from whole_training(job, wanted) if job.kind == Kind.TRAIN else WHOLE[Kind(job.kind)](job)
    yield from strays(house)
    yield from temporary_files(house.home)


def doubles(jobs: list[Job]) -> Iterator[str]:
    """What happened more than once, or after it was told to stop."""
    for job in jobs:
        yield from one_end(job)
        yield from one_holder(job)
        yield from once_an_epoch(job)
        yield from not_after_cancel(job)


def ended(job: Job) -> Iterator[str]:
    if job.state not in FINAL:
        yield f"{job} is at no end"
    if job.state == State.FAILED:
        yield f"{job} failed: {job.error}"


def numbered(job: Job) -> Iterator[str]:
    numbers = list(job.events.order_by("seq").values_list("seq", flat=True))
    if numbers != list(range(1, job.last_seq + 1)):
        yield f"{job}: its events have gaps: {len(numbers)} of {job.last_seq}"


def never_back(job: Job) -> Iterator[str]:
    """Steps of one attempt; a claim's own event begins the next."""
    step = 0
    for event in job.events.order_by("seq"):
        told = event.data.get("step")
        if event.kind == "state":
            step = 0
        elif event.kind == "progress" and told is not None:
            if told < step:
                yield f"{job}: step {told} came after step {step} (event {event.seq})"
            step = told


def whole_training(job: Job, wanted: Weights) -> Iterator[str]:
    experiment = Experiment.objects.get(job=job)
    if epochs_of(experiment) != list(range(1, EPOCHS + 1)):
        yield f"{job}: its epochs are {epochs_of(experiment)}"
    model, epoch = Run.open(experiment.folder).load_model("last")
    if epoch != EPOCHS:
        yield f"{job}: its last checkpoint is of epoch {epoch}"
    elif not equal(dict(model.state_dict()), wanted):
        yield f"{job}: other weights than the undisturbed training after {job.attempts.count()} claims"


def whole_import(job: Job) -> Iterator[str]:
    dataset = Dataset.objects.get(job=job)
    version = dataset.versions.first()
    if version is None or version.samples.count() != version.images or not (dataset.folder / "data").is_dir():
        yield f"{job}: its dataset is not whole"


def whole_version(job: Job) -> Iterator[str]:
    """The version that the job's draft became, in rows and on the disk; nothing half of one beside it."""
    version = Draft.objects.select_related("version__dataset").get(job=job).version
    if version is None or not version.ready or version.samples.count() != version.images or not (version.folder / "samples.bin").is_file():
        yield f"{job}: its version is not whole"
    elif DatasetVersion.objects.filter(dataset=version.dataset, number=version.number).count() != 1:
        yield f"{job}: its version is there twice"


def whole_check(job: Job) -> Iterator[str]:
    """Each finding that was counted stands there; a newer check takes an older one's place."""
    check = QualityCheck.objects.filter(job=job).first()
    if check is not None and check.findings.count() != sum(check.counts.values()):
        yield f"{job}: {check.findings.count()} findings of {sum(check.counts.values())}"


WHOLE = {Kind.IMPORT: whole_import, Kind.SEAL: whole_version, Kind.QUALITY: whole_check}


def strays(house: House) -> Iterator[str]:
    for process in processes_with("SYNSET_HOME", str(house.home)):
        if process.pid != house.redis.pid and not is_gone(process):
            yield f"process {process.pid} is still there: {' '.join(process.cmdline())[:120]}"


def temporary_files(home: Path) -> Iterator[str]:
    """What is left after the sweeps that the keeper makes each hour, without their wait for what may just have been made."""
    leftovers.JUST_MADE = 0.0
    leftovers.sweep(upload_seconds=0.0)
    run_leftovers.sweep()
    folders = (home / "datasets", home / "experiments")
    found = [path for folder in folders for pattern in TEMPORARY for path in folder.rglob(pattern)]
    yield from (f"{path.relative_to(home)} was left" for path in [*found, *(home / "tmp").glob("*")])


def one_end(job: Job) -> Iterator[str]:
    ends = [state for state in told_states(job) if state in FINAL]
    if len(ends) > 1:
        yield f"{job} ended {len(ends)} times: {', '.join(ends)}"


def one_holder(job: Job) -> Iterator[str]:
    """By the database's clock no claim begins before the one before it has ended."""
    attempts = list(job.attempts.order_by("fence"))
    for one, next_one in pairwise(attempts):
        if one.ended_at is None or next_one.started_at < one.ended_at:
            yield f"{job}: fence {next_one.fence} began before fence {one.fence} had ended"


def once_an_epoch(job: Job) -> Iterator[str]:
    points = MetricPoint.objects.filter(experiment__job=job).exclude(name="step_loss").values_list("epoch", "name")
    yield from (f"{job}: {times} values of {point}" for point, times in Counter(points).items() if times > 1)


def not_after_cancel(job: Job) -> Iterator[str]:
    if job.cancel_requested_at and job.attempts.filter(started_at__gt=job.cancel_requested_at).exists():
        yield f"{job} was claimed after its cancel"
    states = told_states(job)
    if State.CANCELLED in states and states[-1] != State.CANCELLED:
        yield f"{job} went on after it was cancelled: {', '.join(states)}"


def told_states(job: Job) -> list[str]:
    return list(JobEvent.objects.filter(job=job, kind="state").order_by("seq").values_list("data__state", flat=True))


def living_fences() -> dict[str, set[str]]:
    """{job: fences} of children that run at this moment; one that is stopped does nothing."""
    found: dict[str, set[str]] = {}
    for process in psutil.process_iter():
        try:
            job, _, fence = process.environ().get(MARK, "").partition(".")
            if job and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED):
                found.setdefault(job, set()).add(fence)
        except (psutil.Error, OSError):
            continue
    return found
