"""The tokens are read well in light and dark, whoever chose it."""

from __future__ import annotations

import re

import pytest

from webapp.core import contrast
from webapp.core.home import CHECKOUT

VALUES = contrast.read()
SHEETS = sorted(path for path in (CHECKOUT / "static" / "css").glob("*.css") if path.name != "tokens.css")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", contrast.PAIRS, ids=lambda pair: f"{pair.front}-on-{pair.ground}")
def test_a_pair_that_is_used_is_read_well(pair: contrast.Pair, theme: str) -> None:
    assert contrast.measured(pair, VALUES[theme]) >= pair.least


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", contrast.SCALES)
def test_a_number_is_read_well_on_each_shade_of_a_matrix(scale: str, theme: str) -> None:
    shades = contrast.shades(scale, VALUES[theme])
    assert len(shades) == 130 and not [shade for shade in shades if contrast.ratio(contrast.number_colour(shade), shade) < contrast.TEXT]


def test_the_dark_of_the_system_is_the_chosen_dark() -> None:
    assert VALUES["dark by system"] == VALUES["dark"]


def test_each_dark_token_has_its_light_one() -> None:
    assert set(VALUES["dark"]) <= set(VALUES["light"])


def test_black_on_white_is_the_most() -> None:
    assert round(contrast.ratio("#000000", "#ffffff"), 2) == 21 and contrast.ratio("#123456", "#123456") == 1


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_are_named_as_tokens(sheet) -> None:
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", sheet.read_text())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_token_that_is_used_is_there(sheet) -> None:
    own = set(contrast.TOKEN.findall(sheet.read_text()))
    assert set(re.findall(r"var\(--([\w-]+)", sheet.read_text())) <= set(VALUES["light"]) | {name for name, _ in own}
