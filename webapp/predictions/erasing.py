"""What classifications keep of an image that is erased: its picture, its row with its file's name, and what was put right of it.

The engine does what lies in their folders (`classifier.many.erasing`), this what stands in rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db.models import Q

from classifier.metrics.answers import GONE, Answers
from classifier.spec.packfile import ERASED
from webapp.accounts.models import Team
from webapp.core.words import plural
from webapp.datasets import packs
from webapp.datasets.erasing import naming, texts
from webapp.datasets.erasing.forgetting import forget_told
from webapp.datasets.hooks import Elsewhere
from webapp.datasets.models import Erasure, Upload
from webapp.jobs.models import Job, State
from webapp.predictions.models import Classification, Correction

GIVEN_UP = (State.FAILED, State.CANCELLED)


class Held(NamedTuple):
    """A classification that has such images, with the places of their rows."""

    row: Classification
    answers: Answers
    places: list[int]
    pixels: bool  # whether any of them can still be seen

    @property
    def living(self) -> list[int]:
        """The rows that still tell of one."""
        return [place for place in self.places if self.answers.told[place] != GONE]


def known_as(team: Team, digest: str) -> set[str]:
    """A picture that was put right goes into a dataset as the pack keeps it, under another hash than that of the file that was sent."""
    rows = Correction.objects.filter(classification__team=team)
    sent = {digest, *rows.filter(digest=digest).values_list("sent", flat=True)}
    return (sent | set(rows.filter(sent__in=sent).values_list("digest", flat=True))) - {"", digest}


def holding(team: Team, digests: Collection[str]) -> Iterator[Held]:
    """Those of the team that are done, also in the trash, in the order they came; of one whose files are gone nothing can be erased."""
    for row in Classification.everything.filter(team=team, images__isnull=False, purging_at__isnull=True).order_by("pk"):
        with suppress(packs.Missing, OSError, ValueError, KeyError):
            if held := held_by(row, row.answers, digests):
                yield held


def held_by(row: Classification, folder: Path, digests: Collection[str]) -> Held | None:
    """What it has of them in that folder ANSWERS; None where it has nothing. Raises Missing, OSError or ValueError where that is none."""
    index = packs.index(folder)
    images = np.flatnonzero(np.logical_or.reduce([index["sha256"] == np.void(bytes.fromhex(digest)) for digest in digests]))
    if not len(images):
        return None
    answers = Answers(folder)
    places = np.flatnonzero(np.isin(answers.rows["image"], images)).tolist()
    pixels = bool((index["storage"][images] & ERASED == 0).any())
    return Held(row, answers, places, pixels) if places or pixels else None


def elsewhere(team: Team, digests: Collection[str]) -> list[Elsewhere]:
    """As who asks to erase the image is told, and as the engine is."""
    return [shown(held) for held in holding(team, digests)]


def shown(held: Held) -> Elsewhere:
    """One of them."""
    row, living = held.row, held.living
    lies = row.trashed_at is not None
    words = f"{plural(len(held.places), 'image')} of {len(held.answers):,}{', in the trash' if lies else ''}"
    busy = Job.objects.filter(state=State.RUNNING, classification__source=row).order_by("id").first()
    return Elsewhere("" if lies else "predictions:detail", row.pk, row.name, words, row.answers, not living and not held.pixels, busy)


def forget_names(team: Team, digests: Collection[str]) -> None:
    """Before the engine takes the names out of the files: by those it is known here what names them."""
    for held in holding(team, digests):
        forget_of(held)


def forget_of(held: Held) -> None:
    """What rows and logs tell of the files, and what somebody said that they are."""
    row, names = held.row, [answer.file for answer in held.answers.answers(held.living)]
    texts.forget_in(texts.logs_in([row.folder, Path(settings.SYNSET_HOME) / "logs"]), names)
    for name in names:
        forget_told(Job.objects.filter(classification=row), name)
        rename(row, PurePosixPath(name).name)
    Correction.objects.filter(classification=row, row__in=held.places).delete()


def rename(row: Classification, name: str) -> None:
    """It, its job and its upload, where they are called after the file: loose images come as an archive with the first one's name."""
    uploads = Upload.objects.filter(team=row.team_id, purpose__made=row.pk)
    for upload in uploads:
        naming.rename_upload(upload, name)
    now = naming.renamed(row.name, name)
    if now == row.name:
        return
    before, row.name = row.name, now
    Classification.everything.filter(pk=row.pk).update(name=now)
    for job in Job.objects.filter(classification=row, title__startswith=before):
        Job.objects.filter(pk=job.pk).update(title=f"{now}{job.title[len(before) :]}"[:200])
    forget_told(Job.objects.filter(classification=row), before)


def count_anew(team: Team, digests: Collection[str]) -> None:
    """After the engine counted them anew."""
    for held in holding(team, digests):
        counted(held.row, held.answers)


def counted(row: Classification, answers: Answers) -> None:
    """The row says what the files say."""
    about = answers.about
    classes = [one | {"n": count} for one, count in zip(row.classes, about["counts"], strict=True)]
    Classification.everything.filter(pk=row.pk).update(
        images=about["images"], unsure=about["unsure"], erased=about.get("erased", 0), classes=classes
    )


def meanwhile(row: Classification) -> list[str]:
    """Hashes of what the team had erased since its pictures were sent: nobody could look for it in them."""
    ended = Q(job__finished_at__isnull=True) | Q(job__finished_at__gte=row.created_at)
    found = Erasure.objects.filter(ended, team=row.team_id).exclude(job__state__in=GIVEN_UP)
    return sorted({digest for erasure in found for digest in erasure.hashes})


def unread(team: Team) -> Sequence[tuple[str, str]]:
    """Archives that wait to be classified, or did not come to their end."""
    rows = Classification.everything.filter(team=team, images__isnull=True, source=None).exclude(archive_file="").order_by("pk")
    return [(row.name, "waits to be classified") for row in rows if (row.folder / "upload" / row.archive_file).exists()]
