"""The ways to take a version along: `{% load downloads %}{% download_ways as ways %}`."""

from __future__ import annotations

from django import template

from webapp.datasets.downloads.kinds import WAYS, Way

register = template.Library()


@register.simple_tag
def download_ways() -> dict[str, Way]:
    """By the word that the address takes."""
    return WAYS
