"""The heads of home's tables, which order them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from webapp.core.templatetags.frames import column

register = template.Library()
RISING = ("name", "data", "order", "ends", "state")  # orders whose first row is the least


@register.simple_tag(takes_context=True)
def home_column(context: template.Context, label: str, table: str, key: str, **extra: Any) -> SafeString:
    """A column's head that links to the home page in its order; `table` is the field of Asked that names it."""
    asked = context["asked"]
    direction = "ascending" if key in RISING else "descending"
    url = asked.address(**{table: key})
    found: SafeString = column(context, label, key, by=getattr(asked, table), direction=direction, url=url, **extra)
    return found
