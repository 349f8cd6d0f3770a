"""Rules over the curves: did it learn, would it go on learning, did it learn its images by heart."""

from __future__ import annotations

import math

from classifier.metrics import majority_baseline
from classifier.metrics.trend import noise, trend
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate, pick_weight_decay
from webapp.core.words import percent, plural
from webapp.experiments.insights.facts import Facts, Insight, Link

NOT_LEARNT = 0.98  # of the loss of looking at no image: above it nothing was learnt
DIVERGED = 2.0  # times that loss in any epoch, with nothing learnt at the end: it blew up
FAR_TOO_LOW = 10.0  # times below the rate that would be picked: too low rather than too high
FEWEST_STEPS = 100  # fewer prove nothing about the rate

STILL_WINDOW = 5  # newest epochs that the trend is read from, and the fewest of which one is read
STILL_NEAR_END = 0.1  # of the epochs: the best one lies among these last ones
STILL_FALLS = 0.01  # of the mean validation loss of these epochs, an epoch
STILL_WRONG = 0.02  # of the validation images: with fewer mistakes there is little left to learn
MORE_EPOCHS = 2  # times as many

OVERFIT_EPOCHS = 3  # epochs after the best, all of them worse
OVERFIT_RISE = 0.05  # of the best validation loss
OVERFIT_NOISE = 2.0  # times the jitter of the curve
OVERFIT_TRAIN_FALLS = 0.1  # of the training loss at the best epoch, in the mean of the last OVERFIT_EPOCHS


def rate_of(facts: Facts) -> float:
    """The learning rate it ran with."""
    given = facts.config.get("learning_rate")
    return float(given) if given else picked_rate(facts)


def picked_rate(facts: Facts) -> float:
    """The rate that would be picked for this network, optimiser and batch."""
    known = TrainConfig().to_mapping().keys()
    return pick_learning_rate(TrainConfig(**{name: value for name, value in facts.config.items() if name in known}))


def diverged(facts: Facts) -> Insight | None:
    """The loss became no number, or blew up and never came back."""
    losses = facts.column("train_loss")
    blew_up = bool(losses) and max(losses) > DIVERGED * facts.prior and learnt_nothing(facts)
    if facts.error_code != "nan_loss" and not blew_up:
        return None
    rate = rate_of(facts)
    how = "became infinite or no number" if facts.error_code == "nan_loss" else f"rose to {max(losses):.3g}"
    beside = f"; knowing nothing gives {facts.prior:.2f}" if facts.prior_known else ""
    words = f"The training loss {how}{beside}. A learning rate of {rate:.3g} is too high here."
    return Insight("diverged", "bad", "It diverged", words, (lower(facts, rate),))


def lower(facts: Facts, rate: float) -> Link:
    """A tenth of the rate, or the usual one where that is lower still."""
    wanted = f"{min(rate / 10, picked_rate(facts)):.2g}"
    return facts.again(f"Try a rate of {wanted}", learning_rate=wanted)


def learnt_nothing(facts: Facts) -> bool:
    """The training loss stayed where it is without looking, and accuracy is no better than the commonest class."""
    losses = facts.column("train_loss")
    if not losses or not facts.prior_known or min(losses) <= NOT_LEARNT * facts.prior:
        return False
    return facts.counts is None or not facts.n or facts.interval[0] <= (majority_baseline(facts.counts) or 0.0)


def not_learning(facts: Facts) -> Insight | None:
    """Nothing was learnt at all; what to do depends on the rate and on how many steps there were."""
    if not learnt_nothing(facts):
        return None
    rate, picked, steps = rate_of(facts), picked_rate(facts), int(facts.history[-1].get("step") or FEWEST_STEPS)
    start = f"The training loss stayed at {min(facts.column('train_loss')):.2f}; knowing nothing gives {facts.prior:.2f}."
    see = facts.dataset("Look at the labels", "classes")
    if steps < FEWEST_STEPS:
        words, first = f"{start} {plural(steps, 'step')} are too few to learn from.", longer(facts)
    elif rate * FAR_TOO_LOW <= picked:
        words = f"{start} A learning rate of {rate:.2g} is far below the usual {picked:.2g}."
        first = facts.again(f"Try a rate of {picked:.2g}", learning_rate=f"{picked:.2g}")
    else:
        words = f"{start} Either the learning rate of {rate:.2g} is too high, or the labels do not follow from the images."
        first = lower(facts, rate)
    return Insight("not_learning", "bad", "It learnt nothing", words, (first, see))


def longer(facts: Facts) -> Link:
    """More epochs: those that were planned where it was stopped, else twice as many."""
    epochs = facts.planned if len(facts.history) < facts.planned else MORE_EPOCHS * facts.planned
    return facts.again(f"Train {epochs:,} epochs", epochs=epochs)


def wrong_share(facts: Facts) -> float | None:
    """The share of validation images that the best epoch got wrong."""
    best = facts.column("val_top1")
    return 1 - max(best) if best else None


