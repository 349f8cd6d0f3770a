"""A report as PDF: the file that stands alone, printed by the Chromium of this system where it has one.

The browser gets a folder of its own, a minute, no network (the file's own policy forbids it, and its names resolve to nothing), and is
ended with all its processes. One prints at a time, since each takes some hundred megabytes.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from classifier.spec.errors import ClassifierError
from webapp.reports import standalone
from webapp.reports.models import Report

logger = logging.getLogger(__name__)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=20000",  # of the page's own clock: its charts are drawn before it is printed
)
MOST_SECONDS = 60
WAIT_SECONDS = 90  # for those that print before
SHORT_WAIT_SECONDS = 10  # a stranger's: whoever has a link must not hold the server's threads
REMOVALS, BETWEEN_SECONDS = 40, 0.05
turn = threading.BoundedSemaphore(1)


class NoPdf(ClassifierError):
    """It could not be printed; the sentence says what to do."""


def browser() -> str | None:
    """The path of this system's Chromium; None where it has none, and a reader's own browser prints."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def printed(report: Report, *, with_groups: bool = False, wait: float = WAIT_SECONDS) -> bytes:
    """The report on sheets of A4. Raises NoPdf."""
    return on_sheets(lambda: standalone.standalone(report, with_groups=with_groups), wait)


def on_sheets(file: Callable[[], list[bytes]], wait: float = WAIT_SECONDS) -> bytes:
    """A file that stands alone on sheets of A4; it is made once it is its turn. Raises NoPdf."""
    path = found()
    if not turn.acquire(timeout=wait):
        raise NoPdf("Other reports are being printed. Try again in a minute.", retry=True)
    try:
        page = b"".join(file())
        with own_folder() as folder:
            return by(path, folder, page)
    except OSError as error:  # a full disk, no process to be had, a browser that was removed meanwhile
        raise NoPdf(f"It could not be printed: {error.strerror or error}. Print the page with your own browser.", retry=True) from error
    finally:
        turn.release()


def found() -> str:
    """The path of the browser that prints. Raises NoPdf where there is none."""
    path = browser()
    if path is None:
        raise NoPdf("This server has no Chromium to print with. Print the page with your own browser, or ask for chromium to be installed.")
    return path


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="synset-pdf-"))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Removes it with all that is in it. The browser's processes were killed, but one may still be ending and write a file into a folder
    that is being emptied: what it made goes at the next try."""
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(BETWEEN_SECONDS)
    logger.warning("The folder %s of a report that was printed could not be removed.", folder)


def by(path: str, folder: Path, page: bytes) -> bytes:
    """A page printed by that browser, with everything it leaves in that folder."""
    source, made = folder / "report.html", folder / "report.pdf"
    source.write_bytes(page)
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()  # its sandbox refuses to run as root
    command = [path, *FLAGS, *root, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}", source.as_uri()]
    home = {"HOME": str(folder), "PATH": os.environ.get("PATH", "")}
    child = subprocess.Popen(
        command, env=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        child.wait(MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise NoPdf(f"Printing took over {MOST_SECONDS} seconds and was ended. Print the page with your own browser.", retry=True) from None
    finally:
        end(child)
    if not made.is_file():
        raise NoPdf(f"Chromium ended with status {child.returncode} and printed nothing. Print the page with your own browser.", retry=True)
    return made.read_bytes()


def end(child: subprocess.Popen[bytes]) -> None:
    """It and the processes that it started."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of processes that have ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def file_name(report: Report) -> str:
    """As the HTML file is called."""
    return f"{standalone.file_name(report).removesuffix('.html')}.pdf"
