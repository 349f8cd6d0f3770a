"""The check of two batches before a training: what it says, what it refuses, and that nothing of it stays."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from classifier.cli.output import describe
from classifier.data.dataset import Dataset
from classifier.models.build import head_of
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.training import loop, preflight, rehearsing
from classifier.training.batch import Tried
from classifier.training.checkpoint import serialised
from classifier.training.devices import choose_device
from classifier.training.loop import train
from classifier.training.memory import free_memory, peak_memory
from classifier.training.setup import Watch, resolved, set_up
from tests.classifier.training.runs import after, alone, same

MIXED = {"mixup": 0.4, "crop": 0.5, "erase": 0.5}


@pytest.fixture
def checked(digits, tmp_path, quick):
    """Trains with these changes; gives (RUN folder, its events)."""

    def run(name="run", **changes):
        events = []
        train(digits, tmp_path / name, replace(quick, epochs=1, **changes), on_event=events.append)
        return tmp_path / name, events

    return run


def ready(digits, tmp_path, config):
    """A training that has not begun."""
    dataset = Dataset.open(digits)
    return set_up(dataset, tmp_path / "run", resolved(dataset, config), None, Watch(), restart=False)


def told(events):
    """The check's event."""
    (event,) = [event for event in events if event["event"] == "preflight"]
    return event


def test_the_check_tells_losses_and_memory_before_the_first_epoch(checked):
    _, events = checked()
    kinds = [event["event"] for event in events]
    found = told(events)
    assert kinds.index("preflight") < kinds.index("epoch")
    assert len(found["losses"]) == 2 and all(0 < loss < 10 for loss in found["losses"])
    assert (found["classes"], found["batch_size"], found["images"]) == (3, 32, 56)
    assert "growth of the process" in found["memory"] and found["free_bytes"] > 0
    assert describe(found).startswith("2 batches of up to 32 images at")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "muon", "ema": 0.9},
        {"augment": MIXED, "accumulate": 2, "first_size": 8, "image_size": 16},
        {"optimizer": "rmsprop", "dropout": 0.5, "precision": "bf16"},
    ],
    ids=["plain", "muon", "mixed", "dropout"],
)
def test_a_checked_training_ends_bit_for_bit_as_an_unchecked_one(digits, tmp_path, quick, changes, monkeypatch):
    config = replace(quick, epochs=2, **changes)
    train(digits, tmp_path / "checked", config)
    monkeypatch.setattr(loop, "preflight", lambda training: None)
    train(digits, tmp_path / "unchecked", config)
    assert same(tmp_path / "checked", tmp_path / "unchecked")
    last = [torch.load(tmp_path / name / "checkpoints" / "epoch-0002.pt", weights_only=True) for name in ("checked", "unchecked")]
    assert serialised(last[0]) == serialised(last[1])


