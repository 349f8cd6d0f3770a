"""An upload before its first byte: what is asked of it, and which there are."""

from __future__ import annotations

import re
import shutil
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Now

from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.models import Team
from webapp.accounts.permissions import get_for
from webapp.core.words import bytes_size, plural
from webapp.datasets import actions, drafts, files, options
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.uploads import becoming, refusals
from webapp.datasets.uploads.refusals import Refused
from webapp.jobs.clock import ago
from webapp.jobs.models import State

ROOM = 2  # times its length: the archive, and the images that its import makes of it
LONGEST_MARK = 20
LONGEST_NAME = 120
FIELDS = ["name", "options", "metadata", "touched_at", "dataset", "adds", "purpose"]  # that the same file brings along once more
DAY_SECONDS = 86_400.0


def begin(actor: Actor, length: int, told: dict[str, str], metadata: str = "") -> Upload:
    """A row that waits for the first byte. `told` has filename, name and the import's options, and `dataset` where it replaces an archive.

    Raises Refused, ConfigError for wrong fields, InputError where the dataset takes no other archive.
    """
    actor.require("dataset.edit")
    upload = Upload(team=actor.team, created_by=actor.user, length=length, metadata=metadata)
    upload.archive_name = files.shown_name(told.get("filename", "") or told.get("name", ""))
    upload.modified = told.get("modified", "")[:LONGEST_MARK].replace("\0", "")
    if told.get("becomes"):
        upload.name, upload.purpose = upload.archive_name[:LONGEST_NAME], becoming.checked(actor, told)
        return kept_row(actor, upload, length)
    given: dict[str, Any] = {name: told[name] for name in options.KNOWN if told.get(name)}
    given |= {"look": True} if told.get("look") else {}
    if told.get("adds_to"):
        upload.dataset = get_for(actor, Dataset, told["adds_to"], "dataset.edit")
        upload.adds = {"label": drafts.check_addition(actor, upload.dataset, told.get("label", "")), **drafts.check_reading(told)}
        upload.name = upload.dataset.name
    elif told.get("dataset"):
        upload.dataset = get_for(actor, Dataset, told["dataset"], "dataset.edit")
        actions.check_ended_badly(upload.dataset)
        upload.name, upload.options = upload.dataset.name, options.checked({**kept(upload.dataset, told), **given})
    else:
        upload.name, upload.options = actions.checked(told.get("name", "") or name_from(upload.archive_name), given)
    return kept_row(actor, upload, length)


def kept_row(actor: Actor, upload: Upload, length: int) -> Upload:
    """The row of what was asked for, where there is room for it; Refused else."""
    check_length(length)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=actor.team.pk)  # so that two at once do not both take the last place
        if again := not_begun(upload):
            upload.pk, upload.touched_at = again.pk, Now()
            upload.save(force_update=True, update_fields=FIELDS)
        else:
            check_number(actor.team)
            check_room(length)
            upload.save(force_insert=True)
    upload.refresh_from_db()
    return upload


def kept(dataset: Dataset, told: dict[str, str]) -> dict[str, Any]:
    """Options of the archive that is replaced which hold on: of a form, which says all that is typed, none of those."""
    return {name: value for name, value in dataset.options.items() if "split" not in told or name not in options.KNOWN}


def name_from(archive_name: str) -> str:
    """ "farm_animals.tar.gz" → "Farm animals", as the page proposes it."""
    stem = archive_name
    for _ in range(2):
        stem = re.sub(r"\.(zip|tar|tgz|tbz2|txz|gz|bz2|xz)$", "", stem, flags=re.IGNORECASE)
    words = re.sub(r"[_-]+", " ", stem).strip()
    return (words[:1].upper() + words[1:])[: actions.NAME_LENGTH]


def not_begun(upload: Upload) -> Upload | None:
    """The same file of the same person, of which nothing came yet: the answer to a first request was lost. Programs send no such mark."""
    if not upload.modified:
        return None
    same = living(upload.team).filter(created_by=upload.created_by, offset=0, archive_name=upload.archive_name, length=upload.length)
    same = same.filter(adds__isnull=upload.adds is None, purpose__isnull=upload.purpose is None)
    return same.filter(modified=upload.modified, dataset=upload.dataset).first()


