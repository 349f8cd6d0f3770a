"""Every write to uploaded weights files: kept, checked, deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.form_keys import once
from webapp.core.texts import one_line, trouble
from webapp.core.words import bytes_size
from webapp.datasets import files
from webapp.datasets.files import Archive
from webapp.experiments.models import Experiment, WeightsFile
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind

NAME_LENGTH = 120
TOLD = ("tensors", "parameters", "dtypes", "bytes", "fits", "keys")
ONE_FILE = "One file at a time; {count} came. Send each in a form of its own."


def create(actor: Actor, name: str, file: Archive, file_name: str, *, key: str | None = None) -> WeightsFile:
    """Keeps the file and queues its check. ConfigError names every wrong field; of what fails nothing is left. Raises StorageFull.

    The same `key` of the same person gives the first one's.
    """
    actor.require("experiment.create")

    def make() -> WeightsFile:
        clean, size = checked(name, file)
        shown = files.shown_name(file_name)
        made = WeightsFile(team=actor.team, created_by=actor.user, name=clean, file_name=shown, bytes=size, upload_key=key)
        keep(actor, made, file)
        return made

    return once(lambda: made_before(actor, key), make)


def made_before(actor: Actor, key: str | None) -> WeightsFile | None:
    """What the same form has made already."""
    return WeightsFile.objects.filter(created_by=actor.user, team=actor.team, upload_key=key).first() if key else None


def keep(actor: Actor, made: WeightsFile, file: Archive) -> None:
    """The file on disk for good, then its rows: both, or neither."""
    try:
        with files.no_room_in_words():
            made.folder.mkdir(mode=0o700, parents=True)
            files.place(file, made.upload)
        with transaction.atomic():
            made.job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.WEIGHTS, title=made.name)
            made.save()
            record(actor, "weights.upload", made)
    except BaseException as error:
        if not files.may_stand(error, WeightsFile.objects.filter(pk=made.pk).exists):
            files.remove(made.folder)
        raise


def checked(name: str, file: Archive) -> tuple[str, int]:
    """The clean name and the file's bytes; ConfigError for what is wrong in both."""
    wrong: dict[str, str] = {}
    clean, size = one_line(name) if "\0" not in name else "", files.size_of(file)
    if words := trouble(name):
        wrong["name"] = words
    elif not 1 <= len(clean) <= NAME_LENGTH:
        wrong["name"] = f"must have 1 to {NAME_LENGTH} characters; {len(clean):,} came"
    if size == 0:
        wrong["file"] = "is empty (0 bytes); expected a state dict as .pth or .pt, or a .safetensors file"
    elif size > settings.WEIGHTS_MAX_BYTES:
        wrong["file"] = (
            f"has {bytes_size(size)}; this server takes up to {bytes_size(settings.WEIGHTS_MAX_BYTES)} (SYNSET_WEIGHTS_MAX_BYTES)"
        )
    if wrong:
        raise ConfigError(wrong)
    return clean, size


def passed(id: str, told: dict[str, Any]) -> None:
    """What its check found; called inside the transaction that ends the job."""
    WeightsFile.objects.filter(id=id).update(told={name: told[name] for name in TOLD})


def delete(actor: Actor, file: WeightsFile) -> None:
    """For good, with its check; trained runs have weights of their own. Refused while it is checked and while a training needs it."""
    actor.require("job.edit")
    with transaction.atomic():
        locked = WeightsFile.objects.select_for_update(of=("self",)).select_related("job").filter(pk=file.pk).first()
        if locked is None:
            raise InputError(f"{file.name} is not there any more.", code="gone")
        if locked.job.state not in FINAL:
            raise InputError(f"{locked.name} is being checked; wait for that or cancel it in the queue, then delete it.", code="busy")
        if needed := trainings(locked).first():
            told = f"{locked.name} stays while {needed.name}, which is not finished, starts from it; wait for {needed.name} or cancel it."
            raise InputError(told, code="in_use")
        record(actor, "weights.delete", locked)
        job = locked.job_id
        locked.delete()
        jobs.forget([job])
        transaction.on_commit(lambda: files.remove(file.folder))


def trainings(file: WeightsFile) -> Any:
    """Trainings that are not at their end and start from it."""
    return Experiment.objects.filter(team=file.team_id, config__weights=str(file.path)).exclude(job__state__in=FINAL).order_by("-id")
