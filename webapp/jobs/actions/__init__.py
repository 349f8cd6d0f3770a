"""Every write to jobs. Views, API and worker call these; nothing else changes a Job's row."""

from __future__ import annotations

from webapp.jobs.actions.asking import cancel_queued, finish_early, pause, request_cancel, resume, retry, submit
from webapp.jobs.actions.claiming import Asked, Claim, LostClaim, claim, claim_next, fence, look, renew
from webapp.jobs.actions.ending import cancelled, fail, finish, put_back, release
from webapp.jobs.actions.forgetting import forget, reword, told_by
from webapp.jobs.actions.keeping import beat, dispatch, forget_host, forget_nodes, leave, reap
from webapp.jobs.actions.recording import record
from webapp.jobs.actions.telling import NewEvent

__all__ = [
    "Asked",
    "Claim",
    "LostClaim",
    "NewEvent",
    "beat",
    "cancel_queued",
    "cancelled",
    "claim",
    "claim_next",
    "dispatch",
    "fail",
    "fence",
    "finish",
    "finish_early",
    "forget",
    "forget_host",
    "forget_nodes",
    "leave",
    "look",
    "pause",
    "put_back",
    "reap",
    "record",
    "release",
    "renew",
    "request_cancel",
    "resume",
    "retry",
    "reword",
    "submit",
    "told_by",
]