def check_length(length: int) -> None:
    """413 for what this server never takes."""
    if length <= settings.UPLOAD_MAX_BYTES:
        return
    most = bytes_size(settings.UPLOAD_MAX_BYTES)
    words = f"This server takes up to {most} (SYNSET_UPLOAD_MAX_BYTES); {bytes_size(length)} were announced. Make several archives of it."
    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", words)


def check_number(team: Team) -> None:
    """409 where the team has as many unfinished uploads as it may."""
    there, most = living(team).count(), settings.UPLOADS_A_TEAM
    if there >= most:
        words = (
            f"The team has {plural(there, 'unfinished upload')}, and may have {most}. Go on with one on the upload page, or discard one."
        )
        raise Refused(HTTPStatus.CONFLICT, "too_many_uploads", words)


def check_room(length: int) -> None:
    """507 where the disk would fill before the import is done, also with what other uploads will still bring."""
    free = shutil.disk_usage(settings.SYNSET_HOME).free
    promised = unfinished().aggregate(left=Sum(F("length") - F("offset")))["left"] or 0
    if ROOM * length > free - promised:
        others = f", of which other uploads will take {bytes_size(promised)}" if promised else ""
        words = (
            f"An archive of {bytes_size(length)} needs {bytes_size(ROOM * length)} on the server's disk, for itself and for its images; "
            f"{bytes_size(free)} are free{others}. Free some space on it, then try again."
        )
        raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, "storage_full", words)


def unfinished() -> QuerySet[Upload]:
    """Of all teams, those that can be gone on with."""
    return Upload.objects.filter(finished_at=None, touched_at__gt=ago(settings.UPLOAD_DAYS * DAY_SECONDS))


def living(team: Team) -> QuerySet[Upload]:
    """A team's unfinished uploads, the newest first."""
    return unfinished().filter(team=team).order_by("-id")


def living_for(team: Team, dataset: Dataset | None = None) -> QuerySet[Upload]:
    """Those that replace the archive of that one, or shall be new datasets, as where that one is in the trash or was imported meanwhile;
    with who began them."""
    new = Q(dataset=None) | Q(dataset__trashed_at__isnull=False) | Q(dataset__job__state=State.SUCCEEDED)
    rows = living(team).filter(new if dataset is None else Q(dataset=dataset), adds__isnull=True, purpose__isnull=True)
    return rows.select_related("created_by")


def adding_to(dataset: Dataset) -> QuerySet[Upload]:
    """Those whose images are to go into that one's draft."""
    return living(dataset.team).filter(dataset=dataset, adds__isnull=False).select_related("created_by")


def to_become(team: Team, what: str) -> QuerySet[Upload]:
    """Those that become something else than a dataset."""
    return living(team).filter(purpose__becomes=what).select_related("created_by")


def found(actor: Actor, id: str) -> Upload:
    """The team's upload of that id, finished or not. Http404 where there is none, Refused where its term is over."""
    upload = get_for(actor, Upload, id, "dataset.edit")
    if upload.finished_at is None and not unfinished().filter(pk=upload.pk).exists():
        raise refusals.expired(upload)
    return upload


def discard(actor: Actor, upload: Upload) -> None:
    """Removes an unfinished one with its bytes; who is just sending it finds it gone."""
    actor.require("dataset.edit")
    with transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk, finished_at=None).delete()[0]:
            upload.refresh_from_db()
            raise refusals.whole(upload)
        record(actor, "dataset.discard", upload)
    upload.path.unlink(missing_ok=True)


def shown(upload: Upload) -> dict[str, Any]:
    """What programs are told of one."""
    return {
        "id": upload.pk,
        "name": upload.name,
        "archive_name": upload.archive_name,
        "length": upload.length,
        "offset": upload.offset,
        "expires_at": upload.expires_at,
        "dataset": upload.dataset_id,
    }
