"""How images that a draft gains are read: the encoding of names that do not say theirs, and what of EXIF becomes columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from classifier.spec.encodings import ENCODINGS
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.exif import NONE, of_addition
from webapp.accounts.actor import Actor
from webapp.datasets import options
from webapp.datasets.draft_models import Addition, Edit
from webapp.datasets.drafts.opening import new_edit, opened
from webapp.datasets.drafts.peeks import GONE, Seen
from webapp.datasets.models import Dataset

AS_FOUND = ("", "as they read best")


def exif(value: Any) -> str:
    """ "date,camera", "none", or nothing: as the dataset's import. ValueError for what is none of them."""
    text = str(value or "").strip().lower()
    return text if text in ("", NONE) else ",".join(of_addition(text, ()))


READERS = {"encoding": options.encoding, "exif": exif}


def checked(given: Mapping[str, Any]) -> dict[str, str]:
    """Both, clean, of those that are given; ConfigError names each that is wrong."""
    values, wrong = dict[str, str](), dict[str, str]()
    for name, read in READERS.items():
        try:
            values |= {name: read(given[name])} if given.get(name) is not None else {}
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise ConfigError(wrong)
    return values


def read_addition(actor: Actor, dataset: Dataset, addition: int, **how: str | None) -> Edit:
    """What waits is read in that `encoding`, and keeps that of `exif`; None leaves it as it is. One edit, undone as one. InputError where
    it does not wait any more or is read so already, ConfigError for wrong values."""
    wanted = checked(how)
    with transaction.atomic():
        draft = opened(actor, dataset)
        row = draft.additions.filter(pk=addition, taken_back=False).first()
        if row is None:
            raise InputError(GONE, code="gone")
        was = {name: getattr(row, name) for name in wanted}
        changed = {name: value for name, value in wanted.items() if value != was[name]}
        if not changed:
            raise InputError(f"The images of {row.name} are read so already.", code="nothing")
        for name, value in changed.items():
            setattr(row, name, value)
        row.save()
        edit = new_edit(actor, draft, {"add": row.name, "read": changed}, before={"was": {"addition": row.pk, **was}})
        draft.save()
    return edit


def told(addition: Addition) -> dict[str, str]:
    """How it is read, as a change `add` of the engine says it: nothing of what is as it is found."""
    return {name: value for name in READERS if (value := getattr(addition, name))}


def sentence(name: str, read: Mapping[str, str]) -> str:
    """What was said of an upload, in words."""
    said = []
    if "encoding" in read:
        named = f"{ENCODINGS[read['encoding']]} ({read['encoding']})" if read["encoding"] else ""
        said.append(f"Names in {name} are read as {named}." if named else f"Names in {name} are read as they read best.")
    if "exif" in read:
        kept = {"": "what the dataset's import keeps", NONE: "nothing"}.get(read["exif"], " and ".join(read["exif"].split(",")))
        said.append(f"Of what cameras noted in the images of {name}, {kept} is kept.")
    return " ".join(said)


def readings(addition: Addition, seen: Seen | None) -> list[tuple[str, str]]:
    """(value, what it is and how it reads some names) of the encodings that the names may have, the one that was found first; all there
    are where one was chosen in which nothing can be shown, none where the names say theirs."""
    if seen is None:
        return [AS_FOUND, *ENCODINGS.items()] if addition.encoding else []
    rows = (seen.names_in or {}).get("readings", [])
    read = [(row["encoding"], f"{ENCODINGS.get(row['encoding'], row['encoding'])}: {', '.join(row['examples'])}") for row in rows]
    if not read:
        return []
    return [AS_FOUND, *read] if addition.encoding else [("", f"as found: {read[0][1]}"), *read[1:]]


def notes(dataset: Dataset) -> list[tuple[str, str]]:
    """(value, words) of what may be kept of EXIF; the first is as the dataset's import has it."""
    kept = str(dataset.options.get("exif") or "")
    as_imported = f"as this dataset does: {' and '.join(kept.split(',')) if kept else 'nothing'}"
    named = [("date", "the date"), ("camera", "the camera"), ("date,camera", "date and camera")]
    named += [("date,camera,place", "date, camera and place (GPS)")]
    return [("", as_imported), *([(NONE, "nothing")] if kept else []), *named]