def near_the_end(facts: Facts) -> bool:
    """Whether the lowest validation loss is (nearly) the newest."""
    losses = facts.column("val_loss")
    last = max(1, math.floor(STILL_NEAR_END * len(losses)))
    return bool(losses) and losses.index(min(losses)) >= len(losses) - last


def still_learning(facts: Facts) -> Insight | None:
    """The best epoch is nearly the last one and the validation loss falls by more than its noise."""
    losses, wrong = facts.column("val_loss"), wrong_share(facts)
    if wrong is None or wrong < STILL_WRONG or not near_the_end(facts) or learnt_nothing(facts):
        return None
    if len(losses) < STILL_WINDOW:
        return too_short(facts, losses)
    line = trend(losses[-STILL_WINDOW:])
    middle = sum(losses[-STILL_WINDOW:]) / STILL_WINDOW
    share = -line.slope / middle if line and middle else 0.0
    if line is None or not line.falls or share < STILL_FALLS:
        return None
    words = (
        f"Over the last {STILL_WINDOW} epochs the validation loss still fell by {percent(share, 0)} an epoch, "
        f"to {losses[-1]:.3g}, and {percent(wrong)} of the validation images are wrong."
    )
    return Insight("still_learning", "warn", "Still learning", words, (longer(facts),))


def too_short(facts: Facts, losses: list[float]) -> Insight | None:
    """Fewer epochs than a trend needs, the last one the best."""
    if len(losses) > 1 and losses[-1] >= losses[0]:
        return None
    words = f"The last of {plural(len(losses), 'epoch')} was the best: more would help, but so few do not tell by how much."
    return Insight("still_learning", "", "Cut off early", words, (longer(facts),))


def overfit_from(facts: Facts) -> int | None:
    """The epoch after the lowest validation loss, where it only got worse from there while the training loss fell."""
    rows = [row for row in facts.history if row.get("val_loss") is not None and row.get("train_loss") is not None]
    losses, train = [float(row["val_loss"]) for row in rows], [float(row["train_loss"]) for row in rows]
    if not losses:
        return None
    best = losses.index(min(losses))
    after = losses[best + 1 :]
    if len(after) < OVERFIT_EPOCHS:
        return None
    beyond = losses[best] + max(OVERFIT_RISE * losses[best], OVERFIT_NOISE * noise(losses[best:]))
    fell = sum(train[-OVERFIT_EPOCHS:]) / OVERFIT_EPOCHS < (1 - OVERFIT_TRAIN_FALLS) * train[best]
    return int(rows[best + 1]["epoch"]) if fell and all(loss > beyond for loss in after[-OVERFIT_EPOCHS:]) else None


def overfitting(facts: Facts) -> Insight | None:
    """Over-fitting, with the epoch from which."""
    first = overfit_from(facts)
    if first is None:
        return None
    by_epoch = {row["epoch"]: row for row in facts.history if row.get("val_loss") is not None}
    low, last = by_epoch[min(by_epoch, key=lambda epoch: by_epoch[epoch]["val_loss"])], list(by_epoch.values())[-1]
    words = (
        f"From there the validation loss rose from {low['val_loss']:.3g} to {last['val_loss']:.3g} while the training loss "
        f"fell from {low['train_loss']:.3g} to {last['train_loss']:.3g}: it learns its images by heart. "
    )
    words += more_sure_words(low.get("val_top1"), last.get("val_top1")) + kept_words(facts)
    return Insight("overfitting", "warn", f"Over-fitting from epoch {first}", words, remedies(facts))


def more_sure_words(before: float | None, now: float | None) -> str:
    """A loss may rise without more mistakes: then the network is only too sure of those it makes."""
    if before is None or now is None or now < before:
        return ""
    return f"Accuracy did not fall ({percent(before)} then, {percent(now)} at the end): its mistakes are more certain, not more. "


def kept_words(facts: Facts) -> str:
    """Which checkpoint counts."""
    return f"The checkpoint of epoch {facts.best_epoch} is the one that is used." if facts.best_epoch else ""


def remedies(facts: Facts) -> tuple[Link, ...]:
    """Augment, regularise, stop there; only what is not done already."""
    given = facts.config.get("weight_decay")
    decay = 2 * (pick_weight_decay(TrainConfig(optimizer=facts.config.get("optimizer") or "adamw")) if given is None else float(given))
    augment = (
        facts.again("Turn augmentation on", augment="true")
        if facts.config.get("augment") is False
        else facts.again("Augment more", rotate=10, color=0.3, erase=0.25)
    )
    links = [augment, facts.again(f"Weight decay {decay or 1e-4:.2g}", weight_decay=f"{decay or 1e-4:.2g}")]
    if not facts.config.get("early_stopping"):
        links.append(facts.again("Stop there", early_stopping=max(5, OVERFIT_EPOCHS)))
    return tuple(links)
