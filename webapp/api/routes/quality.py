"""The quality report: asked for, read, and what it found mended in the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.draft_schemas import EditOut, Kind
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.paging import Page, cursor_behind, number_in
from webapp.api.quality_schemas import FindingList, Fix, QualityOut
from webapp.api.routes.drafts import edit_shown, fresh
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.core.ids import is_id
from webapp.datasets import drafts
from webapp.datasets.drafts.changing import said_of
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Finding, QualityCheck, Sample
from webapp.datasets.quality import actions, fixing, queries
from webapp.datasets.queries import SPLIT_NAMES, newest_version

router = Router()
NO_IMAGES = "{name} has no images yet; wait for its import."
NO_CHECK = "This dataset has no such check any more. Read its quality for the newest one."


@router.post("/datasets/{id}/quality", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Check a dataset")
def start_check(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues a check of the newest version; one that waits or runs already is given in its place. It changes nothing."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    version = newest_version(dataset)
    if version is None:
        raise ApiError(409, "no_version", NO_IMAGES.format(name=dataset.name))
    check = actions.start(request.actor, version)
    return Status(202, {"id": check.id, "job": check.job_id})


@router.get("/datasets/{id}/quality", response=answers({200: QualityOut}), summary="Read the quality report")
def read_quality(request: Request, id: str) -> dict[str, Any]:
    """How far the newest check is, and what the newest one that succeeded found."""
    version = newest_version(get_for(request.actor, Dataset, id, "dataset.read"))
    newest = queries.newest(version) if version else None
    done = queries.newest_done(version) if version else None
    return {
        "version": version.number if version else None,
        "state": newest.job.state if newest else None,
        "job": newest.job_id if newest else None,
        "leaking": leaking(version) if version else None,
        "report": report(done) if done else None,
    }


def leaking(version: DatasetVersion) -> dict[str, Any]:
    known = queries.leaking(version)
    return {"images": known.images, "words": known.words, "looked": known.checked}


def report(check: QualityCheck) -> dict[str, Any]:
    """What it found, but for the findings themselves."""
    return {"id": check.id, "ended_at": check.job.finished_at, "counts": check.counts, "leaks": check.leaks, "facts": check.facts}


@router.get("/datasets/{id}/quality/findings/{kind}", response=answers({200: FindingList}), summary="List findings of a kind")
def list_findings(request: Request, id: str, kind: Kind, page: Query[Page]) -> dict[str, Any]:
    """What the newest report has of one kind, the worst first; of each kind the 10,000 worst. None without a report."""
    version = newest_version(get_for(request.actor, Dataset, id, "dataset.read"))
    after = number_in(page.cursor) if page.cursor else -1
    check = queries.newest_done(version) if version else None
    if version is None or check is None:
        return {"items": [], "next": None}
    found = queries.findings(check, kind, None, after, page.limit + 1)
    following = cursor_behind(found[page.limit - 1].rank) if len(found) > page.limit else None
    return {"items": told(version, drafts.current(version.dataset), found[: page.limit]), "next": following}


def told(version: DatasetVersion, draft: Draft | None, found: list[Finding]) -> list[dict[str, Any]]:
    """Findings with their images, in three queries."""
    positions = {place for finding in found for place in (finding.position, finding.other) if place is not None}
    samples = queries.samples(version, positions)
    said = said_of(draft, sorted(positions)) if draft and draft.base_id == version.pk else {}
    return [one(version, finding, samples, said) for finding in found if finding.position in samples]


def one(version: DatasetVersion, finding: Finding, samples: Mapping[int, Sample], said: Mapping[int, Any]) -> dict[str, Any]:
    """A finding as the API tells it."""
    other = samples.get(finding.other) if finding.other is not None else None
    return {
        "rank": finding.rank,
        "image": image(version, samples[finding.position]),
        "other": image(version, other) if other else None,
        "seems": version.classes[finding.seems]["label"] if finding.seems is not None else None,
        "score": finding.score,
        "settled": finding.position in said or finding.other in said,
    }


def image(version: DatasetVersion, sample: Sample) -> dict[str, Any]:
    label = version.classes[sample.label]["label"]
    return {"position": sample.position, "path": sample.path, "label": label, "split": SPLIT_NAMES[sample.split]}


@router.post("/datasets/{id}/quality/fixes", response=answers({201: EditOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Fix findings")
def fix_findings(request: Request, id: str, body: Fix) -> Status[Any]:
    """What the findings ask for, as one edit of the draft, undone as one. 409 once the images changed since the check."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    if bool(body.ranks) == body.every:
        raise FieldErrors({"ranks": "must say which findings, or `every` in its place; one of the two"})
    rows = QualityCheck.objects.select_related("version").filter(version__dataset=dataset)
    check = rows.filter(pk=body.check).first() if is_id(body.check) else None
    if check is None:
        raise ApiError(409, "gone", NO_CHECK)
    check.version.dataset = dataset
    edit = fixing.fix(request.actor, check, body.kind, body.do, None if body.every else body.ranks)
    return Status(201, edit_shown(fresh(edit)))
