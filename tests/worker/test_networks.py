"""Which networks stay loaded: as many as the memory's budget holds, the longest unused gone first."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

from worker import memory, networks
from worker.networks import OBJECTS, Models

CPU = torch.device("cpu")


class Loaded:
    """A network of so many megabytes, by its run's name."""

    def __init__(self, run: Path, device: str, checkpoint: str = "best", raw: bool = False) -> None:
        self.held_bytes, self.device = int(run.name.split("-")[-1]) * 10**6 - OBJECTS, CPU


@pytest.fixture
def models(monkeypatch, settings) -> Models:
    settings.LOADED_MEGABYTES = 100
    monkeypatch.setattr(networks, "Predictor", Loaded)
    return Models()


def kept(models: Models) -> list[str]:
    return [run for run, *_ in models.kept]


def test_many_small_networks_stay(models):
    for number in range(10):
        models.get(f"run-{number}-10")
    assert len(models.kept) == 10


def test_for_a_large_one_the_longest_unused_go(models):
    for run in ("a-40", "b-40", "a-40", "c-50"):
        models.get(run)
    assert kept(models) == ["a-40", "c-50"]


def test_one_that_is_larger_than_the_budget_stays_alone(models):
    for run in ("a-40", "b-400"):
        models.get(run)
    assert kept(models) == ["b-400"]


def test_no_more_stay_than_was_said_however_small(monkeypatch):
    models = Models(Loaded, most=2)
    for run in ("a-1", "b-1", "c-1", "b-1", "d-1"):
        models.get(run)
    assert kept(models) == ["b-1", "d-1"]


def test_two_checkpoints_of_a_run_stay_side_by_side(models):
    assert models.get("a-1", "best") is not models.get("a-1", "3") and models.get("a-1", "3") is models.get("a-1", "3")
    assert kept(models) == ["a-1", "a-1"]


def test_of_a_run_that_goes_on_one_state_is_kept(models, tmp_path):
    run = tmp_path / "run-10"
    run.mkdir()
    for text in ("1", "2"):
        (run / "manifest.json").write_text(text)
        models.get(str(run))
    assert kept(models) == [str(run)]


def test_a_network_counts_with_its_weights_and_statistics(tmp_path):
    class Source:
        def load_model(self, checkpoint, *, raw):
            return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), 1

    assert networks.Predictor(Source(), device="cpu").held_bytes == 4 * (3 * 8 * 9 + 8 + 4 * 8) + 8  # and how many batches were counted


@pytest.mark.parametrize(("gpu", "eighth"), [(None, 2_000_000_000), (8_000_000_000, 1_000_000_000)])
def test_without_a_setting_the_budget_is_an_eighth_of_the_memory(gpu, eighth, settings, monkeypatch, tmp_path):
    settings.LOADED_MEGABYTES = None
    monkeypatch.setattr(networks, "host_bytes", lambda: 16_000_000_000)
    monkeypatch.setattr(networks, "gpu_bytes", lambda device: gpu)
    assert networks.budget(Loaded(tmp_path / "a-10", "cpu")) == eighth


def test_a_containers_limit_is_its_memory(tmp_path):
    limit = tmp_path / "memory.max"
    assert memory.host_bytes(limit) == psutil.virtual_memory().total
    limit.write_text("2000000000\n")
    assert memory.host_bytes(limit) == 2_000_000_000
    limit.write_text("max\n")
    assert memory.host_bytes(limit) == psutil.virtual_memory().total


def test_a_network_with_and_without_its_average_stay_side_by_side(models):
    assert models.get("a-1") is not models.get("a-1", raw=True) and models.get("a-1", raw=True) is models.get("a-1", raw=True)
