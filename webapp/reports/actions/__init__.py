"""Every write to reports: made with their evaluation, edited, composed, talked about, shared."""

from webapp.reports.actions.composing import MOST_BLOCKS, add, change, move, remove
from webapp.reports.actions.rendering import html_of
from webapp.reports.actions.sharing import DAYS, end_links, fetched, opened, revoke, share
from webapp.reports.actions.talking import comment, delete_comment, edit_comment, may_delete
from webapp.reports.actions.words import NOTES_LENGTH, Edited, edit, intend, report_on, typed_tags

__all__ = [
    "DAYS",
    "MOST_BLOCKS",
    "NOTES_LENGTH",
    "Edited",
    "add",
    "change",
    "comment",
    "delete_comment",
    "edit",
    "edit_comment",
    "end_links",
    "fetched",
    "html_of",
    "intend",
    "may_delete",
    "move",
    "opened",
    "remove",
    "report_on",
    "revoke",
    "share",
    "typed_tags",
]
