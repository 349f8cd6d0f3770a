"""How a hit of the search is shown."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def marked(title: str, words: str) -> SafeString:
    """The title with the words in it marked, where they stand first; all of it escaped."""
    found = re.search(re.escape(words), title, re.IGNORECASE) if words else None
    if found is None:
        return conditional_escape(title)
    return format_html("{}<mark>{}</mark>{}", title[: found.start()], found[0], title[found.end() :])


@register.filter
def number_of(hits: list[object], most: int) -> str:
    """How many, as far as was looked."""
    return f"{most} or more" if len(hits) >= most else str(len(hits))
