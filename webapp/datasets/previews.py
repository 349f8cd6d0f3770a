"""How an archive is understood, shown before it is imported: looked at by a job, corrected by a person, then imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from classifier.spec.encodings import ENCODINGS
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.words import plural
from webapp.datasets import options
from webapp.datasets.models import Dataset
from webapp.datasets.removing import held
from webapp.datasets.rules import WARNINGS, rule_of
from webapp.jobs import actions as jobs
from webapp.jobs.models import Kind, State

ROLE_WORDS = {"path": "Names the image", "label": "Class", "split": "Split", "group": "Group"}
KIND_WORDS = {
    "folders": "Folders are the classes",
    "manifest": "A table names them",
    "names": "File names, before their number",
    "unlabelled": "No labels yet, to be labelled here",
}
OFFERS = {"names": "Take the classes from the file names", "unlabelled": "Take them without labels, to be labelled here"}
NO_COLUMN = "-"  # as a form says that no column has a role
MOST_LEVELS = 32
EXAMPLES, LONGEST_EXAMPLE = 3, 24  # folders of a level and cells of a column that its choice names


def is_waiting(dataset: Dataset) -> bool:
    """Whether its archive was looked at, and somebody is to say whether it was understood."""
    return dataset.inspection is not None and dataset.job.kind == Kind.IMPORT and dataset.job.state == State.PAUSED


def looked_at(dataset_id: str, told: Mapping[str, Any]) -> None:
    """Keeps what was found, with an import that waits for a word; inside the transaction that ends the look."""
    dataset = Dataset.everything.select_for_update().get(pk=dataset_id)
    dataset.inspection = {key: value for key, value in told.items() if key != "event"}
    dataset.job = jobs.submit(team=dataset.team, user=dataset.job.created_by, kind=Kind.IMPORT, title=dataset.name, paused=True)
    dataset.save(update_fields=["inspection", "job"])


def take(actor: Actor, dataset: Dataset, choose: Mapping[str, Any], pattern: str | None = None) -> None:
    """Imports the archive, as corrected. InputError where somebody else decided meanwhile, ConfigError for a choice that is none."""
    actor.require("dataset.edit")
    with transaction.atomic():
        decided(dataset, choose, pattern)
        if not jobs.resume(dataset.job):
            raise busy(dataset)
        record(actor, "dataset.take", dataset)


def look_again(actor: Actor, dataset: Dataset, choose: Mapping[str, Any], pattern: str | None = None) -> None:
    """Looks at the archive once more, as corrected. Errors as of `take`."""
    actor.require("dataset.edit")
    with transaction.atomic():
        decided(dataset, choose, pattern)
        if jobs.request_cancel(dataset.job) != "cancelled":
            raise busy(dataset)
        dataset.job = jobs.submit(team=dataset.team, user=actor.user, kind=Kind.INSPECT, title=dataset.name)
        dataset.save(update_fields=["job"])
        record(actor, "dataset.look", dataset)


def decided(dataset: Dataset, choose: Mapping[str, Any], pattern: str | None) -> None:
    """The dataset with what was chosen, held until the transaction ends; `pattern` is what groups paths, None: as it was."""
    held(dataset)  # two decisions at once wait for each other
    dataset.refresh_from_db()
    if not is_waiting(dataset):
        raise busy(dataset)
    kept = {name: value for name, value in dataset.options.items() if name != "choose"} | ({} if pattern is None else {"group": pattern})
    dataset.options = options.checked(kept | ({"choose": dict(choose)} if choose else {}))
    dataset.save(update_fields=["options"])


def busy(dataset: Dataset) -> InputError:
    return InputError(f"{dataset.name} does not wait for a decision any more; load its page again.", code="busy")


def chosen(form: Mapping[str, Any], leave: list[str], dataset: Dataset) -> dict[str, Any]:
    """A form's corrections as `--choose` takes them. What was found by itself is not said, so that several tables stay together."""
    found, now = dataset.inspection or {}, dataset.options.get("choose", {})
    typed = str(form.get("level", ""))
    level = int(typed) if typed.isdecimal() and len(typed) < 4 else None
    kind = str(form.get("kind", "")) or ("folders" if level else "")  # who names a level means folders
    said: dict[str, Any] = {"kind": kind} if kind else {}
    if kind == "folders" and level:
        said["level"] = level
    if (kind or found.get("kind")) == "folders":
        said |= beside_folders(dict(form) | {"kind": kind}, found, now)
    elif (kind or found.get("kind")) == "manifest":
        said |= columns_chosen(form, found, now)
    if form.get("labels") == "coarse":
        said["labels"] = "coarse"
    if form.get("encoding"):
        said["encoding"] = str(form["encoding"])
    left = left_out(leave, str(form.get("leave_more", "")))
    return said | ({"leave": left} if left else {})


def left_out(ticked: list[str], typed: str) -> list[str]:
    """The folders that are none, each once: those that the page shows and ticks, and those that are typed, one a line."""
    return list(dict.fromkeys(folder for line in (*ticked, *typed.splitlines()) if (folder := line.strip().strip("/"))))


