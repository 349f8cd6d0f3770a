"""A place to run the command in, within limits, that shows whatever was left outside the target."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from classifier.cli.main import main

ROOT = Path(__file__).parents[2]
MEMORY_BYTES = 1 << 30  # an import of small pictures takes 0.1 GB; every bomb here unpacks to more than this
FILE_BYTES = 64 << 20
CPU_SECONDS = 60  # of the processor, which other work on the machine does not use up
PATIENCE_SECONDS = 300


class Said(NamedTuple):
    """What a command told."""

    code: int
    events: list[dict[str, Any]]

    @property
    def error(self) -> str:
        """Its last sentence, where it failed."""
        last = self.events[-1] if self.events else {}
        return str(last["message"]) if last.get("event") == "error" else ""

    @property
    def end(self) -> dict[str, Any]:
        """Its last event."""
        return self.events[-1]

    @property
    def problems(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == "problem"]

    def rules(self, *, taken: bool | None = None) -> dict[str, str]:
        """{file: rule} of what was said about files."""
        return {problem["file"]: problem["rule"] for problem in self.problems if taken in (None, problem["taken"])}


class Box:
    """Folders of one test: what is uploaded, where the dataset goes, the temporary folder, and SYNSET_HOME."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads, self.made, self.tmp, self.home = (folder / name for name in ("uploads", "made/deep", "tmp", "home"))
        for each in (self.uploads, self.made, self.tmp, self.home):
            each.mkdir(parents=True)
        self.target = self.made / "data"

    def contents(self) -> dict[str, tuple[int, int]]:
        """{path: (type and rights, bytes)} of all but the target and what is kept to be quicker; folders have no size of their own."""
        found = {}
        for path in self.folder.rglob("*"):
            about = path.lstat()
            if not path.is_relative_to(self.target) and not path.is_relative_to(self.home / "cache"):  # a training notes plans there
                found[str(path.relative_to(self.folder))] = (about.st_mode, about.st_size if stat.S_ISREG(about.st_mode) else 0)
        return found

    def command(self, *words: object, apart: bool) -> Said:
        """classifier WORDS --json within limits, which a bomb that goes off breaks: as a process of its own, or in this one."""
        own = {"TMPDIR": str(self.tmp), "SYNSET_HOME": str(self.home), "HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        line = [*map(str, words), "--json"]
        return self.process(line, own) if apart else self.here(line, own)

    def process(self, line: list[str], own: dict[str, str]) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "classifier", *line],
            cwd=self.made,
            env={**os.environ, **own},
            capture_output=True,
            preexec_fn=limited,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        return Said(done.returncode, [json.loads(line) for line in done.stdout.splitlines()])

    def here(self, line: list[str], own: dict[str, str]) -> Said:
        out, began = io.StringIO(), time.process_time()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(io.StringIO()), memory_limit(), same_signals():
            for name, value in own.items():
                patch.setenv(name, value)
            patch.setattr("tempfile.tempdir", str(self.tmp))
            patch.chdir(self.made)
            code = main(line)
        assert time.process_time() - began < CPU_SECONDS
        return Said(code, [json.loads(line) for line in out.getvalue().splitlines()])

    def imported(self, source: Path, *words: object, apart: bool = False) -> Said:
        """Imports into the target."""
        return self.watched("import", source, "--out", self.target, *words, apart=apart)

    def watched(self, *words: object, apart: bool = False) -> Said:
        """A command that fills the target: all around it is as it was, and nothing of a refusal is left."""
        before = self.contents()
        said = self.command(*words, apart=apart)
        after = self.contents()
        assert after == before, sorted(after.items() ^ before.items())
        assert self.target.is_dir() == (said.code == 0)
        assert said.code in (0, 2), said
        assert not [path for path in self.target.rglob("*") if not is_plain(path)]
        return said

    def kept(self) -> bytes:
        """All bytes of the dataset."""
        return b"".join(path.read_bytes() for path in sorted(self.target.rglob("*")) if path.is_file())


def limited() -> None:
    """Of the child, between fork and exec."""
    for kind, most in ((resource.RLIMIT_DATA, MEMORY_BYTES), (resource.RLIMIT_FSIZE, FILE_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        resource.setrlimit(kind, (most, most))


@contextmanager
def memory_limit() -> Iterator[None]:
    """This process may take so much more for a while; Linux says how much it has."""
    status = Path("/proc/self/status").read_text()
    used = int(status.split("VmData:")[1].split()[0]) << 10
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@contextmanager
def same_signals() -> Iterator[None]:
    """The command takes SIGINT and SIGTERM; the test run gets them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def is_plain(path: Path) -> bool:
    """Whether it is a folder or a file without special rights, and no link."""
    mode = path.lstat().st_mode
    return (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and not mode & (stat.S_ISUID | stat.S_ISGID | 0o111 * stat.S_ISREG(mode))


def is_sentence(text: str) -> bool:
    """Whether it reads as one: some words and an end."""
    return len(text.split()) > 3 and text.endswith((".", "?", ")"))
