"""A report as PDF: the file that stands alone, printed by the Chromium of this system where it has one.

The browser gets a folder of its own, a minute, no network (the file's own policy forbids it, and its names resolve to nothing), and is
ended with all its processes. One prints at a time, since each takes some hundred megabytes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from classifier.spec.errors import ClassifierError
from webapp.reports import standalone
from webapp.reports.models import Report

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
turn = threading.BoundedSemaphore(1)


class NoPdf(ClassifierError):
    """It could not be printed; the sentence says what to do."""


def browser() -> str | None:
    """The path of this system's Chromium; None where it has none, and a reader's own browser prints."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def printed(report: Report, *, with_groups: bool = False) -> bytes:
    """The report on sheets of A4. Raises NoPdf."""
    path = browser()
    if path is None:
        raise NoPdf("This server has no Chromium to print with. Print the page with your own browser, or ask for chromium to be installed.")
    if not turn.acquire(timeout=WAIT_SECONDS):
        raise NoPdf("Other reports are being printed. Try again in a minute.", retry=True)
    try:
        with tempfile.TemporaryDirectory(prefix="synset-pdf-") as folder:
            return by(path, Path(folder), b"".join(standalone.standalone(report, with_groups=with_groups)))
    finally:
        turn.release()


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
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()


def file_name(report: Report) -> str:
    """As the HTML file is called."""
    return f"{standalone.file_name(report).removesuffix('.html')}.pdf"
