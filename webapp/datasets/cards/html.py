"""A card as one HTML file that opens anywhere, also offline: its few styles inside, no script, nothing that is fetched."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from webapp.core.markdown import markdown
from webapp.datasets.cards.card import Card

STYLES = ("css/tokens.css", "css/card-file.css")


def standalone(card: Card) -> str:
    """The whole file. Its own policy lets its one style stand and forbids the rest."""
    style = styles()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    description = markdown(card.description, outside=True)
    return render_to_string("datasets/card_file.html", {"card": card, "description": description, "style": style, "policy": policy})


@cache
def styles() -> SafeString:
    """Our own files; a browser hashes the text as parsed, so line ends are plain."""
    return mark_safe("".join(text_of(name) for name in STYLES).replace("\r\n", "\n"))


def text_of(name: str) -> str:
    """A static file's."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"The static file {name} is missing from this installation.")
    return Path(found).read_text("utf-8")
