"""Asks the resident worker what a training would see (`webapp.core.questions`).

A question is {"id", "data": DATASET folder, "config": {…}, "number"}; no bytes go along. The worker looks at this list only when nobody
waits for a classification; the browser gives up what the next keystroke replaces.
"""

from __future__ import annotations

from typing import Any

from classifier.spec.config import TrainConfig
from webapp.core import questions
from webapp.core.questions import Refused
from webapp.datasets.models import DatasetVersion

PREVIEWS = "synset:preview"
SECONDS = 12.0
NOBODY = "The worker that draws previews does not run at the moment. A training does not need it; the queue page says more."
LATE = "The preview did not come within {seconds:.0f} s: the worker that draws it is busy. A training does not need it."
LINE = questions.Line(PREVIEWS, "preview", "nothing can be drawn", "nothing can be drawn", NOBODY, LATE)

Undrawable = Refused
wanted_key, reply_key = LINE.wanted, LINE.reply


async def preview(version: DatasetVersion, config: TrainConfig, number: int, *, seconds: float = SECONDS) -> dict[str, Any]:
    """What `classifier.preview` says of that version, its number-th draw; raises Unavailable, or Undrawable for good."""
    return await questions.ask(LINE, {"data": str(version.folder), "config": config.to_mapping(), "number": number}, seconds)
