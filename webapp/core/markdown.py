"""Markdown that people write, as markup that is safe to show.

Two locks: the parser takes no HTML, and whatever it made is then cleaned against a list of what may stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ALIGNED = {"text-align:right": "end", "text-align:center": "middle"}  # the parser's style attribute → our class
TEXT = {"p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h2", "h3", "h4", "h5", "h6"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
CLASSES = {"th": {"end", "middle"}, "td": {"end", "middle"}}
SCHEMES = {"http", "https", "mailto"}
ELSEWHERE = ("http://", "https://", "mailto:")
REL = "noopener nofollow ugc"
DEEPEST = 6
MOST_CELLS = 1000  # of tables; a few thousand characters can ask for a million
# Names who made a text's kept markup: whatever changes in this file or its two libraries has all of it made anew.
MADE_BY = f"{version('markdown-it-py')} {version('nh3')}".encode()
RENDERER = hashlib.sha256(Path(__file__).read_bytes() + MADE_BY).hexdigest()[:16]


def fit_the_page(state: StateCore) -> None:
    """Headings go one level down, since the page has its own first one; alignment becomes a class, since no style may stand inline."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(DEEPEST, int(token.tag[1]) + 1)}"
        style = str(token.attrs.pop("style", ""))
        if style in ALIGNED:
            token.attrSet("class", ALIGNED[style])


def image_words(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """An image's text: pictures from elsewhere would tell their server who reads."""
    return escape(renderer.renderInlineAsText(tokens[index].children, options, env))


def has_a_monstrous_table(text: str) -> bool:
    """Whether a table in it could grow: the parser fills each short row up to the width of the head."""
    lines = text.split("\n")
    return max(line.count("|") for line in lines) * len(lines) > MOST_CELLS


@cache
def parser(tables: bool) -> MarkdownIt:
    """CommonMark with strikethrough and, when asked for, tables; without HTML and without images (their text stays)."""
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"] if tables else "strikethrough")
    made.core.ruler.push("fit_the_page", fit_the_page)
    made.add_render_rule("image", image_words)
    return made


def kept(tag: str, attribute: str, value: str, *, outside: bool) -> str | None:
    """A link's address, unless it leads into this server from a page that others read."""
    if attribute == "href" and outside and not value.lower().startswith(ELSEWHERE):
        return None
    return value


def markdown(text: str, *, outside: bool = False) -> SafeString:
    """The text as clean markup; `outside`: for readers without an account, so only links to elsewhere stay links."""
    return cleaned(parser(not has_a_monstrous_table(text)).render(text), outside=outside)


def outward(markup: str) -> SafeString:
    """What `markdown` made, for readers without an account."""
    return cleaned(markup, outside=True)


def cleaned(markup: str, *, outside: bool) -> SafeString:
    """The markup without all that may not stand."""
    clean = nh3.clean(
        markup,
        tags=TEXT | TABLE,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=partial(kept, outside=outside),
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )
    return mark_safe(clean)  # just cleaned
