"""Refuses to start badly: what `manage.py check` and every start look at, each with an id and a hint."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from classifier.spec.addresses import networks
from classifier.spec.buckets import KIND, LOCAL

TAG = "synset"
MOST_PORT = 65_535
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
LEAST_TOKEN = 16  # characters
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@register(TAG)
def data_folder_can_be_written(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Everything is kept there."""
    if os.access(settings.SYNSET_HOME, os.W_OK | os.X_OK):
        return []
    hint = "Give this user the right to write there, or set SYNSET_HOME to another folder."
    return [Error(f"The data folder {settings.SYNSET_HOME} cannot be written.", hint=hint, id="synset.E001")]


@register(TAG)
def debug_stays_at_home(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """DEBUG shows settings and code to whoever meets an error."""
    if not settings.DEBUG or settings.HOST in LOOPBACK:
        return []
    return [Error(f"DEBUG is on while the server listens on {settings.HOST}.", hint="Remove DEBUG, or HOST.", id="synset.E002")]


@register(TAG)
def the_port_is_one(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A number beyond 16 bits is refused by the system in words that name no setting."""
    if 1 <= settings.PORT <= MOST_PORT:
        return []
    return [Error(f"PORT must be from 1 to {MOST_PORT:,}; {settings.PORT} came.", hint="Set PORT to another number.", id="synset.E003")]


@register(TAG)
def redis_has_an_address(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """What came is not shown: it may hold a password."""
    if settings.REDIS_URL.startswith(REDIS_SCHEMES):
        return []
    hint = "Set it to redis://:PASSWORD@HOST:6379/0, or remove it for the embedded server."
    return [Error("REDIS_URL is no address of a Redis server.", hint=hint, id="synset.E004")]


@register(TAG)
def files_lie_in_the_data_folder(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Nothing may be believed to be kept elsewhere while it is not."""
    if not settings.STORAGE_URL:
        return []
    hint = "Remove STORAGE_URL, and put the data folder (SYNSET_HOME) on the disk that shall hold them."
    return [Error("STORAGE_URL is set, but files can be kept in the data folder only.", hint=hint, id="synset.E005")]


@register(TAG)
def the_metrics_token_is_no_word(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Nobody may come upon it by trying."""
    if len(settings.METRICS_TOKEN) >= LEAST_TOKEN:
        return []
    hint = "Set it to a longer random text, or remove it: one is made and kept in the data folder."
    return [Error(f"METRICS_TOKEN is shorter than {LEAST_TOKEN} characters.", hint=hint, id="synset.E006")]


@register(TAG)
def networks_are_networks(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A guard that cannot read what it lets through must not guess."""
    try:
        networks(settings.FETCH_NETWORKS)
    except ValueError as error:
        hint = "Set it to networks by comma, such as 10.1.0.0/16,192.168.1.20, or remove it."
        return [Error(f"SYNSET_FETCH_NETWORKS holds what is no network: {error}.", hint=hint, id="synset.E007")]
    return []


@register(TAG)
def kinds_of_buckets_are_elsewhere(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """One that opens this machine's own files would show a team what is another's."""
    wrong = [kind for kind in settings.BUCKET_KINDS if kind in LOCAL or not KIND.fullmatch(kind)]
    if not wrong:
        return []
    hint = "Name kinds by comma, as fsspec calls them: gs,abfs,sftp. S3 needs no name."
    return [Error(f"SYNSET_BUCKET_KINDS holds what is no kind of bucket: {', '.join(wrong)}.", hint=hint, id="synset.E010")]


@register(TAG)
def roots_are_folders(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A root that is a part of the data folder would show one team what is another's."""
    found: list[CheckMessage] = []
    home = Path(settings.SYNSET_HOME).resolve()
    for name in settings.ROOTS:
        root = Path(name)
        if not root.is_absolute():
            hint = "Name folders by their whole path, by comma, as in /srv/images,/mnt/scans."
            found.append(Error(f"SYNSET_ROOTS holds {name}, which is no whole path.", hint=hint, id="synset.E008"))
        elif not root.is_dir():
            hint = "Mount it or make it; until then nobody can import from it."
            found.append(Warning(f"SYNSET_ROOTS holds {name}, which is no folder here.", hint=hint, id="synset.W004"))
        elif root.resolve().is_relative_to(home) or home.is_relative_to(root.resolve()):
            hint = "Keep folders to import from outside SYNSET_HOME, and do not name one that holds it."
            found.append(Error(f"SYNSET_ROOTS holds {name}, which holds or lies in the data folder.", hint=hint, id="synset.E009"))
    return found


@register(TAG)
def hosts_are_named(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A server that others reach by name must know its name."""
    if settings.HOST in LOOPBACK or set(settings.ALLOWED_HOSTS) - {*LOOPBACK, "[::1]"}:
        return []
    hint = "Set ALLOWED_HOSTS to the names and addresses that people type, by comma."
    return [Warning(f"The server listens on {settings.HOST}, but answers only to localhost.", hint=hint, id="synset.W001")]


@register(TAG)
def hosts_are_not_any(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A forged Host header would lead the links in mails to a server of somebody else."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Set ALLOWED_HOSTS to the names and addresses that people type, by comma."
    return [
        Warning(
            "ALLOWED_HOSTS is *: passwords are not reset by mail, since the link would carry whatever name a request brings.",
            hint=hint,
            id="synset.W003",
        )
    ]


@register(TAG, deploy=True)
def one_file_serves_one_host(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """SQLite cannot be shared between machines."""
    if settings.REDIS_EMBEDDED or not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return []
    hint = "Set DATABASE_URL to a PostgreSQL server where workers run on several machines."
    return [Warning("REDIS_URL names a shared Redis, while the database is a file on this machine.", hint=hint, id="synset.W002")]
