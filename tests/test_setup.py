"""Making the environment: when there is nothing to do, when it was interrupted, and what is said when it cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tools import setup


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with an environment that `install` pretends to fill."""
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "requirements.txt").write_text("torch")
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "PYTHON": python, "make_environment": lambda: None}.items():
        monkeypatch.setattr(setup, name, value)
    return tmp_path


@pytest.fixture
def installed(monkeypatch):
    done = []
    monkeypatch.setattr(setup, "install", done.append)
    return done


def test_a_second_start_installs_nothing(checkout, installed):
    setup.fill("requirements.txt")
    setup.fill("requirements.txt")
    assert installed == ["requirements.txt"]


def test_changed_requirements_are_installed(checkout, installed):
    setup.fill("requirements.txt")
    (checkout / "requirements.txt").write_text("torch, and more")
    setup.fill("requirements.txt")
    assert len(installed) == 2


def test_an_interrupted_installation_is_done_again(checkout, installed, monkeypatch):
    with monkeypatch.context() as once, pytest.raises(KeyboardInterrupt):
        once.setattr(setup, "install", lambda name: (_ for _ in ()).throw(KeyboardInterrupt))
        setup.fill("requirements.txt")
    setup.fill("requirements.txt")
    assert installed == ["requirements.txt"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", setup.FULL),
        ("Temporary failure in name resolution", setup.NO_NETWORK),
        ("dns error: failed to lookup address", setup.NO_NETWORK),
        ("ERROR: metadata-generation-failed", setup.UNKNOWN),
    ],
)
def test_a_failure_is_put_into_a_sentence(text, sentence):
    assert setup.reason(text) == sentence


def test_a_full_disk_is_seen_whatever_was_said(monkeypatch):
    monkeypatch.setattr(setup, "FULL_BYTES", 1 << 62)
    assert setup.reason("killed") == setup.FULL


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(setup, "answers", lambda *command: False)
    with pytest.raises(setup.Stopped, match=r"needs Python 3\.11"):
        setup.base_python()


def test_a_python_without_venv_is_named(monkeypatch):
    monkeypatch.setattr(setup, "answers", lambda *command: "import venv" not in command[-1])
    with pytest.raises(setup.Stopped, match="venv module is missing"):
        setup.base_python()


def test_no_browser_is_said(monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    with pytest.raises(setup.Stopped, match="install chromium"):
        setup.find_browser()


def test_a_running_step_ends_with_the_set_up(tmp_path):
    marker = f"61.{os.getpid()}"
    line = f"import signal; from tools import setup; signal.signal(signal.SIGTERM, setup.end); setup.step('sleep', '{marker}')"
    process = subprocess.Popen([sys.executable, "-c", line], cwd=setup.ROOT)
    while not running(marker):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 128 + signal.SIGTERM
    assert not running(marker)


def running(argument):
    """Whether a sleep with that argument runs."""
    return subprocess.run(["pgrep", "-f", f"^sleep {argument}$"], stdout=subprocess.DEVNULL, check=False).returncode == 0
