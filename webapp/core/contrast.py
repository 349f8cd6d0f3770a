"""How well one token's colour is read on another's, by WCAG 2.2 (relative luminance, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from webapp.core.home import CHECKOUT

SHEET = CHECKOUT / "static" / "css" / "tokens.css"
TEXT, PART = 4.5, 3.0  # least ratios: of text below 24 px, and of what tells a control or its state
BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
HEX = re.compile(r"#[0-9a-f]{6}")
# The sheet's blocks by a mark of their selector; the two dark ones must be alike.
BLOCKS = {"light": ":root,", "dark by system": ":root:not(", "dark": ':root[data-theme="dark"]'}

GROUNDS = ("page", "card", "inset")
TONES = ("accent", "good", "warn", "bad")


class Pair(NamedTuple):
    """What stands on what, and the least ratio it needs."""

    front: str
    ground: str
    least: float


PAIRS: tuple[Pair, ...] = (
    *(Pair(front, ground, TEXT) for front in ("text", "muted", "faint", "accent") for ground in GROUNDS),
    *(Pair(tone, ground, TEXT) for tone in ("good", "warn", "bad") for ground in GROUNDS),
    *(Pair(tone, f"{tone}-weak", TEXT) for tone in TONES),
    *(Pair(front, f"{tone}-weak", TEXT) for front in ("text", "muted") for tone in TONES),
    Pair("mistake", "card", PART),
    Pair("on-accent", "accent", TEXT),
    Pair("on-accent", "accent-hover", TEXT),
    Pair("bad", "accent-weak", TEXT),  # a danger button in a row that is chosen
    *(Pair("field-border", ground, PART) for ground in ("page", "card")),
    *(Pair("focus", ground, PART) for ground in (*GROUNDS, *(f"{tone}-weak" for tone in TONES))),
    *(Pair(tone, "inset", PART) for tone in TONES),  # bars of progress in their groove
    *(Pair(f"series-{number}", ground, TEXT) for number in range(1, 9) for ground in ("card", "inset")),  # lines, and their letters
)

# The scales of matrices: from low to half, and, past a step, from over to high.
SCALES = ("matrix", "mistake")
DARK_NUMBER, LIGHT_NUMBER = "#444444", "#ffffff"


def tokens(sheet: str) -> dict[str, dict[str, str]]:
    """The values of each of BLOCKS, by token."""
    plain = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    blocks = {selector.strip().split("{")[-1].strip(): dict(TOKEN.findall(body)) for selector, body in BLOCK.findall(plain)}
    return {name: next(values for selector, values in blocks.items() if selector.startswith(mark)) for name, mark in BLOCKS.items()}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def measured(pair: Pair, values: dict[str, str]) -> float:
    """The contrast of a pair in one block's values."""
    return ratio(values[pair.front], values[pair.ground])


def shades(scale: str, values: dict[str, str], steps: int = 64) -> list[str]:
    """The colours of both halves of a scale, each from its one end to the other."""
    ends = [[values[f"{scale}-{part}"] for part in parts] for parts in (("low", "half"), ("over", "high"))]
    return [mixed(one, other, step / steps) for one, other in ends for step in range(steps + 1)]


def mixed(one: str, other: str, share: float) -> str:
    """The colour so far from one to the other, channel by channel."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in pairs)


def number_colour(ground: str) -> str:
    """The colour that Plotly gives to a number in a cell: light on what is dark by tinycolor's brightness (W3C, AERT 2000), else dark."""
    red, green, blue = (int(ground[at : at + 2], 16) for at in (1, 3, 5))
    return LIGHT_NUMBER if (299 * red + 587 * green + 114 * blue) / 1000 < 128 else DARK_NUMBER


def read(path: Path = SHEET) -> dict[str, dict[str, str]]:
    """The tokens as they are."""
    return tokens(path.read_text())
