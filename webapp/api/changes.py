"""One change of a draft as a program asks for it: which fields each op takes, and the verb that does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from webapp.accounts.actor import Actor
from webapp.api.draft_schemas import Change
from webapp.api.errors import FieldErrors
from webapp.api.images import matching
from webapp.datasets import drafts
from webapp.datasets.models import Dataset, Draft, Edit
from webapp.datasets.queries import SPLIT_NAMES

IMAGES: Final = ("positions", "matching")  # one of them says which
OF_IMAGES: Final = frozenset((*IMAGES, "expected", "why"))
OF_CUT: Final = ("shares", "seed", "group", "alike", "least", "most")  # as `options.checked` takes them; `shares` is its `split`
# What each op needs, and what it takes besides.
FIELDS: Final[dict[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "label": (("label",), OF_IMAGES),
    "move": (("split",), OF_IMAGES),
    "remove": ((), OF_IMAGES),
    "restore": ((), OF_IMAGES),
    "rename": (("label", "to"), frozenset()),
    "merge": (("to",), frozenset(("label", "labels"))),
    "drop": (("label",), frozenset()),
    "split": ((), frozenset((*OF_CUT, "together", "keep_test"))),
}


def check(change: Change) -> None:
    """FieldErrors for each field that the op needs and has not, or has and does not take."""
    needs, takes = FIELDS[change.op]
    given = {name for name, field in Change.model_fields.items() if name != "op" and getattr(change, name) != field.default}
    wrong = {name: f"is missing; the op {change.op} needs it" for name in needs if name not in given}
    wrong |= dict.fromkeys(given - takes - set(needs), f"is no field of the op {change.op}")
    if takes is OF_IMAGES and len(given & set(IMAGES)) != 1:
        wrong["positions"] = "must say which images, or `matching` in its place; one of the two"
    if change.op == "merge" and len(given & {"label", "labels"}) != 1:
        wrong["labels"] = "must say which classes, or `label` which one; one of the two"
    if "expected" in given and "matching" not in given:
        wrong["expected"] = "goes with `matching` alone"
    if wrong:
        raise FieldErrors(wrong)


def do(actor: Actor, dataset: Dataset, change: Change) -> Edit:
    """The edit that was made. InputError and ConfigError as of the verbs."""
    check(change)
    label, to = change.label or "", change.to or ""
    verbs: dict[str, Callable[[], Edit]] = {
        "rename": lambda: drafts.rename_class(actor, dataset, label, to),
        "merge": lambda: merge(actor, dataset, change, to),
        "drop": lambda: drafts.remove_class(actor, dataset, label),
        "split": lambda: cut(actor, dataset, change),
    }
    return verbs.get(change.op, lambda: of_images(actor, dataset, change))()


def merge(actor: Actor, dataset: Dataset, change: Change, to: str) -> Edit:
    """One class into another, or several into one that there is or is not."""
    if change.labels:
        return drafts.merge_classes(actor, dataset, change.labels, to)
    return drafts.merge_class(actor, dataset, change.label or "", to)


def of_images(actor: Actor, dataset: Dataset, change: Change) -> Edit:
    """Labels, moves, takes out or brings back some images, or all that match."""
    wanted: dict[str, Any] = {"why": change.why}
    if change.op == "label":
        wanted["label"] = change.label
    elif change.op == "move":
        wanted["split"] = SPLIT_NAMES.index(change.split or "")
    else:
        wanted["removed"] = change.op == "remove"
    filters = change.matching
    if filters is None:
        return drafts.change(actor, dataset, change.positions, **wanted)

    def find(draft: Draft) -> Sequence[int] | np.ndarray:
        return matching(filters, draft)

    return drafts.change_matching(actor, dataset, find, expected=change.expected, **wanted)


def cut(actor: Actor, dataset: Dataset, change: Change) -> Edit:
    """The splits anew, when the draft is sealed."""
    given = {("split" if name == "shares" else name): value for name in OF_CUT if (value := getattr(change, name)) not in (None, "", False)}
    return drafts.resplit(actor, dataset, given, keep_test=change.keep_test, together=change.together)
