"""Rules over the confusion matrix and what the import found: is the figure true, sure, and better than nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.metrics import balanced_accuracy, macro_f1, majority_baseline, wilson
from classifier.metrics.calibration import chance_error
from classifier.metrics.counts import Counts
from classifier.metrics.pairs import Pair, balanced_error, mixed_up
from classifier.metrics.trend import T_95
from webapp.core.words import percent, plural, thousands
from webapp.experiments.insights.facts import Facts, Insight, Link, points

WIDE = 0.05  # half an interval, in shares of 1: above it the figure says little
IMBALANCE_GAP = 0.05  # top-1 above the balanced accuracy, in shares of 1
UNEVEN = 2.0  # times as many training images in the largest class as in the smallest
MIXED_LEAST = 3  # mistakes between two classes
MIXED_CHANCE = 0.05  # over all pairs together (Bonferroni)
MIXED_SHOWN = 3
RARE_SHOWN = 3
UNSURE = 0.05  # expected calibration error, in shares of 1: above it a probability misleads whoever sets a threshold by it
SMOOTHING = 0.1  # what is advised


def leaks(facts: Facts) -> Insight | None:
    """Images that stand in two splits or two classes make every figure untrue."""
    rule = next((rule for rule in ("leak", "two_classes") if facts.findings.get(rule)), None)
    if rule is None:
        return None
    count = facts.findings[rule]
    stand = "stands" if count == 1 else "stand"
    see = facts.dataset("See which", "problems", rule=rule)
    if rule == "leak" and facts.leak_words:
        words = f"{facts.leak_words}, so that part of the test was seen in training: figures are too good."
        return Insight("leaks", "bad", "The figures are too good", words, (facts.dataset("See which", "quality"),))
    if rule == "leak":
        words = (
            f"{plural(count, 'image')} {stand} in more than one split, so that part of the test was seen in training: figures are too good."
        )
        return Insight("leaks", "bad", "The figures are too good", words, (see,))
    words = f"{plural(count, 'image')} {stand} in two classes: whatever the network says about them, it is wrong once."
    return Insight("leaks", "warn", "Labels contradict each other", words, (see,))


def baseline(facts: Facts) -> Insight | None:
    """Top-1 with its interval against always saying the commonest class."""
    if facts.counts is None or not facts.n:
        return None
    low, high = facts.interval
    majority = majority_baseline(facts.counts) or 0.0
    words = (
        f"It names {percent(facts.top1)} of {thousands(facts.n)} {facts.split} images rightly (95 % interval {100 * low:.1f} to "
        f"{100 * high:.1f}); {constant_words(facts)} would reach {percent(majority)}."
    )
    if low > majority:
        return Insight("baseline", "good", "The labels can be learnt", words)
    links = (facts.dataset("Look at the classes", "classes"),)
    title = "Worse than a constant answer" if high < majority else "Not surely better than a constant answer"
    return Insight("baseline", "bad", title, words, links)


def constant_words(facts: Facts) -> str:
    """What a network would do that looks at no image."""
    assert facts.counts is not None
    sizes = facts.counts.sum(axis=1)
    if np.count_nonzero(sizes == sizes.max()) > 1:
        return "always giving the same answer"
    return f"always saying {facts.names[int(sizes.argmax())]}, the commonest class,"


def imbalance(facts: Facts) -> Insight | None:
    """Accuracy that rests on the common classes."""
    if facts.counts is None or not facts.n or not uneven(facts):
        return None
    balanced, right = balanced_accuracy(facts.counts) or 0.0, facts.top1 or 0.0
    bound = T_95[-1] * balanced_error(facts.counts)
    if right - balanced <= max(IMBALANCE_GAP, bound):
        return None
    words = (
        f"Top-1 is {percent(right)}, but the mean over the classes {percent(balanced)} (macro F1 {macro_f1(facts.counts) or 0:.2f}): "
        f"the rare classes do badly, such as {rare_words(facts)}."
    )
    weights = () if facts.config.get("class_weights") == "balanced" else (facts.again("Balance the classes", class_weights="balanced"),)
    return Insight(
        "imbalance", "warn", "Accuracy hides the rare classes", words, (*weights, facts.dataset("See the class sizes", "classes"))
    )


def uneven(facts: Facts) -> bool:
    """Whether some class has far fewer training images than another."""
    present = [count for count in facts.train_counts if count]
    return bool(present) and max(present) >= UNEVEN * min(present)


def rare_words(facts: Facts) -> str:
    """The rarest classes that do worse than the whole, with their recall."""
    assert facts.counts is not None
    true, right = facts.counts.sum(axis=1), np.diag(facts.counts)
    recall = {index: right[index] / true[index] for index in range(len(true)) if true[index]}
    worse = [index for index in recall if recall[index] < (facts.top1 or 0.0)]
    rarest = sorted(worse, key=lambda index: (facts.train_counts[index], recall[index]))[:RARE_SHOWN]
    return ", ".join(f"{facts.names[index]} ({percent(recall[index], 0)} of {true[index]:,})" for index in rarest)


def few_images(facts: Facts) -> Insight | None:
    """An interval so wide that the figure says little, or no test at all."""
    more = facts.dataset("Look at the splits", "classes")
    if not facts.n:
        words = f"The dataset has no {facts.split} images, so nothing says how it does on new ones."
        return Insight("few_images", "warn", "Nothing was tested", words, (more,))
    low, high = facts.interval
    half = (high - low) / 2
    if half <= WIDE:
        return None
    known = f"With {thousands(facts.n)} {facts.split} images top-1 is only known to {points(half)}"
    words = f"{known}; for ± {100 * WIDE:.0f} it takes about {thousands(wanted(facts))}."
    return Insight("few_images", "warn", "Few test images", words, (more,))


def calibration(facts: Facts) -> Insight | None:
    """How sure it says it is does not fit how often it is right, by more than so few images explain."""
    if facts.ece is None or not facts.n:
        return None
    chance = chance_error(facts.top1 or 0.0, facts.n)
    if facts.ece <= max(UNSURE, chance):
        return None
    words = (
        f"How sure it says it is and how often it is right lie {100 * facts.ece:.1f} points apart on average; with "
        f"{thousands(facts.n)} {facts.split} images chance explains at most {100 * chance:.1f}. "
        "Read its probabilities as an order, and set no threshold by them."
    )
    return Insight("calibration", "warn", "Its certainty misleads", words, (smoothing(facts),))


def smoothing(facts: Facts) -> Link:
    """Without label smoothing networks tend to end too sure of themselves, with it often not sure enough."""
    if float(facts.config.get("label_smoothing") or 0.0):
        return facts.again("Try without label smoothing", label_smoothing="0")
    return facts.again(f"Try label smoothing of {SMOOTHING}", label_smoothing=SMOOTHING)


def wanted(facts: Facts) -> int:
    """Images that would bring the interval down to WIDE, at this accuracy; rounded up to tens."""
    share, n = facts.top1 or 0.0, facts.n
    while (bounds := wilson(round(share * n), n))[1] - bounds[0] > 2 * WIDE:
        n += 10
    return -(-n // 10) * 10


def mixed(facts: Facts) -> Insight | None:
    """The classes that are mixed up most, both ways, where chance does not explain it."""
    if facts.counts is None:
        return None
    found = [pair for pair in mixed_up(facts.counts, MIXED_SHOWN) if by_more_than_chance(pair, len(facts.counts))]
    if not found:
        return None
    words = "; ".join(pair_words(pair, facts.counts, facts.names) for pair in found) + "."
    return Insight("mixed_up", "", "Mixed up most", words, (Link("See where", facts.see_matrix),))


def by_more_than_chance(pair: Pair, classes: int) -> bool:
    """Enough mistakes, and more than were they spread evenly; with two classes there is one pair, and nothing to expect of it."""
    pairs = classes * (classes - 1) / 2
    return pair.mistakes >= MIXED_LEAST and (classes == 2 or pair.chance < MIXED_CHANCE / pairs)


def pair_words(pair: Pair, counts: Counts, names: Sequence[str]) -> str:
    """ "melon taken for orange 5 of 18 (28 %), orange for melon 1 of 15 (7 %)"."""
    first, second = names[pair.first], names[pair.second]
    forth = f"{first} taken for {second} {share_words(pair.there, int(counts[pair.first].sum()))}"
    back = f", {second} for {first} {share_words(pair.back, int(counts[pair.second].sum()))}" if pair.back else ""
    return forth + back


def share_words(count: int, whole: int) -> str:
    """ "5 of 18 (28 %)"."""
    return f"{count:,} of {whole:,} ({percent(count / whole, 0)})" if whole else f"{count:,}"
