"""What each kind of job runs, and what comes of it. To add a kind: a module here and a line in KINDS."""

from __future__ import annotations

from collections.abc import Callable

from webapp.evaluations.study_models import What
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job, Kind
from worker.handlers.base import Gone, Work
from worker.handlers.classifies import Classify
from worker.handlers.erases import Erase
from worker.handlers.evaluates import Evaluate
from worker.handlers.filters import LookAtFilters
from worker.handlers.imports import Import
from worker.handlers.inspects import Inspect
from worker.handlers.quality import CheckQuality
from worker.handlers.seals import Seal
from worker.handlers.searches import FindRate
from worker.handlers.spaces import MapSpace
from worker.handlers.studies import Investigate
from worker.handlers.suggests import Suggest
from worker.handlers.trains import Train
from worker.handlers.weights import CheckWeights


def study(job: Job, claim: Claim) -> Work:
    """Studies differ by what they leave: one of filters leaves files."""
    work = Investigate(job, claim)
    return LookAtFilters(job, claim) if work.study.what == What.FILTERS else work


KINDS: dict[str, Callable[[Job, Claim], Work]] = {
    Kind.IMPORT: Import,
    Kind.TRAIN: Train,
    Kind.EVALUATE: Evaluate,
    Kind.WEIGHTS: CheckWeights,
    Kind.FIND_LR: FindRate,
    Kind.SEAL: Seal,
    Kind.INSPECT: Inspect,
    Kind.QUALITY: CheckQuality,
    Kind.SUGGEST: Suggest,
    Kind.ERASE: Erase,
    Kind.STUDY: study,
    Kind.SPACE: MapSpace,
    Kind.CLASSIFY: Classify,
}

__all__ = ["KINDS", "Gone", "Work", "work_for"]


def work_for(job: Job, claim: Claim) -> Work:
    """The work of a claimed job; raises Gone when what it was for no longer exists."""
    return KINDS[job.kind](job, claim)
