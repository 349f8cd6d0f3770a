"""The markup of what people write, made when they save it and kept beside it; made anew where another renderer made it."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe

from webapp.core.markdown import RENDERER, markdown
from webapp.reports.models import Block, Comment, Report


def rendered(text: str, column: str = "text") -> dict[str, str]:
    """A text's column, and those that stand beside it."""
    return {column: text, "html": str(markdown(text)), "renderer": RENDERER}


def html_of(written: Report | Comment | Block) -> SafeString:
    """The markup of a report's notes, of a comment or of a block."""
    if written.renderer != RENDERER:
        renew(written)
    return mark_safe(written.html)  # made by `rendered`


def renew(written: Report | Comment | Block) -> None:
    """Makes the markup anew and keeps it, unless somebody changed the text meanwhile."""
    column = "notes" if isinstance(written, Report) else "text"
    text: str = getattr(written, column)
    made = rendered(text, column)
    written.html, written.renderer = made["html"], made["renderer"]
    type(written).everything.filter(pk=written.pk, **{column: text}).update(**made)
