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

STYLE = "css/card-file.css"


def standalone(card: Card) -> str:
    """The whole file. Its own policy lets its one style stand and forbids the rest."""
    style = styles()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    description = markdown(card.description, outside=True)
    return render_to_string("datasets/card_file.html", {"card": card, "description": description, "style": style, "policy": policy})


@cache
def styles() -> SafeString:
    """Our own file; a browser hashes the text as parsed, so line ends are plain."""
    found = finders.find(STYLE)
    if found is None:
        raise FileNotFoundError(f"The static file {STYLE} is missing from this installation.")
    return mark_safe(Path(found).read_text("utf-8").replace("\r\n", "\n"))
