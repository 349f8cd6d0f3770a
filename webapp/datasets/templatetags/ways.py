"""Which ways in this server offers, for the tabs over the forms of a new dataset."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def may_fetch() -> bool:
    """Whether it downloads archives from addresses."""
    return bool(settings.FETCH)


@register.simple_tag
def has_roots() -> bool:
    """Whether folders of it are open for import."""
    return bool(settings.ROOTS)
