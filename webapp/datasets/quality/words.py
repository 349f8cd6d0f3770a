"""What a check finds, in words: what it is, why it matters, and what to do."""

from __future__ import annotations

from typing import NamedTuple

from classifier.spec.quality import KINDS, PAIRED


class Words(NamedTuple):
    """Of one kind of finding."""

    title: str
    why: str  # and what to do
    tone: str  # bad: figures are untrue; warn: the network learns something wrong; "": worth a look


LEAK = "It stands in two splits, so that a figure measured on it is too good. Take the one out that is learnt from."
TWICE = "Twins count double in training and bring nothing new. Take one of the two out."
TWO_WAYS = "One of the two labels is wrong, and a network can learn neither. Give both the same, or take one out."
TORN = (
    "It belongs to a group that was to stay together, as of one patient or product, and the group stands in two splits: a figure "
    "measured on it is too good. Cut the splits anew, or bring the group to one side."
)
KIND_WORDS: dict[str, Words] = {
    "leak": Words("The same image in two splits", LEAK, "bad"),
    "near_leak": Words("Nearly the same image in two splits", LEAK, "bad"),
    "group_leak": Words("One group in two splits", TORN, "bad"),
    "two_labels": Words("One image, two labels", TWO_WAYS, "bad"),
    "near_two_labels": Words("Nearly one image, two labels", TWO_WAYS, "bad"),
    "label": Words("Likely label errors", "A classifier that has not seen the image is sure of another class. Look who is right.", "warn"),
    "duplicate": Words("The same image twice", TWICE, ""),
    "near_duplicate": Words("Nearly the same image twice", TWICE, ""),
    "flat": Words("Nearly nothing to see", "Blank, fogged or covered: there is nothing in it to learn from.", "warn"),
    "dark": Words("Much darker than the others", "Keep it where the camera will see such light later; else take it out.", ""),
    "bright": Words("Much brighter than the others", "Keep it where the camera will see such light later; else take it out.", ""),
    "blurred": Words("Blurred", "So blurred that it shows in the thumbnail. Take it out unless blur belongs to the task.", ""),
    "odd_size": Words("Of quite another size", "Four times as large or small as the others; often from another source.", ""),
    "odd_aspect": Words("Of quite another shape", "Twice as long or high as the others; resizing may cut off what matters.", ""),
}
assert tuple(KIND_WORDS) == KINDS

SHORTCUT_WORDS = {
    "size": "The size of an image",
    "aspect": "The shape of an image",
    "brightness": "Its light and contrast",
    "border": "The colour of its border",
    "ending": "The ending of its file's name",
}


def is_paired(kind: str) -> bool:
    """Whether a finding is about two images."""
    return kind in PAIRED
