"""The rows of load: one server with a training, a full queue, many sockets and many people; and an import of many small files.

Everything is real: `manage.py up` on loopback, SQLite, the embedded Redis, a training in its child process.
"""

from __future__ import annotations

import contextlib
import functools
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks.crowd import FINAL, THINKS, Heard, Listeners, Person, percentile
from benchmarks.harness import Row
from benchmarks.pictures import digits
from benchmarks.server import Server, served

RUNS = 3
SOCKETS, QUEUED, PEOPLE, SECONDS = 200, 500, 50, 60.0
FILES, CLASSES = 100_000, 100
ENDLESS = {"model": "small_cnn", "epochs": 100_000, "image_size": 32, "augment": False}
MEGABYTE = 1 << 20


class Loaded:
    """The figures of one run of the whole scene, by name."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.results: list[dict[str, float]] = []
        self.asked: dict[str, int] = {}

    def take(self, name: str) -> float:
        """A figure of the next run that was not asked for it yet; the scene is played where there is none."""
        number = self.asked.get(name, 0)
        if number == len(self.results):
            self.results.append(scene(self.scratch / f"home-{number}", self.archive))
        self.asked[name] = number + 1
        return self.results[number][name]

    @functools.cached_property
    def archive(self) -> Path:
        """Class folders of digits, as one zip."""
        folder, path = digits(self.scratch / "digits"), self.scratch / "digits.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*.jpg")):
                archive.write(file, file.relative_to(folder))
        return path


def scene(home: Path, archive: Path) -> dict[str, float]:
    """Plays it once: a training, so many jobs behind it, sockets on it, people on the pages; then the training is cancelled."""
    with served(home) as server:
        dataset = server.dataset(archive)
        quiet = visited(server, pages(server, dataset, None), people=1, seconds=SECONDS / 4, thinks=(0.2, 0.4))
        first = server.api.call("POST", "/experiments", {"dataset": dataset, "name": "watched", "config": ENDLESS})
        for number in range(QUEUED):
            server.api.call("POST", "/experiments", {"dataset": dataset, "name": f"waits {number}", "config": ENDLESS})
        before = server.web.memory_info().rss
        tickets = [str(server.api.call("POST", "/tickets", {})["ticket"]) for _ in range(SOCKETS)]
        listeners = Listeners(server.base, str(first["job"]), tickets)
        listeners.start()
        took = visited(server, pages(server, dataset, str(first["id"])), people=PEOPLE, seconds=SECONDS)
        memory = server.web.memory_info().rss
        server.api.call("POST", f"/jobs/{first['job']}/cancel")
        listeners.join(120)
        heard = [each for each in listeners.heard if isinstance(each, Heard)]
        stored = events(server, str(first["job"]))
    late = [1000 * seconds for each in heard for seconds in each.late]
    return {
        "lost": lost(heard, stored) + (SOCKETS - len(heard)) * len(stored),
        "late": percentile(late, 95),
        "quiet": percentile(quiet, 95),
        "page": percentile(took, 95),
        "memory": memory / MEGABYTE,
        "memory before": before / MEGABYTE,
    }


def pages(server: Server, dataset: str, experiment: str | None) -> list[str]:
    """What people look at."""
    live = [f"/experiments/{experiment}/", "/queue/"] if experiment else []
    return ["/", "/datasets/", f"/datasets/{dataset}/", f"/datasets/{dataset}/gallery/", "/experiments/", "/reports/", *live]


def visited(server: Server, paths: list[str], *, people: int, seconds: float, thinks: tuple[float, float] = THINKS) -> list[float]:
    """Milliseconds of each page that so many people looked at; RuntimeError where one was refused."""
    crowd = [Person(server.base, server.cookie, paths, thinks, seed) for seed in range(people)]
    for person in crowd:
        person.start()
    time.sleep(seconds)
    for person in crowd:
        person.over.set()
    for person in crowd:
        person.join(60)
    if refused := [status for person in crowd for status in person.refused]:
        raise RuntimeError(f"{len(refused)} pages were refused, with {sorted(set(refused))}")
    return [took for person in crowd for took in person.took]


def events(server: Server, job: str) -> list[int]:
    """The numbers of all events that the database has of a job."""
    numbers: list[int] = []
    since: int | None = 0
    while since is not None:
        page = server.api.call("GET", f"/jobs/{job}/events?since={since}")
        numbers += [event["seq"] for event in page["events"]]
        since = page["next"]
    return numbers


def lost(heard: list[Heard], stored: list[int]) -> int:
    """How many events after its snapshot each socket was not told, or told twice, in sum."""
    return sum(
        len({number for number in stored if number > each.since} ^ set(each.seqs)) + len(each.seqs) - len(set(each.seqs)) for each in heard
    )


def many_files(path: Path, files: int | None = None, classes: int | None = None) -> Path:
    """A zip of small pictures in class folders, each with bytes of its own."""
    chance, classes = np.random.default_rng(0), classes or CLASSES
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(files or FILES):
            out = io.BytesIO()
            Image.fromarray(chance.integers(0, 256, (8, 8), np.uint8)).save(out, "PNG", compress_level=0)
            archive.writestr(f"{number % classes:03}/{number:06}.png", out.getvalue())
    return path


class ManyFiles:
    """The import of many small files through the queue, one run a call: files a second, and the most memory that it took."""

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.peaks, self.number = scratch, list[float](), 0

    @functools.cached_property
    def archive(self) -> Path:
        return many_files(self.scratch / "many.zip")

    def rate(self) -> float:
        """Files a second from the claim of the job to its end."""
        self.number += 1
        with served(self.scratch / f"import-{self.number}") as server:
            _, job = server.upload(self.archive)
            began, peak = time.monotonic(), 0.0
            while (told := server.api.call("GET", f"/jobs/{job}"))["state"] not in FINAL:
                began = time.monotonic() if told["state"] == "queued" else began
                peak = max(peak, importing_memory(server))
                time.sleep(0.2)
            if told["state"] != "succeeded":
                raise RuntimeError(str(told["error"]))
            self.peaks.append(peak / MEGABYTE)
            return FILES / (time.monotonic() - began)

    def peak(self) -> float:
        """Megabytes of the newest run."""
        if not self.peaks:
            self.rate()
        return self.peaks[-1]


def importing_memory(server: Server) -> float:
    """Bytes that the import's processes hold now; what several of them share counts once."""
    tree, held = server.web.parent(), 0.0
    for process in tree.children(recursive=True) if tree else []:
        with contextlib.suppress(psutil.Error):  # it ends meanwhile
            if "classifier" in process.cmdline() and "import" in process.cmdline():
                held += process.memory_full_info().pss
    return held


def rows(scratch: Path) -> list[Row]:
    """All rows of load; one scene serves several of them."""
    scratch = scratch / "load"
    loaded, many = Loaded(scratch), ManyFiles(scratch)
    take = functools.partial(functools.partial, loaded.take)
    return [
        Row("load/events-lost", "events", take("lost"), runs=RUNS),
        Row("load/event-late-p95", "ms", take("late"), runs=RUNS),
        Row("load/page-p95", "ms", take("page"), take("quiet"), runs=RUNS),
        Row("load/web-memory", "MB", take("memory"), take("memory before"), runs=RUNS),
        Row("load/import-100000", "files/s", many.rate, runs=RUNS),
        Row("load/import-100000-memory", "MB", many.peak, runs=1),
    ]
