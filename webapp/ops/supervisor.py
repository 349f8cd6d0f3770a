"""One command, one process tree: starts it in order, keeps it alive, stops it in order."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import run_checks

from webapp.checks import TAG
from webapp.core import schema
from webapp.core.trouble import TROUBLE, sentence
from webapp.datasets import leftovers
from webapp.jobs import actions
from webapp.ops import embedded_redis, static_files
from webapp.ops.database import migrate
from webapp.ops.processes import Child, sweep, tail, wait_for
from webapp.ops.tree import CannotStart, Tree, address, check_port, hold_lock

TICK_SECONDS = 0.1
STOP_SECONDS = 20.0  # a training that is stopped writes its checkpoint first
VITAL = ("redis", "web", "keeper")  # without these nothing works; without a worker the rest does, and says what is down
DEATHS, DEATHS_SECONDS = 5, 60.0  # so many ends of a vital child within that time, and the tree gives up
BACKOFF_SECONDS, MOST_BACKOFF_SECONDS = 0.5, 60.0  # doubled with each end of a child that ran shorter than DEATHS_SECONDS
SLOW_START_SECONDS = 30.0
FOLLOWERS = {"interactive"}  # parts that start once the rest is ready: readiness must not wait for them
NO_OBSTACLES = FOLLOWERS | {"disk"}  # with a full one pages work, and say what to free


def say(text: str) -> None:
    """To the person at the terminal."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def ready() -> str | None:
    """None when /readyz names nothing as down but what is yet to start; else its answer. Asked under a name that the server answers to."""
    name = next(iter(settings.ALLOWED_HOSTS), "").lstrip("*.") or settings.HOST
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address()}readyz", headers={"Host": name}), timeout=2):
            return None
    except urllib.error.HTTPError as error:
        answer = error.read(20_000).decode(errors="replace")
        return None if NO_OBSTACLES.issuperset(down_by(answer)) else answer
    except OSError as error:
        return str(error)


def down_by(answer: str) -> list[str]:
    """The parts that an answer of /readyz names as down; one that is none counts as a part."""
    try:
        return list(json.loads(answer)["down"])
    except (ValueError, KeyError, TypeError):
        return [answer]


class Supervisor:
    """Runs a Tree until Ctrl-C, SIGTERM or `stop()`; `on_ready` is called once, from the loop."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        self.on_ready = on_ready
        self.tree = Tree()
        self.children: list[Child] = []
        self.deaths: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS))
        self.backoff: dict[str, float] = {}  # seconds that each child last waited
        self.due: dict[str, float] = {}  # when an ended child starts again, in monotonic seconds
        self.interrupts = 0
        self.exit_status: int | None = None  # set: the tree is to stop

    def run(self) -> int:
        """The exit status. Raises CannotStart where it could not begin."""
        with hold_lock():
            check_port()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self.interrupted)
            try:
                self.start()
                self.watch()
            finally:
                self.shut_down()
        return self.exit_status or 0

    def interrupted(self, *_: Any) -> None:
        """A signal: the first stops in order, the second kills."""
        self.interrupts += 1
        if self.interrupts == 1:
            say("Stopping; press Ctrl-C again to kill.")
        self.stop(0)

    def stop(self, status: int) -> None:
        """Asks the loop to end; the first status stands. Callable from any thread."""
        if self.exit_status is None:
            self.exit_status = status

    def launch(self, child: Child) -> None:
        """Starts one and keeps it."""
        self.children.append(child)
        child.start()

    def start(self) -> None:
        """Redis while the tables are made, then the rest at once."""
        server = self.tree.redis()
        if server:
            self.launch(server)
        migrate()
        if differs := schema.mismatch():
            raise CannotStart(f"This Synset's {differs}.")
        actions.forget_host(socket.gethostname())
        leftovers.sweep(upload_seconds=0.0)  # nothing runs yet that could still want one
        static_files.collect()
        if not embedded_redis.wait_until_ready(settings.REDIS_URL):
            say(f"Redis does not answer. {tail(server.log) if server else 'Check REDIS_URL.'}")
            self.stop(1)
        for child in self.tree.services() if self.exit_status is None else ():
            self.launch(child)

    def watch(self) -> None:
        """Until something asks to stop."""
        started, told, waiting = time.monotonic(), False, True
        while self.exit_status is None:
            self.restart_what_ended()
            if waiting and (down := ready()) is None:
                waiting = False
                self.on_ready()
                for child in self.tree.followers():
                    self.launch(child)
            elif waiting and not told and time.monotonic() - started > SLOW_START_SECONDS:
                told = True
                say(f"Not ready yet: {down}. The logs are in {self.tree.logs}.")
            time.sleep(TICK_SECONDS)

    def restart_what_ended(self) -> None:
        """Starts each ended child again, later each time; gives up where a vital one ends too often."""
        now = time.monotonic()
        for child in self.children:
            if child.status is None or self.exit_status is not None:
                continue
            if child.name not in self.due:
                self.note_death(child, now)
            elif now >= self.due[child.name]:
                del self.due[child.name]
                child.start()

    def note_death(self, child: Child, now: float) -> None:
        """Sets when it starts again, or stops the tree."""
        deaths = self.deaths[child.name]
        deaths.append(now)
        if child.name in VITAL and len(deaths) == DEATHS and now - deaths[0] < DEATHS_SECONDS:
            say(f"{child.name} ended {DEATHS} times within a minute; giving up. The end of {child.log}:\n{tail(child.log)}")
            self.stop(1)
            return
        again = now - child.started_at < DEATHS_SECONDS and child.name in self.backoff
        wait = min(2 * self.backoff[child.name], MOST_BACKOFF_SECONDS) if again else BACKOFF_SECONDS
        self.backoff[child.name], self.due[child.name] = wait, now + wait
        say(f"{child.name} ended with status {child.status}; it starts again in {wait:g} s. Its log: {child.log}")

    def shut_down(self) -> None:
        """In reverse order, Redis last; what does not end in time, and after a second Ctrl-C everything, is killed."""
        server = [child for child in self.children if child.name == "redis"]
        others = [child for child in reversed(self.children) if child.name != "redis"]
        for group, seconds in ((others, STOP_SECONDS), (server, 5.0)):
            for child in group:
                child.signal(signal.SIGTERM)
            for child in wait_for(group, seconds, lambda: self.interrupts > 1):
                child.kill()
            if group is others and sweep(self.tree.mark, spare=[child.pid for child in server]):
                say("Something had outlived its process and was killed.")
            wait_for(group, 2.0, lambda: False)


def well_set() -> bool:
    """Tells what is wrong with the settings; False when it is too much to start."""
    found = run_checks(tags=[TAG])
    for message in found:
        say(f"{message.msg} {message.hint}")
    return not any(message.is_serious() for message in found)


def run_tree(on_ready: Callable[[Supervisor], None]) -> int:
    """Runs the tree on this machine; sentences go to stderr."""
    if not well_set():
        return 1
    try:
        supervisor = Supervisor(lambda: on_ready(supervisor))
        return supervisor.run()
    except CannotStart as error:
        say(str(error))
    except TROUBLE as error:
        say(sentence(error))
    return 1
