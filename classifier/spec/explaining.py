"""The ways to explain a decision, by name: what each shows, how to read it, and where it comes from."""

from __future__ import annotations

from typing import NamedTuple

DEFAULT = "gradcam"


class Method(NamedTuple):
    """One way, in words for pages and the command line."""

    name: str
    words: str  # how its picture is read
    source: str


METHODS: dict[str, Method] = {
    "gradcam": Method(
        "Grad-CAM",
        "Where the last features that still have places speak for the class. Coarse, quick, and blind to what speaks against it.",
        "Selvaraju et al., 2017",
    ),
    "integrated": Method(
        "Integrated gradients",
        "What each pixel adds on the way from plain grey to this image. Fine; orange speaks for the class, blue against it.",
        "Sundararajan et al., 2017",
    ),
    "occlusion": Method(
        "Occlusion",
        "How far the class falls when that part is covered with grey. Slow, and the nearest to an experiment; blue parts held it back.",
        "Zeiler and Fergus, 2014",
    ),
}
