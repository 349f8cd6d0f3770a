"""The learning-rate finder: a curve that falls and diverges, the same each time, and a rate that trains."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classifier.spec.errors import ClassifierError, Interrupted
from classifier.training import finder
from classifier.training.finder import SPREAD, find_rate, suggested
from classifier.training.loop import train
from tests.classifier.training.runs import after, result


def test_the_curve_rises_in_rate_falls_in_loss_and_is_the_same_again(digits, quick):
    found = find_rate(digits, quick, steps=60)
    rates, losses = [[point[name] for point in found["curve"]] for name in ("rate", "loss")]
    assert rates == sorted(rates) and rates[-1] / rates[0] <= SPREAD**2 * 1.001
    assert min(losses) < 0.8 * losses[0] and rates[0] < found["suggested"] < rates[-1]
    assert find_rate(digits, quick, steps=60) == found


def test_a_rate_far_too_high_ends_the_curve_early(digits, quick):
    config = replace(quick, optimizer="sgd", learning_rate=100.0)
    assert len(find_rate(digits, config, steps=60)["curve"]) < 60


def test_the_suggested_rate_trains(digits, quick, tmp_path):
    rate = find_rate(digits, quick, steps=60)["suggested"]
    train(digits, tmp_path / "run", replace(quick, learning_rate=rate))
    history = result(tmp_path / "run")["history"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_the_suggestion_is_a_tenth_of_the_rate_of_the_lowest_loss():
    curve = [(10.0**power, loss) for power, loss in enumerate([3.0, 2.9, 2.0, 1.0, 0.5, 0.9, 2.0], -6)]
    assert suggested(curve) == pytest.approx(1e-3)


def test_a_curve_that_diverges_at_once_is_told_in_words():
    with pytest.raises(ClassifierError, match="within the first steps"):
        suggested([(0.1, 1.0)])


def test_it_stops_when_it_is_asked_to(digits, quick):
    with pytest.raises(Interrupted, match="nothing was kept"):
        find_rate(digits, quick, should_stop=after(8))


def test_nothing_is_measured_that_only_a_long_training_or_its_fine_tuning_is_for(digits, quick, monkeypatch):
    seen, real = [], finder.set_up
    monkeypatch.setattr(
        finder, "set_up", lambda part, run, config, *rest, **more: seen.append(config) or real(part, run, config, *rest, **more)
    )
    find_rate(digits, replace(quick, epochs=500, finetune=100), steps=12)
    assert (seen[0].epochs, seen[0].finetune) == (1, None)


def test_it_tells_how_far_it_is_without_the_trainings_own_progress(digits, quick, monkeypatch):
    monkeypatch.setattr("classifier.training.finder.TICK_SECONDS", 0.0)
    events = []
    find_rate(digits, quick, steps=20, on_event=events.append)
    told = [event for event in events if event["event"] == "progress"]
    assert {event["stage"] for event in told} == {"searching"} and [event["done"] for event in told] == list(range(1, len(told) + 1))
    assert told[9]["fraction"] == 0.5 and told[9]["eta_seconds"] >= 0


def test_what_thaws_later_is_frozen_in_the_search_as_in_the_first_epoch(digits, quick, whole, monkeypatch):
    learnt, real = set(), finder.learn

    def watched(training, *rest):
        learnt.update(name for name, p in training.model.named_parameters() if p.requires_grad)
        return real(training, *rest)

    monkeypatch.setattr(finder, "learn", watched)
    find_rate(digits, replace(quick, weights=str(whole), freeze="backbone", unfreeze=1), steps=8)
    assert learnt == {"head.weight", "head.bias"}
