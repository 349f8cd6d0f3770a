"""Numbers in words: one way to say how many there are of something, for the engine's sentences and the pages alike."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """1, "image" → "1 image"; 2 → "2 images"; "class" → "classes"."""
    hisses = noun.endswith(("s", "x", "ch", "sh")) and noun != "epoch"
    ending = "" if number == 1 else ("es" if hisses else "s")
    return f"{number:,} {noun}{ending}"
