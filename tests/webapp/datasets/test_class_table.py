"""Rows and choices of thousands of classes are put together at once; what they are called stays text."""

from __future__ import annotations

from webapp.datasets.templatetags.class_table import class_options, class_rows

NASTY = '<b>"it\'s" & more</b>'
TEXT = "&lt;b&gt;&quot;it&#x27;s&quot; &amp; more&lt;/b&gt;"
COUNTS = {"train": 1200, "validation": 0, "test": 7, "total": 1207}


def test_markup_in_the_name_of_a_class_stays_text() -> None:
    row = class_rows([{"label": NASTY + "!", "name": NASTY, "address": "/?a=1&label=3", **COUNTS}], 5000)
    assert "<b>" not in row and row.count(TEXT) == 4 and 'href="/?a=1&amp;label=3"' in row
    options = class_options([(NASTY, NASTY)])
    assert options == f'<option value="{TEXT}">{TEXT}</option>'


def test_a_row_tells_counts_and_warns_where_a_split_is_empty() -> None:
    row = class_rows([{"label": "n1", "name": "ant", "address": "/", **COUNTS}], 5000)
    assert ">1,200<" in row and 'class="end warn" data-label="Validation">0<' in row and 'class="end" data-label="Test">7<' in row
    assert 'max="5000" value="1207"' in row and "n1" in row


def test_one_choice_is_picked() -> None:
    assert class_options([(0, "ant"), (1, "bee")], 1) == '<option value="0">ant</option><option value="1" selected>bee</option>'
    assert "selected" not in class_options([(0, "ant")])
