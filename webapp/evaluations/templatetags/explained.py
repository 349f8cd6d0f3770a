"""The card that explains one image of an evaluation, wherever it stands."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from webapp.evaluations.explain import choices
from webapp.evaluations.models import Evaluation

register = template.Library()


@register.simple_tag(takes_context=True)
def explaining(context: template.Context, evaluation: Evaluation, row: int) -> SafeString:
    """Its form with the choices that there are; the pictures come by themselves."""
    request = context["request"]
    seen: dict[str, Any] = choices.of(request.actor, evaluation, row, request.GET)
    seen |= {"evaluation": evaluation, "row": row, "layers_url": choices.layers_address(evaluation, row)}
    return render_to_string("evaluations/explain/_card.html", seen, request)