def test_the_check_leaves_weights_statistics_optimiser_and_chance_as_they_were(digits, tmp_path, quick):
    training = ready(digits, tmp_path, quick)
    before = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    chance = torch.random.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    preflight.preflight(training)
    assert all(torch.equal(before[name], tensor) for name, tensor in training.model.state_dict().items())
    assert all(parameter.grad is None for parameter in training.model.parameters())
    assert not training.optimizer.state and training.optimizer.param_groups[0]["lr"] == training.config.learning_rate
    assert torch.equal(torch.random.get_rng_state(), chance[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == chance[1:]
    assert (training.step, training.epoch, training.sums) == (0, 0, None)


def test_a_training_that_goes_on_is_not_checked_again(digits, tmp_path, quick):
    events = []
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", quick, should_stop=after(6))
    train(digits, tmp_path / "run", quick, on_event=events.append)
    assert not [event for event in events if event["event"] == "preflight"]
    assert (tmp_path / "run" / "preflight.json").exists()


def test_a_training_that_starts_over_is_checked_anew(checked, digits, quick):
    folder, _ = checked()
    events = []
    train(digits, folder, replace(quick, epochs=1), restart=True, on_event=events.append)
    assert told(events)


def test_pictures_show_the_first_batch_as_the_network_sees_it_with_class_names(checked, digits):
    folder, _ = checked()
    kept = json.loads((folder / "preflight.json").read_text())["pictures"]
    assert [picture["file"] for picture in kept] == [f"{place:02}.png" for place in range(16)]
    assert {name for picture in kept for name, share in picture["classes"] if share == 1} <= set(Dataset.open(digits).classes)
    pixels = np.asarray(Image.open(folder / "first-batch" / "00.png"))
    assert pixels.shape[0] == pixels.shape[1] == json.loads((folder / "config.json").read_text())["image_size"]
    assert pixels.max() > 150 and pixels.min() == 0  # a light digit on black, not numbers around zero


def test_a_mixed_picture_names_each_class_with_its_share(checked):
    folder, _ = checked(augment={"mixup": 1.0})
    kept = json.loads((folder / "preflight.json").read_text())["pictures"]
    mixed = [picture["classes"] for picture in kept if len(picture["classes"]) > 1]
    assert mixed and all(sum(share for _, share in classes) == pytest.approx(1, abs=0.02) for classes in mixed)


def test_growing_images_are_checked_in_the_first_and_in_the_full_size(digits, tmp_path, quick, monkeypatch):
    sides = []
    real = preflight.learn
    monkeypatch.setattr(
        preflight, "learn", lambda t, network, images, target: sides.append(images.shape[-1]) or real(t, network, images, target)
    )
    train(digits, tmp_path / "run", replace(quick, image_size=32, first_size=16))
    assert sides == [16, 32]


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_refused_before_any_step(digits, tmp_path, quick, label, monkeypatch):
    training = ready(digits, tmp_path, quick)
    training.labels[5] = label
    monkeypatch.setattr(preflight, "learn", lambda *_: pytest.fail("a step was made"))
    with pytest.raises(InputError, match="3 classes have those from 0 to 2.*Import its source again"):
        preflight.preflight(training)


def test_a_loss_that_is_no_number_from_the_beginning_is_said_before_images_are_decoded(digits, tmp_path, quick):
    training = ready(digits, tmp_path, quick)
    with torch.no_grad():
        next(training.model.parameters()).fill_(float("nan"))
    with pytest.raises(ClassifierError, match="very first batch") as caught:
        preflight.preflight(training)
    assert (caught.value.code, caught.value.retry, training.images.resident) == ("nan_loss", False, None)
    assert not (tmp_path / "run" / "preflight.json").exists()


def test_pixels_that_are_no_numbers_are_said(digits, tmp_path, quick):
    training = ready(digits, tmp_path, quick)
    training.normalisation = ([0.0] * 3, [0.0] * 3)
    with pytest.raises(ClassifierError, match="The input became infinite or not a number"):
        preflight.preflight(training)


def test_a_network_of_other_classes_is_said(digits, tmp_path, quick):
    training = ready(digits, tmp_path, quick)
    head = head_of(training.model)[0]
    training.model.set_submodule(head, torch.nn.Linear(training.model.get_submodule(head).in_features, 7))
    with pytest.raises(ClassifierError, match=r"gives \(\d+, 7\) for a batch, where 3 classes"):
        preflight.preflight(training)


def test_a_batch_that_does_not_fit_names_one_that_does(digits, tmp_path, quick, monkeypatch):
    training = ready(digits, tmp_path, quick)
    monkeypatch.setattr(preflight, "learn", lambda *_: (_ for _ in ()).throw(MemoryError))
    monkeypatch.setattr(rehearsing, "fitting", lambda *asked: Tried(asked[-1], 1000, 0.1, 0.1))
    with pytest.raises(ClassifierError, match="smaller batch_size or image_size.*A batch of 16 fits, by what was measured now") as caught:
        preflight.preflight(training)
    assert caught.value.code == "out_of_memory"


@pytest.fixture
def large(digits, tmp_path, quick, monkeypatch):
    """A training whose batches count as large; two small steps are said to take 1,000 bytes."""
    monkeypatch.setattr(rehearsing, "LARGE", 0)
    monkeypatch.setattr(rehearsing.Rehearsal, "tried", lambda self, size: Tried(size, self.fixed + 1000, 0.1, 0.1))
    monkeypatch.setattr(rehearsing, "fitting", lambda *asked: None)
    return ready(digits, tmp_path, quick)


def needed(training):
    """Bytes of its batches of 32: gradients, and 500 an image."""
    return 4 * sum(parameter.numel() for parameter in training.model.parameters()) + 32 * 500


def test_a_large_batch_on_a_processor_is_refused_before_the_system_kills_the_process(large, monkeypatch):
    monkeypatch.setattr(rehearsing, "free_memory", lambda device: needed(large) - 1)
    with pytest.raises(ClassifierError, match="No smaller batch was found to fit either"):
        preflight.preflight(large)


def test_a_usual_batch_of_photographs_is_looked_at_for_it_may_take_gigabytes():
    assert 32 * 224**2 >= rehearsing.LARGE > 32 * 128**2


def test_a_large_batch_for_which_there_is_memory_is_checked_as_any(large, monkeypatch):
    monkeypatch.setattr(rehearsing, "free_memory", lambda device: needed(large))
    preflight.preflight(large)
    assert (large.folder / "preflight.json").exists()


def test_memory_that_the_fine_tuning_will_lack_is_said_before_the_head_learns(large, photographs, tmp_path, quick, monkeypatch):
    train(photographs, tmp_path / "whole", replace(quick, epochs=1, batch_size=16))
    later = {"weights": str(tmp_path / "whole"), "freeze": "backbone", "epochs": 2, "finetune": 1}
    training = ready(photographs, tmp_path / "tuned", replace(quick, **later))
    monkeypatch.setattr(rehearsing, "free_memory", lambda device: needed(training))
    assert rehearsing.refuse_what_cannot_fit(training) > needed(training)  # and what the optimiser keeps of each weight
    monkeypatch.setattr(rehearsing, "free_memory", lambda device: needed(training) - 1)
    with pytest.raises(ClassifierError, match="in the check of the fine-tuning, whose steps train the whole network") as caught:
        preflight.preflight(training)
    assert caught.value.code == "out_of_memory" and not any(p.requires_grad for p in training.model.features.parameters())


def test_memory_that_gives_out_in_the_check_is_said_by_the_command_with_a_batch_that_fits(digits, tmp_path, quick):
    done = alone(digits, tmp_path / "run", quick, "preflight@1:memory")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, last["code"], last["retry"]) == (1, "out_of_memory", False)
    assert "smaller batch_size or image_size" in last["message"] and "A batch of 16 fits" in last["message"]
    assert not list((tmp_path / "run" / "checkpoints").iterdir())


def test_of_a_head_alone_a_few_images_are_checked(photographs, tmp_path, quick):
    train(photographs, tmp_path / "whole", replace(quick, epochs=1, batch_size=16))
    config = replace(quick, epochs=1, batch_size=16, weights=str(tmp_path / "whole"), freeze="backbone", features="once")
    events = []
    train(photographs, tmp_path / "head", config, on_event=events.append)
    assert (told(events)["images"], told(events)["memory_bytes"]) == (16, None) and "memory" not in told(events)["message"]
    kept = json.loads((tmp_path / "head" / "preflight.json").read_text())["pictures"]
    assert len(kept) == 8 and {picture["classes"][0][0] for picture in kept} == {"temple", "flower"}


def test_of_a_head_with_a_fine_tuning_the_memory_of_that_is_told(photographs, tmp_path, quick, monkeypatch):
    monkeypatch.setattr(rehearsing, "LARGE", 0)
    train(photographs, tmp_path / "whole", replace(quick, epochs=1, batch_size=16))
    config = replace(quick, epochs=2, finetune=1, batch_size=16, weights=str(tmp_path / "whole"), freeze="backbone", features="once")
    events = []
    train(photographs, tmp_path / "tuned", config, on_event=events.append)
    assert told(events)["memory_bytes"] > 0 and "of memory (of the fine-tuning)" in told(events)["message"]


def test_what_a_batch_that_fits_takes_is_really_measured(digits, tmp_path, quick):
    training = ready(digits, tmp_path, quick)
    found = rehearsing.fitting(training.model, training.config, training.plan, training.device, 16)
    assert found is not None and (found.batch, found.growth >= 0) == (16, True)


def test_memory_that_is_taken_and_given_back_is_seen_at_its_peak():
    with peak_memory(torch.device("cpu")) as peak:
        torch.ones(32 << 20, dtype=torch.uint8).clone()
    assert 30 << 20 < peak.growth < 200 << 20
    assert peak.bytes == peak.growth and (free_memory(torch.device("cpu")) or 0) > 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_on_a_gpu_all_that_torch_holds_is_counted(digits, tmp_path):
    events = []
    train(digits, tmp_path / "run", TrainConfig(epochs=1, batch_size=32, device="cuda"), on_event=events.append)
    assert told(events)["memory"] == "allocated on the GPU at the peak" and told(events)["memory_bytes"] > 0
    assert choose_device("auto").type == "cuda"
