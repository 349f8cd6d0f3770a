"""The rows of connections, and what opens them under lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from classifier.spec.addresses import networks
from classifier.spec.buckets import S3, Bucket, checked
from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.models import Team
from webapp.core.locks import Lost, lock, relock, unlock
from webapp.core.texts import one_line
from webapp.datasets.models import Connection

NAME_LENGTH = 80
MOST = 50  # of a team
SECRET_FIELDS = ("key", "secret", "options")
SHOWN_ENDS = 4  # characters of a key


def kinds() -> tuple[str, ...]:
    """What teams may connect to."""
    return (S3, *(kind for kind in settings.BUCKET_KINDS if kind != S3))


def of_team(team: Team) -> QuerySet[Connection]:
    """By name."""
    return Connection.objects.filter(team=team).order_by("name", "id")


def make(actor: Actor, name: str, fields: Mapping[str, Any]) -> Connection:
    """A new connection. ConfigError names every wrong field."""
    actor.require("team.edit")
    clean, wrong = one_line(name) if "\0" not in name else "", {}
    if not 1 <= len(clean) <= NAME_LENGTH:
        wrong["name"] = f"A name has 1 to {NAME_LENGTH} characters; {len(clean):,} came."
    try:
        bucket = checked(fields, kinds(), networks(settings.FETCH_NETWORKS))
    except ConfigError as error:
        raise ConfigError(wrong | error.fields) from None
    if of_team(actor.team).count() >= MOST:
        wrong["name"] = f"A team has {MOST} connections at most; delete one that is not needed."
    if wrong:
        raise ConfigError(wrong)
    public = {"kind": bucket.kind, "bucket": bucket.bucket, "prefix": bucket.prefix, "endpoint": bucket.endpoint, "region": bucket.region}
    made = Connection(team=actor.team, created_by=actor.user, name=clean, **public)
    shut(made, bucket)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            record(actor, "connection.create", made, bucket=bucket.shown)
    except IntegrityError:
        raise ConfigError({"name": f"There is a connection {clean} already; choose another name."}) from None
    return made


def new_key(actor: Actor, connection: Connection, fields: Mapping[str, Any]) -> None:
    """Another key, for the same bucket at the same server: where an old one is sent is never changed. ConfigError as of `make`."""
    actor.require("team.edit")
    public = {name: getattr(connection, name) for name in ("kind", "bucket", "prefix", "endpoint", "region")}
    bucket = checked({**{name: fields.get(name) for name in SECRET_FIELDS}, **public}, kinds(), networks(settings.FETCH_NETWORKS))
    shut(connection, bucket)
    connection.tried_at, connection.opened, connection.words = None, False, ""
    with transaction.atomic():
        connection.save(update_fields=["locked", "key_hint", "tried_at", "opened", "words"])
        record(actor, "connection.key", connection)


def delete(actor: Actor, connection: Connection) -> None:
    """It and its key are gone; what was imported through it stays."""
    actor.require("team.edit")
    with transaction.atomic():
        record(actor, "connection.delete", connection, bucket=bucket_shown(connection))
        connection.delete()


def shut(connection: Connection, bucket: Bucket) -> None:
    """Puts what opens the bucket under lock."""
    kept = {name: getattr(bucket, name) for name in SECRET_FIELDS}
    connection.locked = lock(purpose(connection), json.dumps(kept))
    connection.key_hint = hint_of(bucket.key)


def bucket_of(connection: Connection) -> Bucket:
    """What opens it, for the command that does; InputError where that cannot be read any more."""
    public = Bucket(connection.kind, connection.bucket, connection.prefix, connection.endpoint, connection.region)
    try:
        return replace(public, **json.loads(unlock(purpose(connection), connection.locked)))
    except Lost:
        words = f"The key of the connection {connection.name} cannot be read any more, since SECRET_KEY was changed."
        raise InputError(f"{words} An owner gives the connection its key again (SECRET_KEY_FALLBACKS).", code="bucket") from None


def bucket_shown(connection: Connection) -> str:
    """ "photos/2024"."""
    return Bucket(bucket=connection.bucket, prefix=connection.prefix).shown


def purpose(connection: Connection) -> str:
    """What its key is derived for: this row alone."""
    return f"connection {connection.pk}"


def hint_of(key: str) -> str:
    """ "AKIA…7Q2X": enough to know a key again; of a short one nothing but that there is one."""
    return f"{key[:SHOWN_ENDS]}…{key[-SHOWN_ENDS:]}" if len(key) >= 4 * SHOWN_ENDS else "…" if key else ""


def relock_all() -> tuple[int, list[Connection]]:
    """Locks every one with the SECRET_KEY of now; how many, and those that no key that is left opens."""
    count, lost = 0, []
    for connection in Connection.objects.select_related("team").iterator():
        try:
            locked = relock(purpose(connection), connection.locked)
        except Lost:
            lost.append(connection)
            continue
        count += Connection.objects.filter(pk=connection.pk, locked=connection.locked).update(locked=locked)
    return count, lost
