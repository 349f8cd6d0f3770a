"""Numbers in words, and sentences that have to be short: one way to say each, for the engine's sentences and the pages alike."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """1, "image" → "1 image"; 2 → "2 images"; "class" → "classes"."""
    hisses = noun.endswith(("s", "x", "ch", "sh")) and noun != "epoch"
    ending = "" if number == 1 else ("es" if hisses else "s")
    return f"{number:,} {noun}{ending}"


def shortened(text: str, most: int) -> str:
    """The text in so many characters: where it has more, it ends behind a whole word, with an ellipsis.

    What has no space in the second half of them, such as an address, is cut where they end.
    """
    if len(text) <= most:
        return text
    end = max(text.rfind(" ", most // 2, most - 1), text.rfind("\n", most // 2, most - 1))
    return f"{text[:end].rstrip()} …" if end > 0 else f"{text[: most - 1]}…"
