"""What the rules look at, and what they say: numbers in, sentences out. Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from classifier.metrics import top1, wilson
from classifier.metrics.counts import Counts
from classifier.metrics.trend import prior_loss


class Link(NamedTuple):
    """What to do about it, or where to see it; `creates` ones are for those who may launch."""

    text: str
    url: str
    creates: bool = False


class Insight(NamedTuple):
    """One sentence with its headline. `rule` is its row in docs/insights.md; tone is "", good, warn or bad."""

    rule: str
    tone: str
    title: str
    words: str
    links: tuple[Link, ...] = ()


Rule = Callable[["Facts"], "Insight | None"]


@dataclass(frozen=True)
class Facts:
    """A training that has ended, in numbers. `counts` is the confusion matrix of `split`, true classes down; None without one."""

    experiment_id: str
    dataset_id: str
    config: dict[str, Any]  # as it ran, where it has told
    planned: int  # epochs
    history: Sequence[dict[str, Any]] = ()
    best_epoch: int | None = None
    counts: Counts | None = None
    split: str = "test"
    names: Sequence[str] = ()
    train_counts: Sequence[int] = ()  # training images of each class
    error_code: str = ""
    findings: dict[str, int] = field(default_factory=dict)  # {import rule: number}, of the version that it learnt from
    leak_words: str = ""  # which images those of the rule "leak" are, where it is not the import that found them
    looked: bool = True  # whether look-alikes were looked for
    ece: float | None = None  # expected calibration error, share of 1
    see_matrix: str = "#matrix-chart"  # where mistakes can be looked at

    @property
    def n(self) -> int:
        """Images that were judged."""
        return 0 if self.counts is None else int(self.counts.sum())

    @property
    def top1(self) -> float | None:
        return None if self.counts is None else top1(self.counts)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of top-1."""
        return wilson(round((self.top1 or 0.0) * self.n), self.n)

    @cached_property
    def prior(self) -> float:
        """The training loss of a network that looks at no image, in nats."""
        smoothing = float(self.config.get("label_smoothing") or 0.0)
        return prior_loss(self.train_counts, smoothing, balanced=self.config.get("class_weights") == "balanced")

    @property
    def prior_known(self) -> bool:
        """Whether that is so: not for other losses than cross-entropy, nor where images or weights are not as the counts say."""
        weights, loss = self.config.get("class_weights"), self.config.get("loss") or "cross_entropy"
        return loss == "cross_entropy" and weights in (None, "balanced") and not self.config.get("sampling")

    def column(self, name: str) -> list[float]:
        """One figure of each epoch that has it."""
        return [float(row[name]) for row in self.history if row.get(name) is not None]

    def again(self, text: str, **changes: Any) -> Link:
        """The launch form, filled as this training was but for the changes."""
        return Link(text, f"{reverse('experiments:new')}?{urlencode({'from': self.experiment_id, **changes})}", creates=True)

    def dataset(self, text: str, tab: str = "detail", **query: str) -> Link:
        """A page of the dataset."""
        address = reverse(f"datasets:{tab}", args=[self.dataset_id])
        return Link(text, f"{address}?{urlencode(query)}" if query else address)


def points(share: float) -> str:
    """Half an interval in percentage points: 0.089 → "± 8.9 points"."""
    return f"± {100 * share:.1f} points"
