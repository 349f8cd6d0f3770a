"""Datasets whose images nobody sends: the import fetches them from an address or a bucket, or reads them in a folder of this server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from django.conf import settings
from django.db import transaction

from classifier.spec.addresses import is_let, literal, networks, parsed
from classifier.spec.buckets import clean_path
from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.form_keys import once
from webapp.datasets import actions, files, origins, roots
from webapp.datasets.models import Connection, Dataset
from webapp.datasets.uploads.begin import name_from

Options: TypeAlias = Mapping[str, Any] | None


def from_address(actor: Actor, name: str, address: str, import_options: Options = None, *, key: str | None = None) -> Dataset:
    """A dataset whose archive the import downloads. ConfigError names every wrong field."""
    wrong: dict[str, str] = {}
    shown, clean = "", address.strip()
    try:
        place = parsed(clean)
        shown = place.name
        number = literal(place.host)
        if not settings.FETCH:
            wrong["address"] = "This server downloads nothing (SYNSET_FETCH is off). Upload the archive."
        elif number is not None and not is_let(number, networks(settings.FETCH_NETWORKS)):
            wrong["address"] = "This address is of a private network or of this server itself, and is not asked."
    except InputError as error:
        wrong["address"] = error.message
    return made(actor, name or name_of(shown), {"kind": origins.ADDRESS, "address": clean}, shown, import_options, wrong, key)


def from_server(actor: Actor, name: str, root: str, folder: str, import_options: Options = None, *, key: str | None = None) -> Dataset:
    """A dataset of a folder inside the roots. ConfigError names every wrong field."""
    wrong: dict[str, str] = {}
    try:
        path = roots.inside(root, folder)
        shown = path.name
    except InputError as error:
        wrong["folder"], shown = error.message, ""
    return made(actor, name or name_of(shown), {"kind": origins.SERVER, "root": root, "folder": folder}, shown, import_options, wrong, key)


def from_bucket(
    actor: Actor, name: str, connection: Connection, path: str, import_options: Options = None, *, key: str | None = None
) -> Dataset:
    """A dataset of an archive, or of a folder of objects, that the import copies from the bucket. ConfigError names every wrong field."""
    wrong: dict[str, str] = {}
    try:
        clean = clean_path(path)
        shown = clean.rpartition("/")[2] or connection.prefix.rpartition("/")[2] or connection.bucket
    except InputError as error:
        wrong["path"], clean, shown = error.message, "", ""
    if not settings.FETCH:
        wrong["connection"] = "This server downloads nothing (SYNSET_FETCH is off). Upload the archive."
    origin = {"kind": origins.BUCKET, "connection": connection.pk, "name": connection.name, "path": clean}
    return made(actor, name or name_of(shown), origin, shown, import_options, wrong, key)


def name_of(shown: str) -> str:
    """As an upload's is proposed."""
    return name_from(shown) if shown else ""


def made(
    actor: Actor, name: str, origin: dict[str, str], shown: str, import_options: Options, wrong: dict[str, str], key: str | None
) -> Dataset:
    """The dataset with its import, which waits; the same `key` of the same person gives the first one's."""
    actor.require("dataset.edit")

    def make() -> Dataset:
        try:
            clean, values = actions.checked(name or ("–" if wrong else ""), import_options)  # a name that was to come of it is not wrong
        except ConfigError as error:
            raise ConfigError(wrong | error.fields) from None
        if wrong:
            raise ConfigError(wrong)
        dataset = Dataset(team=actor.team, created_by=actor.user, name=clean, options=values, upload_key=key or None, origin=origin)
        dataset.archive_file = "" if origin["kind"] == origins.SERVER else files.stored_name(shown)
        with transaction.atomic():
            actions.wait_for_import(dataset, shown, 0, actor)
            record(actor, "dataset.create", dataset, source=origins.words(dataset))
        return dataset

    return once(lambda: actions.made_before(actor, key), make)
