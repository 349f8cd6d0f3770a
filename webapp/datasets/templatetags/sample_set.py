"""The button that loads the sample set, for pages that are still empty: `{% load sample_set %}{% sample_set %}`."""

from __future__ import annotations

from typing import Any

from django import template

from webapp.datasets.sample import IMAGES, SECONDS

register = template.Library()


@register.inclusion_tag("datasets/_sample.html", takes_context=True)
def sample_set(context: template.Context) -> dict[str, Any]:
    """A form of its own."""
    return {"images": IMAGES, "seconds": SECONDS, "csrf_token": context.get("csrf_token")}
