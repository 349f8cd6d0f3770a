"""What keeping images together comes to, in numbers and words: a pattern says nothing of itself until one sees what it makes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from classifier.data.texts import Listed
from classifier.spec.words import plural

NAMED = 3  # images of the example
LONGEST = 60  # characters of a name
HALF = 0.5  # of all images in one group: little is left to be cut


def grouped(paths: Listed[str], names: Listed[str | None]) -> dict[str, Any]:
    """{"groups", "images", "alone", "largest": [name, images] or null, "example": [name, paths] or null}, of each path's group."""
    counts = Counter(name for name in names if name is not None)
    held = sum(counts.values())
    largest = max(counts.items(), key=lambda item: (item[1], item[0]), default=None)
    shown = next((name for name, count in counts.items() if count > 1), next(iter(counts), None))
    of_it = [path for path, name in zip(paths, names, strict=True) if name == shown][:NAMED] if shown is not None else []
    return {
        "groups": len(counts),
        "images": held,
        "alone": len(paths) - held,
        "largest": largest and [largest[0][:LONGEST], largest[1]],
        "example": None if shown is None else [shown[:LONGEST], of_it],
    }


def words(told: dict[str, Any], *, named: bool = True) -> str:
    """ "80 images in 4 groups; the largest, p3, has 40. For example p1 holds a/p1_1.png, a/p1_2.png. 2 images are of no group."

    Without names where it is kept: an image may be erased later, and so must what tells its name.
    """
    if not told["groups"]:
        return f"None of the {plural(told['alone'], 'image')} is of a group: nothing would be kept together."
    (name, most), (example, paths) = told["largest"], told["example"]
    said = f"{plural(told['images'], 'image')} in {plural(told['groups'], 'group')}; the largest{named * f', {name},'} has {most:,}."
    said += named * f" For example {example} holds {', '.join(paths)}."
    return said + (f" {plural(told['alone'], 'image')} {'is' if told['alone'] == 1 else 'are'} of no group." if told["alone"] else "")


def doubt(told: dict[str, Any]) -> str:
    """Why it may not be what was meant; empty where nothing speaks against it."""
    if told["groups"] and told["groups"] == told["images"]:
        return "Every group is of one image, so that nothing is kept together."
    if told["largest"] and told["largest"][1] > HALF * (told["images"] + told["alone"]):
        return "One group holds more than half of all images, so that the splits cannot be cut as they are to be."
    return ""
