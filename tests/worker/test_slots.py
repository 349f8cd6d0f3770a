"""What a host offers, and that a device serves one job at a time."""

from __future__ import annotations

import pytest

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
