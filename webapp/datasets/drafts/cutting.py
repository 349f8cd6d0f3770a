"""The splits of a draft cut anew, and its classes brought to a size, when it is sealed. Nothing here touches a row of a sample.

`Draft.resplit` holds {"shares", "seed", "keep_test"}, what stays in one split ("group" pattern, "column" of the metadata, or "ungrouped";
else what did so before; "alike": also what looks alike), and "least" and "most" images a class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from classifier.spec.errors import ConfigError
from classifier.spec.packfile import GROUPS_FILE
from webapp.accounts.actor import Actor
from webapp.core.words import duration
from webapp.datasets import options
from webapp.datasets.browsing import columns
from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.drafts.opening import new_edit, open_one
from webapp.datasets.models import Dataset, DatasetVersion

UNGROUPED = "-"  # as a form says that nothing stays together; an empty choice: what did so before
COLUMN = "column:"
LOOK_SECONDS = 0.0013  # to look at one image, about, on one core


def resplit(actor: Actor, dataset: Dataset, wanted: Mapping[str, Any], *, keep_test: bool, together: str = "") -> Edit:
    """The splits are cut anew when the draft is sealed; what is moved by hand keeps its place. ConfigError names each wrong field.

    together: "", "-" or "column:NAME", what stays in one split beside the options' group and alike.
    """
    values = options.checked(wanted)
    shares = [float(share) for share in values["split"].split("/")]
    if keep_test and not shares[1]:
        raise ConfigError({"split": "needs a share for validation, or everything but the test split becomes train"})
    if values["group"] and together.startswith(COLUMN):
        raise ConfigError({"group": "cannot be with a column; choose the column or write a pattern"})
    more: dict[str, Any] = {name: values[name] for name in ("alike", "least", "most") if name in values}
    with transaction.atomic():
        draft = open_one(actor, dataset)
        if together.startswith(COLUMN):
            more["column"] = known_column(columns.names_of(draft.base.folder), together.removeprefix(COLUMN))
        elif together == UNGROUPED and not values["group"]:
            more["ungrouped"] = True
        now = {"shares": shares, "seed": values["seed"], "group": values["group"], "keep_test": keep_test, **more}
        edit = new_edit(actor, draft, {"resplit": now}, before={"resplit": draft.resplit})
        draft.resplit = now
        draft.save()
    return edit


def known_column(there: list[str], name: str) -> str:
    """ConfigError for a column that the dataset has not."""
    if name not in there:
        raise ConfigError({"together": f"names no column of this dataset: {name[:60]!r}; reload the page to see those that there are"})
    return name


def grouped(version: DatasetVersion) -> bool:
    """Whether some of its images are known to belong on one side of a split."""
    return (version.folder / GROUPS_FILE).exists()


def changes(cut: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """As `python -m classifier revise` takes them: classes are brought to a size before their splits are cut."""
    limit = {name: cut[name] for name in ("least", "most") if name in cut}
    if limit:
        yield {"op": "limit", **limit, "seed": cut["seed"], "keep_test": cut["keep_test"]}
    yield {"op": "split", **{name: value for name, value in cut.items() if value is not None and name not in limit}}


def form(version: DatasetVersion, draft: Draft | None) -> dict[str, Any]:
    """What the form of the cut needs, filled with what the draft has."""
    cut: dict[str, Any] = (draft.resplit if draft else None) or {}
    has_groups = grouped(version)
    before = "what stayed together before" if has_groups else "nothing"
    choices = [("", before)] + ([(UNGROUPED, "nothing")] if has_groups else [])
    choices += [(f"{COLUMN}{name}", f"images of one {name}") for name in columns.names_of(version.folder)]
    chosen = f"{COLUMN}{cut['column']}" if cut.get("column") else UNGROUPED if cut.get("ungrouped") else ""
    return {
        "cut": cut,
        "cut_words": words(cut) if cut else "",
        "cut_shares": "/".join(f"{share:g}" for share in cut["shares"]) if cut else options.DEFAULTS["split"],
        "cut_together": [(value, text, value == chosen) for value, text in choices],
        "cut_takes": duration(max(1.0, version.images * LOOK_SECONDS)),
    }


def words(cut: Mapping[str, Any]) -> str:
    """ "70 / 15 / 15, seed 0, by the column patient, images that look alike together, the test split stays"."""
    told = [" / ".join(f"{share:g}" for share in cut["shares"]), f"seed {cut['seed']}"]
    told += [f"what matches {cut['group']} alike together"] if cut.get("group") else []
    told += [f"by the column {cut['column']}"] if cut.get("column") else []
    told += ["nothing kept together"] if cut.get("ungrouped") and not cut.get("alike") else []
    return ", ".join([*told, *options.words(cut), *(["the test split stays"] if cut.get("keep_test") else [])])
