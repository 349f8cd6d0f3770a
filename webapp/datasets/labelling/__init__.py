"""Labelling by people who share the work: rounds, what is handed to whom, answers, and reviews."""

from __future__ import annotations

from webapp.datasets.labelling.answering import answer, once_more, skip, take_out, undo
from webapp.datasets.labelling.handing import give_back, hand_out
from webapp.datasets.labelling.starting import close, start, start_findings, start_review, start_suggested

__all__ = [
    "answer",
    "close",
    "give_back",
    "hand_out",
    "once_more",
    "skip",
    "start",
    "start_findings",
    "start_review",
    "start_suggested",
    "take_out",
    "undo",
]
