"""The style guide holds every component, and is shown to developers alone."""

from __future__ import annotations

import re

import pytest

from webapp.core import contrast
from webapp.core.home import CHECKOUT

COMPONENTS = sorted(path.name for path in (CHECKOUT / "templates" / "components").glob("[!_]*.html"))


@pytest.fixture
def guide(owner, signed_in, settings):
    """The answer, with the names of the templates that made it."""
    settings.DEBUG = True
    return signed_in(owner).get("/styleguide")


def test_without_debug_there_is_none(owner, signed_in):
    assert signed_in(owner).get("/styleguide").status_code == 404


def test_every_component_stands_on_it(guide):
    shown = {template.name for template in guide.templates}
    assert [name for name in COMPONENTS if f"components/{name}" not in shown] == []


def test_every_colour_has_its_swatch(guide):
    css = (CHECKOUT / "static" / "css" / "styleguide.css").read_text()
    colours = [name for name, value in contrast.read()["dark"].items() if contrast.HEX.fullmatch(value)]
    assert [name for name in colours if f".swatch--{name} " not in css or f"swatch--{name}" not in guide.content.decode()] == []


def test_no_id_stands_on_it_twice(guide):
    ids = re.findall(r'\sid="([^"]+)"', guide.content.decode())
    assert len(ids) == len(set(ids))
