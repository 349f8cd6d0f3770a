"""A house of real processes: its own data folder, Redis and database; workers, a keeper and a web server that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from django.test import override_settings

from tests.classifier.images import class_folders, write_zip
from tests.faults.processes import children_of, end, kill_session, processes_with, wait_for
from tests.plugins.prepared import copy_tables
from tests.plugins.stack import free_port, no_answer
from webapp.accounts.actor import Actor, actor_in
from webapp.accounts.models import Membership, Role, Team, User
from webapp.core.home import CHECKOUT, redis_socket, secret
from webapp.core.trouble import Environment
from webapp.datasets import actions as datasets
from webapp.datasets.models import Dataset
from webapp.experiments import actions as experiments
from webapp.experiments.models import Experiment
from webapp.jobs import queue
from webapp.jobs.models import FINAL, Job, Node, State
from webapp.ops import embedded_redis
from webapp.ops.tree import web_command

LEASE_SECONDS = 5.0
THREADS = 1  # of a training: a few small images need no more
CELERY = (sys.executable, "-m", "celery", "-A", "worker.celery", "worker", "--without-mingle", "--without-gossip")
SQLITE = "django.db.backends.sqlite3"
QUICK = {"model": "small_cnn", "deterministic": True, "batch_size": 8, "device": "cpu", "image_size": 32}


class House:
    """Starts and ends what a test wants; everything that is left ends with it. `database` is an address, SQLite's unless named."""

    def __init__(self, home: Path, database: str = "") -> None:
        self.home, self.socket, self.password = home, redis_socket(home), secret(home, "redis")
        self.database = database or f"sqlite:///{home / 'house.sqlite3'}"
        self.redis_url = f"unix://:{self.password}@{self.socket}?db=1"
        self.broker = f"redis+socket://:{self.password}@{self.socket}?virtual_host=0"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.actor: Actor
        self.dataset: Dataset

    def environment(self, **more: str) -> dict[str, str]:
        """What every process of the house has."""
        mine = {"SYNSET_HOME": str(self.home), "DATABASE_URL": self.database, "REDIS_URL": "", "SECRET_KEY": settings.SECRET_KEY}
        times = {"SYNSET_LEASE_SECONDS": str(LEASE_SECONDS), "SYNSET_REAP_SECONDS": "0.5", "SYNSET_DISPATCH_SECONDS": "0.5"}
        fixed = {"DJANGO_SETTINGS_MODULE": "webapp.settings", "SYNSET_DEVICES": "cpu", "SYNSET_CANCEL_GRACE_SECONDS": "15"}
        return {**os.environ, "OMP_NUM_THREADS": str(THREADS), **mine, **times, **fixed, **more}

    @contextmanager
    def opened(self) -> Iterator[House]:
        """This process sees the house's rows, files and Redis."""
        old = connections["default"]
        connections["default"] = self.connection(old.settings_dict)
        layer = {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": [self.redis_url], "prefix": "synset"}}
        own = {"SYNSET_HOME": self.home, "REDIS_URL": self.redis_url, "CELERY_BROKER_URL": self.broker}
        queue.sender.cache_clear()
        try:
            if not self.database.startswith("postgres"):
                copy_tables(self.home / "house.sqlite3")
            with override_settings(**own, CHANNEL_LAYERS={"default": layer}):
                call_command("migrate", verbosity=0)
                self.redis = self.start_redis()
                yield self
        finally:
            self.end()
            connections["default"].close()
            connections["default"] = old
            queue.sender.cache_clear()

    def connection(self, like: dict[str, Any]) -> Any:
        """A connection to the house's database, with the other settings of another."""
        own = Environment.db_url_config(self.database)
        options = {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
        own["OPTIONS"] = options if own["ENGINE"] == SQLITE else own.get("OPTIONS", {})
        return load_backend(own["ENGINE"]).DatabaseWrapper({**like, **own}, "default")

    def start_redis(self, *, forgetful: bool = False) -> subprocess.Popen[bytes]:
        """The embedded server; so that a restart keeps what it had, as that of others may, unless it is `forgetful`, as ours is."""
        command = embedded_redis.command(self.home, self.socket, self.password)
        process = self.start(*command, *(() if forgetful else ("--appendonly", "yes")), log="redis")
        assert embedded_redis.wait_until_ready(self.redis_url)
        return process

    def start(self, *command: str, log: str, **more: str) -> subprocess.Popen[bytes]:
        """A process of the house, in a session of its own."""
        with (self.home / f"{log}.log").open("ab") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=CHECKOUT,
                env=self.environment(**more),
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self, role: str = "device", name: str = "", **more: str) -> subprocess.Popen[bytes]:
        """A Celery node; `name` tells two of a role apart."""
        return self.start(*CELERY, "-Q", role, "-n", f"{role}@{name or '%h'}", "-c", "1", log=f"{role}{name}", **more)

    def keeper(self, **more: str) -> subprocess.Popen[bytes]:
        return self.start(sys.executable, "-m", "worker.keeper", log="keeper", **more)

    def web(self, port: int = 0) -> tuple[subprocess.Popen[bytes], int]:
        """The web server, once it answers, and its port."""
        port = port or free_port()
        process = self.start(*web_command("127.0.0.1", port), log="web", PORT=str(port))
        answer = no_answer(f"http://127.0.0.1:{port}/healthz", process)
        assert not answer, f"{answer}\n{self.logs()}"
        return process, port

    def furnish(self) -> None:
        """Somebody, and an imported dataset of two classes."""
        user, team = User.objects.create(username="ada"), Team.objects.create(name="Botany")
        Membership.objects.create(user=user, team=team, role=Role.OWNER)
        actor = actor_in(user, via="session")
        assert actor
        self.actor = actor
        self.dataset = self.upload()
        importer = self.worker("host")
        self.wait_for_state(self.dataset.job, "succeeded")
        end(importer)

    def upload(self, per_class: int = 40) -> Dataset:
        """A dataset of two classes whose import waits."""
        archive = self.home / f"upload-{per_class}.zip"
        if not archive.exists():
            write_zip(archive, class_folders(per_class))
        return datasets.create(self.actor, "Cats and dogs", archive, "pets.zip")

    def train(self, name: str = "a training", **config: Any) -> Experiment:
        """A queued training."""
        return experiments.launch(self.actor, self.dataset, name, {**QUICK, **config})

    def wait_for_state(self, job: Job, state: str, seconds: float = 300.0) -> Job:
        """The job, once it is in that state; fails at once when it ended otherwise."""

        def there() -> bool:
            job.refresh_from_db()
            assert job.state in (state, State.QUEUED, State.RUNNING), f"{job.state}: {job.error}\n{self.logs()}"
            return job.state == state

        wait_for(there, seconds, lambda: f"{job.title} is {job.state}, not {state}: {job.error}\n{self.logs()}")
        return job

    def trainer(self, job: Job, epochs: int = 1, seconds: float = 300.0) -> psutil.Process:
        """The job's child, once it has told of so many epochs."""
        wait_for(lambda: job.events.filter(kind="epoch").count() >= epochs, seconds, lambda: f"no epoch ended\n{self.logs()}")
        job.refresh_from_db()
        return children_of(job)[0]

    def logs(self) -> str:
        """The ends of all logs, for a test that fails."""
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2500:]}" for path in sorted(self.home.glob("*.log")))

    def end(self) -> None:
        """Kills everything that carries the house's mark."""
        for started in self.processes:
            kill_session(started)
        self.kill_the_rest()

    def kill_the_rest(self) -> None:
        """Whatever carries the house's mark and is none of those it still runs."""
        spared = {started.pid for started in self.processes if started.poll() is None}
        for process in processes_with("SYNSET_HOME", str(self.home)):
            if process.pid not in spared:
                with suppress(psutil.NoSuchProcess):
                    process.kill()

    def clear(self) -> None:
        """No process but Redis and no job that is not at its end: as a test finds it."""
        for started in self.processes:
            if started is not self.redis:
                kill_session(started)
        self.kill_the_rest()
        Node.objects.all().delete()
        for job in Job.objects.exclude(state__in=FINAL):
            Experiment.objects.filter(job=job).delete()
            Dataset.objects.filter(job=job).delete()
            job.delete()
