"""Every write to datasets: create, replace, delete and restore (`removing`), and what an import tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.db import transaction

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.form_keys import once
from webapp.core.texts import one_line
from webapp.datasets import files, options, origins, queries
from webapp.datasets.files import Archive
from webapp.datasets.models import Dataset
from webapp.datasets.problems import add_problems, forget_problems
from webapp.datasets.removing import delete, held, purge, restore, unarchive
from webapp.datasets.sealing import sealed, staged
from webapp.jobs import actions as jobs
from webapp.jobs.models import Kind, State

__all__ = [
    "add_problems",
    "create",
    "delete",
    "forget_problems",
    "purge",
    "replace_archive",
    "restore",
    "retry",
    "sealed",
    "staged",
    "unarchive",
]

NAME_LENGTH = 120
Also: TypeAlias = Callable[[Dataset], None]


def nothing_else(_: Dataset) -> None:
    """For who has nothing to add to a transaction."""


def create(
    actor: Actor,
    name: str,
    archive: Archive,
    archive_name: str,
    import_options: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    also: Also = nothing_else,
) -> Dataset:
    """Keeps the archive and queues its import. ConfigError names every wrong field; on any failure nothing is left.

    The same `key` of the same person gives the first one's dataset. `also` happens in the same transaction, or nothing does.
    """
    actor.require("dataset.edit")

    def make() -> Dataset:
        clean, values = checked(name, import_options)
        size = files.check_size(archive)
        dataset = Dataset(team=actor.team, created_by=actor.user, name=clean, options=values, upload_key=key or None)
        with files.arriving(dataset.folder, archive, archive_name, lambda: waits(dataset)) as path, transaction.atomic():
            dataset.archive_file = path.name
            wait_for_import(dataset, archive_name, size, actor)
            record(actor, "dataset.create", dataset)
            also(dataset)
        return dataset

    return once(lambda: made_before(actor, key), make)


def made_before(actor: Actor, key: str | None) -> Dataset | None:
    """What the same form has made already, also where it lies in the trash by now."""
    return Dataset.everything.filter(created_by=actor.user, team=actor.team, upload_key=key).first() if key else None


def replace_archive(
    actor: Actor,
    dataset: Dataset,
    archive: Archive,
    archive_name: str,
    import_options: Mapping[str, Any] | None = None,
    *,
    also: Also = nothing_else,
) -> Dataset:
    """Another archive and a new import for a dataset whose import failed or was cancelled. `also` as of `create`."""
    actor.require("dataset.edit")
    dataset.options = options.checked(import_options or dataset.options)
    size = files.check_size(archive)
    check_ended_badly(dataset)
    before = dataset.job_id

    def kept() -> bool:
        return dataset.job_id != before and waits(dataset)

    with files.arriving(dataset.folder, archive, archive_name, kept) as path, transaction.atomic():
        older = queries.archive_path(held(dataset))
        check_ended_badly(dataset)
        forget_problems(dataset.id)
        dataset.archive_file, dataset.origin = path.name, None
        wait_for_import(dataset, archive_name, size, actor)
        record(actor, "dataset.replace", dataset)
        also(dataset)
    if older and older != path:  # this one alone: another replacement may have brought its own meanwhile
        older.unlink(missing_ok=True)
    return dataset


def retry(actor: Actor, dataset: Dataset, *, look: bool = False) -> Dataset:
    """The same archive once more, after an import that failed or was cancelled; with `look` it is shown first as it is understood."""
    actor.require("dataset.edit")
    if not origins.can_begin(dataset):
        raise InputError("The archive is not kept any more; upload it again with Replace the archive.", code="gone")
    with transaction.atomic():
        held(dataset)  # two clicks at once wait for each other
        dataset.refresh_from_db()  # another archive may have come meanwhile
        check_ended_badly(dataset)
        forget_problems(dataset.id)
        if look or dataset.job.kind == Kind.INSPECT:  # it may have failed by a correction that does not fit
            dataset.options = {name: value for name, value in dataset.options.items() if name != "choose"} | {"look": True}
        wait_for_import(dataset, dataset.archive_name, dataset.archive_bytes, actor)
        record(actor, "dataset.retry", dataset)
    return dataset


def check_ended_badly(dataset: Dataset) -> None:
    """Only a failed or cancelled import makes room for another; a second click finds the job of the first."""
    dataset.refresh_from_db(fields=["job"])
    if dataset.job.state not in (State.FAILED, State.CANCELLED):
        words = "is imported already" if dataset.job.state == State.SUCCEEDED else "is being imported; cancel that first"
        raise InputError(f"{dataset.name} {words}.", code="busy")


def wait_for_import(dataset: Dataset, archive_name: str, size: int, actor: Actor) -> None:
    """The rows of a dataset that waits for its import: the job and the dataset, in the caller's transaction.

    With the option `look` its archive is looked at first, and somebody says whether it is understood (webapp.datasets.previews).
    """
    dataset.archive_name, dataset.archive_bytes = files.shown_name(archive_name), size
    dataset.problem_count = dataset.ignored_count = 0
    dataset.problem_rules = {}
    kind = Kind.INSPECT if dataset.options.pop("look", False) else Kind.IMPORT
    dataset.inspection = None
    dataset.job = jobs.submit(team=dataset.team, user=actor.user, kind=kind, title=dataset.name)
    dataset.save()


def waits(dataset: Dataset) -> bool:
    """Whether the rows of `wait_for_import` are there."""
    return Dataset.everything.filter(pk=dataset.pk, job=dataset.job_id).exists()


def checked(name: str, import_options: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """The clean name and options; ConfigError for all that is wrong in both."""
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    clean = one_line(name) if "\0" not in name else ""
    if not 1 <= len(clean) <= NAME_LENGTH:
        wrong["name"] = f"must have 1 to {NAME_LENGTH} characters without NUL; {len(clean):,} came"
    try:
        values = options.checked(import_options)
    except ConfigError as error:
        wrong |= error.fields
    if wrong:
        raise ConfigError(wrong)
    return clean, values
