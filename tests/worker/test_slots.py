"""What a host offers, and that a device serves one job at a time."""

from __future__ import annotations

import pytest

from classifier.training.devices import choose_device
from worker import slots


@pytest.fixture
def offering(settings, monkeypatch, tmp_path):
    def make(devices: str, gpus: tuple[str, ...] = ()) -> list[str]:
        settings.SYNSET_DEVICES, settings.SYNSET_HOME = devices, tmp_path
        monkeypatch.setattr(slots, "gpus", lambda: list(gpus))
        return [slot.name for slot in slots.devices()]

    return make


@pytest.mark.parametrize(
    ("devices", "gpus", "names"),
    [
        ("auto", (), ["cpu"]),
        ("auto", ("0", "1"), ["gpu 0", "gpu 1"]),
        ("cpu", ("0",), ["cpu"]),
        ("1", ("0", "1"), ["gpu 1"]),
    ],
)
def test_devices_are_what_the_setting_and_the_host_have(devices, gpus, names, offering):
    assert offering(devices, gpus) == names


def seen_by_a_child(monkeypatch, slot: slots.Slot) -> str:
    """The device that a child of the slot computes on; CUDA numbers what CUDA_VISIBLE_DEVICES leaves from 0."""
    for name, value in slot.environment.items():
        monkeypatch.setenv(name, value)
    visible = [name for name in slot.environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    monkeypatch.setattr("torch.cuda.device_count", lambda: len(visible))
    monkeypatch.setattr("torch.cuda.is_available", lambda: bool(visible))
    return str(choose_device("auto"))


@pytest.mark.parametrize(
    ("devices", "gpus", "seen"),
    [
        ("1", (), ["cuda"]),
        ("1,0", (), ["cuda", "cuda"]),
        ("2,3", (), ["cuda", "cuda"]),
        ("auto", ("0", "1"), ["cuda", "cuda"]),
        ("auto", (), ["cpu"]),
        ("cpu", ("0",), ["cpu"]),
    ],
)
def test_a_child_computes_on_its_slots_own_device(devices, gpus, seen, offering, monkeypatch):
    offering(devices, gpus)
    monkeypatch.setenv("SYNSET_DEVICES", devices)  # which the worker hands down with the rest of its environment
    assert [seen_by_a_child(monkeypatch, slot).partition(":")[0] for slot in slots.devices()] == seen


def test_a_device_that_is_taken_is_not_given_again(offering):
    offering("cpu")
    with slots.take("device") as first, slots.take("device") as second:
        assert (first.name, second) == ("cpu", None)


def test_a_device_is_free_again_afterwards(offering):
    offering("cpu")
    with slots.take("device"):
        pass
    with slots.take("device") as again:
        assert again.name == "cpu"


def test_files_need_no_device(offering):
    offering("cpu")
    with slots.take("host") as first, slots.take("host") as second:
        assert (first.name, second.name) == ("host", "host")


def test_a_device_that_was_lost_takes_no_job_until_the_worker_starts_anew(offering):
    offering("0,1")
    with slots.take("device") as first:
        slots.drain(first)
    with slots.take("device") as other:
        assert (other.name, slots.lost()) == ("gpu 1", ["gpu 0"])
    slots.restore()
    with slots.take("device") as again:
        assert (again.name, slots.lost()) == ("gpu 0", [])
