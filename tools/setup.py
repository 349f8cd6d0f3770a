"""Makes `.venv` and installs what is missing: `python3 tools/setup.py run|test`. Standard library only; output on stderr.

A stamp in `.venv` keeps the hash of the requirements it was filled from, so that a second start has nothing to do and an
interrupted one goes on. Each step runs in a process group of its own, which is killed when this process is asked to end.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LEAST = (3, 11)
OTHERS = ("python3.13", "python3.12", "python3.11", "python3.14", "python3")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FULL_BYTES = 300_000_000  # with less left after a failed installation, the disk was the reason
NETWORK_SIGNS = ("resolve", "resolution", "connection", "unreachable", "timed out", "max retries", "dns error", "proxy", "ssl")
FULL = "The disk is full. Free some space (the environment takes up to 7 GB, 2 GB with TORCH_BACKEND=cpu), then run the same command again."
NO_NETWORK = "The packages could not be fetched. Check the network and what pip is configured with, then run the same command again."
UNKNOWN = "The packages could not be installed; the lines above say why. Run the same command again once that is mended."
PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """A sentence that says why there is no environment, and what to do."""


def say(text: str) -> None:
    """To the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def die_with_parent() -> None:
    """Linux: the step ends with this process, even when it is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def step(*command: str, listen: bool = False, extra: dict[str, str] | None = None) -> tuple[int, str]:
    """Runs a command to its end: its exit status, and with `listen` what it said on stderr, which is shown all the same."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=subprocess.PIPE if listen else None,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    said = []
    try:
        for line in process.stderr or ():
            said.append(line)
            sys.stderr.write(line)
        return process.wait(), "".join(said)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def answers(*command: str) -> bool:
    """Whether a short command succeeds."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def base_python() -> str:
    """A Python of the right version with the modules that make an environment."""
    recent = [name for name in (sys.executable, *OTHERS) if answers(name, "-c", f"import sys; sys.exit(sys.version_info < {LEAST})")]
    if not recent:
        version = ".".join(map(str, sys.version_info[:3]))
        raise Stopped(f"Synset needs Python 3.11 or newer; python3 here is {version}. Install a newer one, or put one first on PATH.")
    for name in recent:
        if answers(name, "-c", "import venv, ensurepip"):
            return name
    raise Stopped("Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv")


def make_environment() -> None:
    """`.venv` with pip in it; a half-made one is made anew."""
    if answers(str(PYTHON), "-m", "pip", "--version"):
        return
    base = base_python()
    say("Making the environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    status, text = step(base, "-m", "venv", str(VENV), listen=True)
    if status:
        raise Stopped(reason(text))


def reason(text: str) -> str:
    """Why an installation failed, in a sentence."""
    if shutil.disk_usage(ROOT).free < FULL_BYTES or "No space left" in text:
        return FULL
    return NO_NETWORK if any(sign in text.lower() for sign in NETWORK_SIGNS) else UNKNOWN


def pip_settings() -> dict[str, str]:
    """What pip is configured with (its index, its certificates), as uv wants to be told."""
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "constraint": "UV_CONSTRAINT",
        "cert": "SSL_CERT_FILE",
    }
    listed = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip: of several indexes none comes first
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        if name and name not in os.environ:
            found[name] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return found


def install(requirements: str, *flags: str) -> None:
    """With uv, which takes seconds; with pip, which takes minutes, where uv cannot be had or does not get through."""
    backend = os.environ.get("TORCH_BACKEND")
    uv = VENV / "bin" / "uv"
    if uv.exists() or step(str(PYTHON), "-m", "pip", "install", "--quiet", "uv")[0] == 0:
        choice = ["--torch-backend", backend] if backend else []
        command = [str(uv), "pip", "install", "--compile-bytecode", "--python", str(PYTHON), *choice, *flags, "-r", requirements]
        if step(*command, extra=pip_settings())[0] == 0:
            return
        say("uv did not get through; trying pip, which takes longer.")
    status, text = step(str(PYTHON), "-m", "pip", "install", *flags, "-r", requirements, listen=True)
    if status:
        raise Stopped(reason(text))


def fill(requirements: str, *flags: str) -> None:
    """Installs a requirements file, unless the stamp says that it is done."""
    names = dict.fromkeys(("requirements.txt", requirements))
    wanted = hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()
    stamp = VENV / f".{requirements}.sha256"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    make_environment()
    much = "" if flags else "; the first time this fetches some gigabytes (TORCH_BACKEND=cpu: less)"
    say(f"Installing {requirements}{much}.")
    install(requirements, *flags)
    stamp.write_text(wanted)


def find_browser() -> None:
    """The browser that the tests drive."""
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing chromium for the tests in a real browser")
        step("apt-get", "update", "-qq")
        step("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    if not any(map(shutil.which, BROWSERS)):
        raise Stopped("The tests drive a real browser: install chromium (Debian: apt-get install chromium) so that it is on PATH.")


def end(number: int, *_: object) -> None:
    """A signal ends the running step first, then this process."""
    sys.exit(128 + number)


def main(kind: str) -> int:
    """The exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        fill("requirements.txt")
        fill("requirements-files.txt", "--no-deps")
        if kind == "test":
            fill("requirements-dev.txt")
            find_browser()
    except Stopped as stopped:
        say(str(stopped))
        return 1
    except OSError as error:
        say(f"{reason(str(error))} ({error})")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
