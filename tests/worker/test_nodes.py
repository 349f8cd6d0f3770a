"""What a process reports of itself and its host."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from webapp.core import schema
from webapp.core.home import CHECKOUT
from webapp.jobs.models import Node
from worker import nodes
from worker.gpus import Gpus
from worker.host import Host, versions
from worker.nodes import Reporter

pytestmark = pytest.mark.django_db
FUTURE = ("jobs", "9999_of_the_future")


@pytest.fixture(autouse=True)
def same_connection(monkeypatch):
    """A beat closes its connection, which here holds the test's transaction."""
    monkeypatch.setattr(nodes.connection, "close", lambda: None)


def beat(role: str = "device", **facts) -> Node:
    Reporter(f"{role}@here", role, 3, **facts).beat()
    return Node.objects.get(role=role)


def test_a_beat_tells_versions_age_and_the_hosts_figures():
    info = beat(devices=["gpu 0"]).info
    assert info["versions"]["schema"] == schema.fingerprint() and info["versions"]["torch"] and info["versions"]["synset"]
    assert info["up_seconds"] == 0 and info["devices"] == ["gpu 0"]
    assert 0 < info["memory_used"] < info["memory_total"] and 0 < info["disk_free"] <= info["disk_total"]


def test_torch_is_not_loaded_to_tell_its_version():
    code = "import django, sys; django.setup(); from worker.host import versions; assert versions()['torch'] and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CHECKOUT)


def test_the_processor_is_told_once_there_is_something_to_compare_with(tmp_path):
    host = Host(tmp_path)
    assert "cpu" not in host.figures()
    host.looked -= 10
    assert 0.0 <= host.figures()["cpu"] <= 1.0


def test_a_disk_that_is_gone_is_left_out(tmp_path):
    figures = Host(tmp_path / "nowhere").figures()
    assert "disk_free" not in figures and "memory_used" in figures


def test_a_process_of_another_version_refuses_and_offers_no_slots():
    MigrationRecorder(connection).record_applied(*FUTURE)
    node = beat()
    assert node.slots == 0
    assert node.info["refuses"] == "its version is older than the database's schema; update and restart it"


def test_it_works_again_once_the_tables_fit():
    MigrationRecorder(connection).record_applied(*FUTURE)
    reporter = Reporter("device@here", "device", 3)
    reporter.beat()
    MigrationRecorder(connection).record_unapplied(*FUTURE)
    reporter.beat()
    node = Node.objects.get()
    assert node.slots == 3 and "refuses" not in node.info


def test_versions_are_those_of_the_start():
    """An update in the same folder changes files under a process that runs the old code."""
    before = versions()["schema"]
    assert schema.of_code() is schema.of_code() and before == versions()["schema"]


class NVMLError(Exception):
    pass


def driver(**changed):
    """NVML as a host with one GPU has it; no GPU is here to be asked."""

    def refuse(*_):
        raise NVMLError("Not Supported")

    given = {
        "NVMLError": NVMLError,
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 1,
        "nvmlSystemGetDriverVersion": lambda: "580.95.05",
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetName": lambda _: "NVIDIA H200",
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(used=10, total=100),
        "nvmlDeviceGetUtilizationRates": lambda _: SimpleNamespace(gpu=67),
        "nvmlDeviceGetTemperature": lambda _, __: 61,
        "nvmlDeviceGetPowerUsage": lambda _: 539_700,
    }
    return SimpleNamespace(**given | {name: refuse for name, value in changed.items() if value is None})


GPU = {"index": 0, "name": "NVIDIA H200", "memory_used": 10, "memory_total": 100, "use": 0.67, "temperature": 61, "watts": 540}


def test_a_gpu_tells_its_name_memory_use_and_warmth(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", driver())
    assert Gpus().figures() == {"driver": "580.95.05", "gpus": [GPU]}


def test_what_a_gpu_does_not_tell_is_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", driver(nvmlDeviceGetUtilizationRates=None, nvmlDeviceGetPowerUsage=None))
    assert set(GPU) - set(Gpus().figures()["gpus"][0]) == {"use", "watts"}


def test_a_gpu_that_fell_off_the_bus_is_named_with_its_fault(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", driver(nvmlDeviceGetHandleByIndex=None))
    assert Gpus().figures()["gpus"] == [{"index": 0, "fault": "Not Supported"}]


@pytest.mark.parametrize("bindings", [None, driver(nvmlInit=None)], ids=["no bindings", "no driver"])
def test_a_host_without_driver_or_bindings_tells_of_no_gpu(bindings, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", bindings)
    assert Gpus().figures() == {}


def test_a_driver_that_was_reloaded_is_opened_again(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", driver(nvmlDeviceGetCount=None))
    gpus = Gpus()
    assert gpus.figures() == {}
    monkeypatch.setitem(sys.modules, "pynvml", driver())
    gpus.try_at = 0.0
    assert gpus.figures()["gpus"] == [GPU]


def test_the_real_bindings_name_all_that_is_asked_of_them():
    import pynvml

    assert [name for name in vars(driver()) if not hasattr(pynvml, name)] == []


def test_no_process_is_forked_in_the_middle_of_a_beat():
    inside, goes_on, forked = threading.Event(), threading.Event(), threading.Event()

    def fork() -> None:
        if (pid := os.fork()) == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        forked.set()

    beat = threading.Thread(target=Reporter("host@here", "host").quietly, args=(lambda: inside.set() or goes_on.wait(60),))
    beat.start()
    inside.wait(60)
    threading.Thread(target=fork).start()
    assert not forked.wait(0.5)
    goes_on.set()
    assert forked.wait(60)
    beat.join(60)
