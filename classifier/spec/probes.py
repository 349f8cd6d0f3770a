"""What `probe` does to images, in words: what a network still tells when parts of them are hidden, or how they are told."""

from __future__ import annotations

from typing import Final, NamedTuple


class Probe(NamedTuple):
    """One way to change every image; the middle is the square of half the area."""

    name: str
    title: str
    what: str  # of the images
    reads: str  # what it says where much is still told


PROBES: Final = (
    Probe("border", "Border only", "the middle, half of the area, is hidden", "it tells classes by what surrounds the things"),
    Probe("blurred", "Centre blurred", "the middle is blurred until only its colours are left", "it needs no detail of the things"),
    Probe("centre", "Centre only", "everything around the middle is hidden", "it tells classes by what stands in the middle"),
    Probe("masked", "Half masked", "every other one of 64 fields, drawn at random, is hidden", "it needs no single detail"),
    Probe("grey", "Grey", "the colours are gone", "it does not rest on colours"),
    Probe("shuffled", "Shuffled", "16 fields have changed places", "it rests on textures and parts more than on shapes"),
)
NAMES: Final = tuple(probe.name for probe in PROBES)
AROUND: Final = ("border", "blurred")  # of which much may not be told: the things are hidden
MOST_IMAGES: Final = 2_000  # that are probed, drawn evenly over the classes