def beside_folders(form: Mapping[str, Any], found: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A table beside class folders, or columns of it, that give groups and splits; the folders stay the classes, unless a class column
    was chosen and nothing else said what says the class."""
    columns = columns_chosen(form, found, now)
    if form.get("kind"):
        columns.pop("label", None)
    return columns if not columns or "label" in columns else {"kind": "folders"} | columns


def columns_chosen(form: Mapping[str, Any], found: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The table and its columns, where they are others than were found."""
    said: dict[str, Any] = {"table": form["table"]} if form.get("table") else {}
    used = used_table(found)
    for role in ROLE_WORDS:
        value = str(form.get(role, ""))
        name = None if value == NO_COLUMN else value
        needed = role in ("path", "label") and name is None
        if value and not needed and (name != used.get(role) or role in now):
            said[role] = name
    return said


def used_table(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first table that says what images show."""
    return next((table for table in found.get("tables", ()) if table.get("used")), {})


def shown(dataset: Dataset) -> dict[str, Any]:
    """What the page needs beside the inspection itself."""
    found: dict[str, Any] = dataset.inspection or {}
    now = dataset.options.get("choose", {})
    used = used_table(found)
    tables = found.get("tables", [])
    names = list(dict.fromkeys(column for table in tables for column in table["columns"]))
    rows = [
        {"label": label, "name": found["names"].get(label, ""), **counts, "total": sum(counts.values())}
        for label, counts in found.get("classes", {}).items()
    ]
    roles = [(role, words, used.get(role) or "") for role, words in ROLE_WORDS.items()]
    left, folders = now.get("leave", []), {row["folder"] for row in found.get("tree", [])}
    tree = [tree_row(row) | {"left": row["folder"] in left} for row in found.get("tree", [])]
    kinds = [(kind, KIND_WORDS[kind]) for kind in found.get("choices", {}).get("kinds", ())]
    return {
        "found": found,
        "wanted": ", ".join(options.words(dataset.options)),
        "now": now,
        "rows": rows,
        "open": any(row["open"] for row in rows),  # whether anything is to be cut at all
        "given": any(row["open"] < row["total"] for row in rows),  # whether it has splits of its own
        "columns": [(name, words_of(column_examples(tables, name))) for name in names],
        "roles": roles,
        "levels": levels(found),
        "tree": tree,
        "leave_more": "\n".join(folder for folder in left if folder not in folders),
        "readings": readings(found),
        "kinds": kinds,
        "offers": [(kind, OFFERS[kind]) for kind, _ in kinds if kind in OFFERS and not found.get("kind")],
        "faces_note": faces_note(found.get("faces") or {}),
        "left": said_of(found, taken=False),
        "warned": said_of(found, taken=True),
    }


def said_of(found: Mapping[str, Any], *, taken: bool) -> list[dict[str, Any]]:
    """What is said of files that are left out, or that are taken all the same, with what can be done."""
    entries = [entry for entry in found.get("left", ()) if entry.get("taken", entry["rule"] in WARNINGS) == taken]
    return [entry | {"words": rule_of(entry["rule"]).words, "hint": rule_of(entry["rule"]).hint} for entry in entries]


def tree_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """With the folder's own name, and the way to it."""
    way, slash, name = row["folder"].rpartition("/")
    return {**row, "way": way + slash, "name": name}


def levels(found: Mapping[str, Any]) -> list[tuple[int, str]]:
    """(number, some folders there) of each level that may be the class, the topmost first."""
    choices = found.get("choices", {})
    names = choices.get("level_names", [])
    count = min(MOST_LEVELS, choices.get("levels", 0))
    return [(level, words_of(names[level - 1]) if level <= len(names) else "") for level in range(1, count + 1)]


def column_examples(tables: list[dict[str, Any]], name: str) -> list[str]:
    """Some of what stands in a column, of the first table that has it."""
    return next((table["examples"].get(name, []) for table in tables if name in table["columns"] and "examples" in table), [])


def words_of(examples: list[str]) -> str:
    """ "cat, dog, …"; nothing of none."""
    return ", ".join(text[:LONGEST_EXAMPLE] for text in examples[:EXAMPLES]) + ", …" * (len(examples) > EXAMPLES)


def readings(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(encoding, what it is and how it reads some names) of those that names which say none may have, the one they are read in first."""
    read = (found.get("names_in") or {}).get("readings", [])
    return [(row["encoding"], f"{ENCODINGS.get(row['encoding'], row['encoding'])}: {', '.join(row['examples'])}") for row in read]


def faces_note(faces: Mapping[str, Any]) -> str:
    """ "12 of the 64 images that were looked at show faces" """
    if not faces:
        return ""
    shown, were = f"{faces['shown']:,}" if faces["shown"] else "none", "was" if faces["looked"] == 1 else "were"
    return f"{shown} of the {plural(faces['looked'], 'image')} that {were} looked at show{'s' if faces['shown'] < 2 else ''} faces"
