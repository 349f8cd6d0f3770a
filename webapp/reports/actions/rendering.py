"""The markup of what people write, made when they save it and kept beside it; made anew where another renderer made it."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe

from webapp.core.markdown import RENDERER, markdown
from webapp.reports.models import Comment, Report


def rendered(text: str, column: str = "text") -> dict[str, str]:
    """A text's column, and those that stand beside it."""
    return {column: text, "html": str(markdown(text)), "renderer": RENDERER}


def html_of(written: Report | Comment) -> SafeString:
    """The markup of a report's notes or of a comment."""
    if written.renderer != RENDERER:
        renew(written)
    return mark_safe(written.html)  # made by `rendered`


def renew(written: Report | Comment) -> None:
    """Makes the markup anew and keeps it, unless somebody changed the text meanwhile."""
    column, rows = ("notes", Report.everything) if isinstance(written, Report) else ("text", Comment.everything)
    text: str = getattr(written, column)
    made = rendered(text, column)
    written.html, written.renderer = made["html"], made["renderer"]
    rows.filter(pk=written.pk, **{column: text}).update(**made)
