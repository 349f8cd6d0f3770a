"""Plotly writes no style sheet into a page: an element of each id that it looks for stands there before."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

from webapp.core.finders import PACKAGE_FILES, PLOTLY, package_file
from webapp.core.plotly import map_style_id


def test_the_sheets_of_charts_have_the_ids_that_the_bundle_looks_for():
    page = render_to_string("components/_chart_styles.html")
    assert re.findall(r' id="([^"]+)"', page) == ["plotly.js-style-global", map_style_id()]


def test_the_bundle_makes_no_other_style_element():
    bundle = package_file(*PACKAGE_FILES[PLOTLY]).read_text(encoding="utf-8")
    assert bundle.count('createElement("style")') == 2 and f'getElementById("{map_style_id()}")' in bundle
