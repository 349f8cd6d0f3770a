"""Removes what killed processes left in the data folder, so that the space of temporary things comes back."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.accounts import audit
from webapp.datasets.drafts import peeks
from webapp.datasets.files import is_free
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Draft
from webapp.datasets.uploads import expire
from webapp.jobs.actions.ending import PASSING
from webapp.jobs.models import FINAL, Job, State

logger = logging.getLogger(__name__)
DAY = 86_400.0
JUST_MADE = 60.0  # a staging folder has its lock a moment after it is made


def sweep(upload_seconds: float = DAY) -> list[Path]:
    """Removes what nobody will finish or read again, and gives it.

    Uploads untouched for so long, half deleted folders, killed imports and sealings, archives that were imported, lost folders.
    """
    home = Path(settings.SYNSET_HOME)
    found = [*old(home / "tmp", upload_seconds), *half_deleted(home), *abandoned_imports(home), *never_sealed(home), *without_row(home)]
    found += [*imported_archives(home), *lost_replacements(home), *lost_additions(home), *read_in_vain(home), *lost_versions(home)]
    found += expire.over_term()
    found += [path for path in expire.without_row(home) if age(path) >= DAY]
    for path in found:
        remove(path)
    return found


def remove(path: Path) -> None:
    """A file or folder; one that will not go is left for the next time."""
    logger.info("Removing %s, which a process that ended left", path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s stays: %s", path, error)


def old(folder: Path, seconds: float) -> Iterator[Path]:
    """What in a folder was not touched for so long."""
    return (path for path in folder.glob("*") if age(path) >= seconds)


def age(path: Path) -> float:
    """Seconds since a file, or anything in a folder, changed; below zero for what is gone meanwhile."""
    try:
        times = [path.lstat().st_mtime, *(inner.lstat().st_mtime for inner in path.rglob("*"))]
    except OSError:
        return -1.0
    return time.time() - max(times)


def half_deleted(home: Path) -> Iterator[Path]:
    """Folders that `files.remove` renamed and did not get to the end of."""
    for pattern in (".gone-*", "*/.gone-*", "*/versions/.gone-*"):
        yield from (home / "datasets").glob(pattern)


def abandoned_imports(home: Path) -> Iterator[Path]:
    """Staging folders whose import has ended: it would hold their lock. One that may be tried again goes on from those of its dataset; of
    one that failed for what may not come again, somebody has a day to say so."""
    found = [path for pattern in ("*/.*.importing-*", "*/versions/.*.importing-*") for path in (home / "datasets").glob(pattern)]
    of_jobs = {path: path.parent.name for path in found if path.name.startswith(".data.") and path.name.count(".") > 3}
    ids = set(of_jobs.values())
    rows = Dataset.everything.filter(pk__in=ids)
    awaited = set(rows.exclude(job__state__in=FINAL).values_list("pk", flat=True))
    failed = set(rows.filter(job__state=State.FAILED, job__error_code__in=PASSING).values_list("pk", flat=True))
    least = {path: DAY if of_jobs.get(path) in failed else JUST_MADE for path in found if of_jobs.get(path) not in awaited}
    return (path for path, seconds in least.items() if age(path) >= seconds and is_free(path))


def never_sealed(home: Path) -> Iterator[Path]:
    """What killed imports (data.JOB.FENCE), sealings (versions/JOB.FENCE…), checks (quality/JOB.FENCE.json) and suggestions
    (suggestions/JOB.FENCE.bin) left, once their job has ended in another way."""
    found = {path: path.name.split(".")[1] for path in (home / "datasets").glob("*/data.*.*")}
    found |= {path: path.name.split(".")[0] for path in (home / "datasets").glob("*/versions/[!.]*.*")}
    for folder in ("quality", "suggestions"):
        found |= {path: path.name.lstrip(".").split(".")[0] for path in (home / "datasets").glob(f"*/{folder}/*.*.*")}
    ended = set(Job.objects.filter(pk__in=set(found.values()), state__in=FINAL).values_list("pk", flat=True))
    return (path for path, job in found.items() if job in ended)


def imported_archives(home: Path) -> Iterator[Path]:
    """Archives whose import has succeeded: they go once that is committed, and a process may die between."""
    found = {path.parent.name: path for path in (home / "datasets").glob("[!.]*/upload")}
    done = Dataset.everything.filter(pk__in=found, job__state=State.SUCCEEDED).values_list("pk", flat=True)
    return (found[id] for id in done)


def lost_replacements(home: Path) -> Iterator[Path]:
    """Archives that should have replaced another, and whose process died before it could say so."""
    found = [path for path in (home / "datasets").glob("[!.]*/upload/*") if age(path) >= DAY]
    rows = Dataset.everything.filter(pk__in={path.parent.parent.name for path in found}).exclude(archive_file="")
    named = dict(rows.values_list("pk", "archive_file"))
    return (path for path in found if path.name != named.get(path.parent.parent.name, path.name))


def lost_additions(home: Path) -> Iterator[Path]:
    """Archives of drafts that are closed, by a process that died before it removed them, or that never came into one; and what was
    seen of those."""
    found = {path.name: path for path in (home / "datasets").glob("[!.]*/additions/*") if age(path) >= DAY}
    archives = {name: made["file"] if (made := peeks.MADE.match(name)) else name for name in found}
    needed = set(Addition.objects.filter(file__in=archives.values(), draft__closed_at__isnull=True).values_list("file", flat=True))
    return (path for name, path in found.items() if archives[name] not in needed)


def read_in_vain(home: Path) -> Iterator[Path]:
    """What sealings had read of images for a draft that is closed; of an open one the next sealing goes on from there."""
    found = list((home / "datasets").glob(f"[!.]*/versions/{peeks.READ}"))
    ids = {path.parent.parent.name for path in found}
    open_ones = set(Draft.objects.filter(dataset__in=ids, closed_at=None).values_list("dataset_id", flat=True))
    return (path for path in found if path.parent.parent.name not in open_ones and age(path) >= JUST_MADE and is_free(path))


def lost_versions(home: Path) -> Iterator[Path]:
    """Folders of versions that no row names: their sealing was killed after it had put them in place, and its draft given up since.

    What may be sealed yet stays, and so does what lies beside a dataset that this database does not know.
    """
    found = [path for path in (home / "datasets").glob("[!.]*/versions/*") if path.name.isdecimal() and age(path) >= DAY]
    known = Dataset.everything.filter(pk__in={path.parent.parent.name for path in found})
    sealing = set(Draft.objects.filter(dataset__in=known, closed_at=None).exclude(job=None).values_list("dataset_id", flat=True))
    named = {
        (row.dataset_id, str(row.number)) for row in DatasetVersion.objects.filter(dataset__in=known, ready=True).only("dataset", "number")
    }
    whose = set(known.values_list("pk", flat=True)) - sealing
    return (path for path in found if (id := path.parent.parent.name) in whose and (id, path.name) not in named)


def without_row(home: Path) -> Iterator[Path]:
    """Folders of uploads that never became a dataset, and of datasets that were deleted for good (what lies in the trash keeps its files).

    A folder with images that nobody deleted stays: its row may be in another database, or in a backup.
    """
    folders = [path for path in (home / "datasets").glob("[!.]*") if path.is_dir() and not path.is_symlink()]
    lost = {path.name for path in folders}.difference(Dataset.everything.values_list("pk", flat=True).iterator())
    purged = audit.subjects("dataset.purge", lost)
    candidates = (path for path in folders if path.name in lost and (path.name in purged or not (path / "data").exists()))
    return (path for path in candidates if age(path) >= DAY)
