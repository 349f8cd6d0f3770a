"""What members change: words, comments, links. A form sent by the page's script is answered in JSON, else by the page itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.limits import Limit, told, waiting
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.markdown import markdown
from webapp.reports import actions
from webapp.reports.models import Comment, Report, ShareLink
from webapp.reports.views.read import page

PREVIEW_LENGTH = actions.NOTES_LENGTH
PREVIEWS = Limit("preview", 120, 60)  # of one person


def is_quiet(request: Request) -> bool:
    """Whether the page's script asks, and renews the page's parts itself."""
    return request.headers.get("Accept") == "application/json"


def done(request: Request, report_id: str, place: str = "") -> HttpResponseBase:
    """After a change: nothing for a script, the page for a form."""
    return HttpResponse(status=204) if is_quiet(request) else redirect(reverse("reports:detail", args=[report_id]) + place)


def refused(request: Request, report: Report, error: ConfigError, **more: object) -> HttpResponse:
    """What is wrong, as a script or a page shows it."""
    if is_quiet(request):
        return JsonResponse({"errors": error.fields}, status=422)
    return page(request, report, 422, field_errors=error.fields, **more)


@require_POST
@allowed("report.edit")
def report_edit(request: Request, id: str) -> HttpResponseBase:
    """Write title, notes and tags; one who saves after somebody else sees both."""
    report = get_for(request.actor, Report, id, "report.edit")
    typed = {name: request.POST.get(name, "") for name in ("title", "notes", "tags")}
    begun = request.POST.get("revision", "")
    revision = int(begun) if begun.isascii() and begun.isdecimal() and len(begun) < 10 else None
    tags = actions.typed_tags(typed["tags"])
    edited = actions.edit(request.actor, report, title=typed["title"], notes=typed["notes"], tags=tags, revision=revision)
    if not edited.saved:
        return page(request, report, 409 if edited.stale else 422, field_errors=edited.wrong, stale=edited.stale, editing=True, typed=typed)
    messages.success(request, "Saved.")
    return redirect("reports:detail", id)


@require_POST
@allowed("report.comment")
def preview(request: Request) -> HttpResponse:
    """Markdown as it would be shown; so many a minute, since a crafted text takes long to read."""
    if wait := PREVIEWS.take(str(request.actor.user.pk)):
        words = f"Too many previews; try again in {waiting(wait)}. What you wrote is kept."
        return told(HttpResponse(words, status=429, content_type="text/plain"), wait)
    return HttpResponse(markdown(request.POST.get("text", "")[:PREVIEW_LENGTH]) or '<p class="muted">Nothing to show yet.</p>')


@require_POST
@allowed("report.comment")
def comment_new(request: Request, id: str) -> HttpResponseBase:
    """Say something."""
    report = get_for(request.actor, Report, id, "report.comment")
    text = request.POST.get("text", "")
    try:
        made = actions.comment(request.actor, report, text)
    except ConfigError as error:
        return refused(request, report, error, comment_typed=text)
    return done(request, report.id, f"#comment-{made.id}")


@require_POST
@allowed("report.comment")
def comment_edit(request: Request, id: str) -> HttpResponseBase:
    """Say it otherwise."""
    made = get_for(request.actor, Comment, id, "report.comment")
    try:
        actions.edit_comment(request.actor, made, request.POST.get("text", ""))
    except ConfigError as error:
        return refused(request, made.report, error)
    return done(request, made.report_id, f"#comment-{made.id}")


@require_POST
@allowed("report.comment")
def comment_delete(request: Request, id: str) -> HttpResponseBase:
    """Take it away."""
    made = get_for(request.actor, Comment, id, "report.comment")
    actions.delete_comment(request.actor, made)
    return done(request, made.report_id, "#comments")


@never_cache
@require_POST
@allowed("report.edit")
def link_new(request: Request, id: str) -> HttpResponseBase:
    """A link that shows the report without login; its address is on the page that answers, this once."""
    report = get_for(request.actor, Report, id, "report.edit")
    days = request.POST.get("days", "")
    try:
        number = int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0
        more = {name: request.POST.get(name) == "on" for name in ("with_model", "with_groups")}
        key = kept_key(request.POST.get(FIELD, ""), number, more)
        _, code = actions.share(request.actor, report, number, **more, key=key)
    except ConfigError as error:
        return refused(request, report, error)
    report.refresh_from_db()
    return page(request, report, new_link=request.build_absolute_uri(reverse("shared", args=[code])))


@require_POST
@allowed("report.edit")
def link_revoke(request: Request, id: str) -> HttpResponseBase:
    """End a link at once."""
    link = get_for(request.actor, ShareLink, id, "report.edit")
    actions.revoke(request.actor, link)
    return done(request, link.report_id, "#share")
