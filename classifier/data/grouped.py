"""What keeping images together comes to, in numbers and words: a pattern says nothing of itself until one sees what it makes."""

from __future__ import annotations

from itertools import compress, islice
from typing import Any

import numpy as np

from classifier.data.samples import Groups
from classifier.data.texts import Listed
from classifier.spec.words import plural

NAMED = 3  # images of the example
LONGEST = 60  # characters of a name
HALF = 0.5  # of all images in one group: little is left to be cut


def grouped(paths: Listed[str], names: Groups) -> dict[str, Any]:
    """{"groups", "images", "alone", "largest": [name, images] or null, "example": [name, paths] or null}, of each path's group."""
    sizes = names.sizes()
    held, most = int(sizes.sum()), int(sizes.max(initial=0))
    found: dict[str, Any] = {"groups": len(sizes), "images": held, "alone": len(paths) - held, "largest": None, "example": None}
    if not held:
        return found
    largest = max(names.names[number] for number in np.flatnonzero(sizes == most).tolist())
    shown = int(np.argmax(sizes > 1))  # the first of several images, else the first
    of_it = list(islice(compress(paths, names.numbers == shown), NAMED))
    return found | {"largest": [largest[:LONGEST], most], "example": [names.names[shown][:LONGEST], of_it]}


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
