"""Markdown that people write: what they mean is shown, what would act is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.core.markdown import ATTRIBUTES, CLASSES, SCHEMES, TABLE, TEXT, markdown, outward

NASTY = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](https://a.example/x.png)",
    "<svg/onload=alert(1)>", "[x](data:text/html;base64,AAAA)", '[x](https://a.example "\\" onmouseover=\\"alert(1)")', "&#x6A;avascript:",
    "[x](JaVaScRiPt&colon;alert(1))", "<a href='vbscript:x'>", "`<b>`", "```\n</code></pre><script>", "|a|b|\n|:-:|--:|\n|<i>|x|\n",
    "<!-- x -->", "<style>*{}</style>", "[a]: javascript:alert(1)\n\n[a]", "<https://a.example/?\"onclick=x>", "# <h1 id=x>",
    "\0", "\ud7ff",
    "[x](//a.example)", "[x](/account/)", "</div></main>", "<iframe src=x>", "{% csrf_token %}", "{{ 7|add:7 }}", "[x](file:///etc/passwd)",
]  # fmt: skip
SNIPPETS = st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=8).map(lambda parts: "".join(parts))


class Seen(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def is_harmless(tag: str, attributes: dict[str, str | None]) -> bool:
    allowed = ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set()) | ({"class"} if tag in CLASSES else set())
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", attributes.get("href") or "")
    return tag in TEXT | TABLE and set(attributes) <= allowed and (scheme is None or scheme[1].lower() in SCHEMES)


@given(SNIPPETS)
@settings(max_examples=400, deadline=None)
def test_whatever_is_written_nothing_acts(text):
    for outside in (False, True):
        elements = Seen(markdown(text, outside=outside)).elements
        assert all(is_harmless(tag, attributes) for tag, attributes in elements)


@given(SNIPPETS)
@settings(max_examples=200, deadline=None)
def test_kept_markup_turns_outward_as_the_text_does(text):
    assert outward(markdown(text)) == markdown(text, outside=True)


@given(SNIPPETS)
@settings(max_examples=200, deadline=None)
def test_for_others_every_link_leads_elsewhere(text):
    links = [attributes.get("href") for tag, attributes in Seen(markdown(text, outside=True)).elements if tag == "a"]
    assert all(href is None or href.lower().startswith(("http://", "https://", "mailto:")) for href in links)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("**so** _it_ ~~was~~", "<p><strong>so</strong> <em>it</em> <s>was</s></p>"),
        ("# Result", "<h2>Result</h2>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("[paper](https://a.example/x)", '<p><a href="https://a.example/x" rel="noopener nofollow ugc">paper</a></p>'),
        ("![a cat](https://a.example/x.png)", "<p>a cat</p>"),
        ("<b>so</b>", "<p>&lt;b&gt;so&lt;/b&gt;</p>"),
    ],
)
def test_what_people_mean_is_shown(text, markup):
    assert markdown(text).strip() == markup


def test_a_table_that_would_grow_beyond_measure_stays_text():
    table = "a|" * 150 + "\n" + "-|" * 150 + "\n" + "|\n" * 2000
    assert "<td" not in markdown(table) and len(markdown(table)) < 3 * len(table)


def test_a_column_of_figures_stays_aligned_without_a_style():
    assert '<td class="end">1</td>' in markdown("|n|\n|--:|\n|1|") and "style" not in markdown("|n|\n|--:|\n|1|")
