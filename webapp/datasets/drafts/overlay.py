"""What a draft says, laid over what its base shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from webapp.core.words import plural
from webapp.datasets.draft_models import Draft, WaitingImage
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.changing import NOTHING, Says, said_of
from webapp.datasets.models import Sample, Split

SPLIT_NAMES = tuple(name for _, name in Split.choices)


def over(draft: Draft, samples: Sequence[Sample], tiles: Sequence[dict[str, Any]]) -> None:
    """Changes the tiles of those samples: class and split as they are to be, and what they were."""
    said = said_of(draft, [sample.position for sample in samples])
    for sample, tile in zip(samples, tiles, strict=True):
        lay(draft, sample, said.get(sample.position, NOTHING), tile)


def lay(draft: Draft, sample: Sample, says: Says, tile: dict[str, Any]) -> None:
    """One tile; `state` is changed or removed, `was` what its base says of it."""
    now = classes.shown(draft, sample.label if says.label is None else says.label)
    was = []
    if now is None or says.removed:
        tile |= {"state": "removed", "was": "taken out"}
        return
    if now.name != tile["name"]:
        was.append(tile["name"])
    if says.split is not None:
        was.append(tile["split"])
        tile["split"] = SPLIT_NAMES[says.split]
    tile["name"] = now.name
    if was:
        tile |= {"state": "changed", "was": f"was {', '.join(was)}"}


def words(draft: Draft) -> str:
    """ "12 relabelled, 3 taken out, 1 class changed"."""
    counts = ((draft.relabelled, "relabelled"), (draft.moved, "moved to another split"), (draft.removed, "taken out"))
    told = [f"{count:,} {what}" for count, what in counts if count]
    told += [f"images of {plural(draft.added, 'upload')} to add{single_words(draft)}"] if draft.added else []
    changed_classes = sum("into" in become or int(number) < len(draft.base.classes) for number, become in draft.classes.items())
    told += [f"{plural(changed_classes, 'class')} changed"] if changed_classes else []
    told += ["classes to be brought to a size"] if draft.resplit and {"least", "most"} & draft.resplit.keys() else []
    told += ["splits to be cut anew"] if draft.resplit else []
    return ", ".join(told) or "nothing changed yet"


def single_words(draft: Draft) -> str:
    """What is said of single images that wait: " (3 of another class, 2 not added)"; empty where nothing is."""
    rows = WaitingImage.objects.filter(addition__draft=draft, addition__taken_back=False)
    counts = rows.aggregate(other=Count("pk", filter=Q(removed=False)), out=Count("pk", filter=Q(removed=True)))
    told = [f"{counts[name]:,} {what}" for name, what in (("other", "of another class"), ("out", "not added")) if counts[name]]
    return f" ({', '.join(told)})" if told else ""


def class_words(draft: Draft) -> list[str]:
    """What becomes of each class that changes: "ant is renamed wood ant", "cow goes into bee", "dog is taken out"."""
    return [f"{draft.base.classes[number]['name']} {words}" for number, words in classes_become(draft).items()]


def classes_become(draft: Draft) -> dict[int, str]:
    """{number of a class of its base that changes: "is renamed wood ant", "goes into bee", "is taken out"}."""
    told = {}
    for number in range(len(draft.base.classes)):
        become = draft.classes.get(str(number))
        if become is None:
            continue
        end = classes.shown(draft, number)
        told[number] = "is taken out" if end is None else f"{'goes into' if 'into' in become else 'is renamed'} {end.name}"
    return told
