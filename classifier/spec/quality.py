"""What a check of a dataset finds, and the layout of its file, in the standard library's terms.

    FILE.json   one JSON object
      format         1
      dataset        the id of the version that was checked
      images         number of samples
      unlabelled     those of them that nobody has labelled yet: they are in no imbalance, no shortcut, and no label of theirs is doubted
      counts         {kind: findings there are}, each of KINDS
      leaks          {"train-test": images of the second that also stand in the first, exactly or nearly, …}, each of SIDES
      grouped        {"train-test": further images of the second of which one of the same group stands in the first, …}, each of SIDES;
                     null where the dataset knows no groups
      imbalance      {"largest", "smallest": [class, training images], "ratio", "suspicious"}, or null
      shortcuts      [{"by", "accuracy", "chance", "images", "suspicious"}]: how well it alone tells the class
      distributions  {"size", "aspect", "brightness": {"edges": [N + 1], "counts": [N], "median"}}
      means          [{"class", "png" (base64)}]: the mean image of the first classes
      judged         {"images", "of", "accuracy", "reason"}: by what likely label errors were told, on how many images of all that
                     have a label; a reason where none were
      findings       [[kind, position, other position or null, class or null, score], …], of each kind the MOST_FINDINGS worst

Positions are those of samples.bin, classes their numbers; the class is the one that the image seems to be of.

Beside it lies FILE.looks: a SAMPLE record for each sample, by position, what is not known as UNKNOWN.
"""

from __future__ import annotations

import struct
from typing import Final

FORMAT: Final = 1
SAMPLE: Final = struct.Struct(
    "<HH"
)  # mean grey of 255, and how sure of its label a classifier is that has not seen it, of 1: both of SCALE
LOOKS: Final = ".looks"
SCALE: Final = 65_000
UNKNOWN: Final = 65_535
MOST_FINDINGS: Final = 10_000  # of a kind that are named; all are counted

# In the order of how much they spoil. Of a leak the first image is the one that is learnt from, the other the one that judges.
KINDS: Final = (
    "leak",
    "near_leak",
    "group_leak",
    "two_labels",
    "near_two_labels",
    "label",
    "duplicate",
    "near_duplicate",
    "flat",
    "dark",
    "bright",
    "blurred",
    "odd_size",
    "odd_aspect",
)
PAIRED: Final = frozenset(("leak", "near_leak", "group_leak", "two_labels", "near_two_labels", "duplicate", "near_duplicate"))
SIDES: Final = ("train-validation", "train-test", "validation-test")
SHORTCUTS: Final = ("size", "aspect", "brightness", "border", "ending")
