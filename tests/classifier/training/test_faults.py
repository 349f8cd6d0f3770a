"""The hook that makes a process fail at a named point."""

from __future__ import annotations

import pytest

from classifier.spec import faults


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(faults, "_reached", faults.Counter())


def test_without_the_variable_nothing_happens(monkeypatch):
    monkeypatch.delenv("FAULT", raising=False)
    faults.fault("step")


def test_the_point_acts_the_time_it_was_asked_to(monkeypatch):
    monkeypatch.setenv("FAULT", "step@3:raise")
    faults.fault("step")
    faults.fault("epoch_start")
    faults.fault("step")
    with pytest.raises(RuntimeError, match="injected at step"):
        faults.fault("step")


@pytest.mark.parametrize("text", ["step", "step:dance", ":kill", "step@x:kill"])
def test_a_wrong_value_is_named(text):
    with pytest.raises(ValueError, match="FAULT must be"):
        faults.parse(text)
