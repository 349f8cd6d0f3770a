"""Jobs and faults at random moments, the same ones for the same seed."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable

import psutil
import redis

from benchmarks.soak.checks import living_fences
from classifier.spec import faults as hook
from classifier.spec.errors import InputError
from tests.faults.house import LEASE_SECONDS, House
from tests.faults.processes import freeze, go_on, kill_session, processes_with, whole
from tests.faults.trainings import EPOCHS, TWO_DEVICES
from webapp.datasets import drafts
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import actions as quality
from webapp.datasets.queries import newest_version
from webapp.jobs import actions
from webapp.jobs.models import FINAL, Job, State
from worker.child import MARK

ROLES = {"one": "device", "two": "device", "host": "host"}
# what a worker's children meet; each worker is started with one of them
HOOKS = ["", "", "step@{n}:kill", "step@{n}:exit", "checkpoint_write@2:kill", "checkpoint_publish@2:kill", "checkpoint_publish:exit"]
HOOKS += ["publish@{n}:kill", "check_publish:kill"]
FULL = ["checkpoint_write@2:full"] if "full" in hook.ACTIONS else []
MANY = 4  # jobs that fill the queue
STEPS_MOST = 20


class Storm:
    """Throws faults at the house; `jobs` and `faults` say what it did, `doubles` what it saw twice meanwhile."""

    def __init__(self, house: House, seed: int, most_waiting: int) -> None:
        self.house, self.chance, self.most_waiting = house, random.Random(seed), most_waiting
        self.jobs: list[str] = []
        self.faults: Counter[str] = Counter()
        self.doubles: list[str] = []
        self.nodes: dict[str, subprocess.Popen[bytes]] = {}
        self.keeper = house.keeper()
        self.kinds: list[Callable[[], None]] = [
            self.kill_worker, self.kill_child, self.stop_and_continue, self.restart_redis, self.flush_redis,
            self.fill_queue, self.cancel, self.kill_keeper, self.pause,
        ]  # fmt: skip
        for name in ROLES:
            self.start(name)

    def start(self, name: str) -> None:
        """A worker, whose trainings may meet a fault of their own."""
        fault = self.chance.choice([*HOOKS, *FULL]).format(n=self.chance.randint(1, STEPS_MOST))
        if fault:
            self.faults[f"hook {fault.partition('@')[0].partition(':')[0]}:{fault.rpartition(':')[2]}"] += 1
        self.nodes[name] = self.house.worker(ROLES[name], name, FAULT=fault, **TWO_DEVICES)

    def submit(self, count: int) -> None:
        for _ in range(count):
            if Job.objects.filter(state=State.QUEUED).count() >= self.most_waiting:
                return
            with contextlib.suppress(InputError):  # of a dataset that is being sealed
                self.jobs.append(self.make())

    def make(self) -> str:
        """A new job of some kind: a training, an import, or of what was imported by then the sealing of a change or a check."""
        kind = self.chance.choices(["train", "import", "seal", "quality"], [8, 6, 3, 1])[0]
        imported = Dataset.objects.filter(job__in=self.jobs, job__state=State.SUCCEEDED).order_by("pk")
        if kind == "train":
            return self.house.train(epochs=EPOCHS).job_id
        if kind == "import" or not imported:
            return self.house.upload(per_class=self.chance.choice([8, 200])).job_id
        dataset = self.chance.choice(list(imported))
        if kind == "quality":
            return quality.start(self.house.actor, newest(dataset)).job_id
        drafts.change(self.house.actor, dataset, [self.chance.randrange(newest(dataset).images)], label=self.chance.choice(["cat", "dog"]))
        return drafts.seal(self.house.actor, dataset).pk

    def rage(self, seconds: float, pause: tuple[float, float], least: int) -> None:
        """Until the time is up and there were `least` jobs and as many faults: jobs, a fault, a look."""
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at or min(len(self.jobs), self.faults.total()) < least:
            if self.chance.random() < 0.7:
                self.submit(1)
            fault = self.chance.choice(self.kinds)
            self.faults[fault.__name__.replace("_", " ")] += 1
            fault()
            self.look()
            time.sleep(self.chance.uniform(*pause))
            self.mend()
            if self.chance.random() < 0.3:
                self.resume()

    def mend(self) -> None:
        """Starts again what has died, as a supervisor does."""
        for name, node in list(self.nodes.items()):
            if node.poll() is not None:
                self.start(name)
        if self.keeper.poll() is not None:
            self.keeper = self.house.keeper()

    def calm(self, seconds: float) -> None:
        """No fault any more, until every job is at its end or the time is up; then the processes stop in good order."""
        for name in ROLES:
            kill_session(self.nodes[name])
            self.nodes[name] = self.house.worker(ROLES[name], name, **TWO_DEVICES)
        self.mend()
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at and Job.objects.filter(pk__in=self.jobs).exclude(state__in=FINAL).exists():
            self.resume()
            self.look()
            time.sleep(0.5)
        self.stop()

    def stop(self) -> None:
        """All workers and the keeper, as at the end of the day."""
        running = [*self.nodes.values(), self.keeper]
        for process in running:
            process.terminate()
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)

    def look(self) -> None:
        """Two fences of one job that both do something, seen twice in a row, are a double."""
        first = {job: fences for job, fences in living_fences().items() if len(fences) > 1}
        if not first:
            return
        time.sleep(1.0)
        again = living_fences()
        twice = {job: fences for job, fences in first.items() if fences <= again.get(job, set())}
        self.doubles += [f"job {job} ran under the fences {fences} at once" for job, fences in twice.items()]

    def children(self) -> list[psutil.Process]:
        """The jobs' processes."""
        return [each for each in processes_with("SYNSET_HOME", str(self.house.home)) if carries_mark(each)]

    def kill_worker(self) -> None:
        name = self.chance.choice(list(ROLES))
        kill_session(self.nodes[name])

    def kill_child(self) -> None:
        if found := self.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                self.chance.choice(found).kill()

    def stop_and_continue(self) -> None:
        """For up to three leases; whatever it locked stays locked as long."""
        still = freeze(whole(self.nodes[self.chance.choice(list(ROLES))]))
        time.sleep(self.chance.uniform(0.2, 3.0) * LEASE_SECONDS)
        go_on(still)

    def restart_redis(self) -> None:
        kill_session(self.house.redis)
        time.sleep(self.chance.uniform(0.0, 3.0))
        self.house.redis = self.house.start_redis(forgetful=self.chance.random() < 0.5)

    def flush_redis(self) -> None:
        redis.Redis.from_url(self.house.redis_url).flushall()

    def kill_keeper(self) -> None:
        kill_session(self.keeper)

    def fill_queue(self) -> None:
        self.submit(MANY)

    def cancel(self) -> None:
        if job := self.any_job(State.QUEUED, State.RUNNING):
            actions.request_cancel(job)

    def pause(self) -> None:
        """Sets a training aside; a later turn, or the calm, lets it go on."""
        if job := self.any_job(State.QUEUED, State.RUNNING):
            actions.pause(job)

    def resume(self) -> None:
        """Lets everything that was set aside go on."""
        for job in Job.objects.filter(pk__in=self.jobs).exclude(state__in=FINAL):
            actions.resume(job)

    def any_job(self, *states: str) -> Job | None:
        found = list(Job.objects.filter(pk__in=self.jobs, state__in=states).order_by("pk"))
        return self.chance.choice(found) if found else None


def newest(dataset: Dataset) -> DatasetVersion:
    """That of an imported dataset."""
    version = newest_version(dataset)
    assert version
    return version


def carries_mark(process: psutil.Process) -> bool:
    """Whether it does a job's work."""
    try:
        return bool(process.environ().get(MARK))
    except (psutil.Error, OSError):
        return False
