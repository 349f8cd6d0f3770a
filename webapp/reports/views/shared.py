"""What strangers see: a report behind a link, the images that stand in it, and robots.txt.

Unknown, expired, revoked, in the trash: the same answer, so that nobody learns which it was. Who is given the report's words and
figures, as a page or as a file, is counted; so a browser that asks ahead of time is given nothing, and asks again when it is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from webapp.accounts.address import client_address, client_network
from webapp.accounts.limits import Limit, told, too_many, waiting
from webapp.core.pieces import InPieces
from webapp.datasets import packs
from webapp.datasets.views.media import safe_headers
from webapp.reports import actions, pdf, queries, standalone
from webapp.reports.blocks.showing import picture_at
from webapp.reports.models import ShareLink
from webapp.reports.outside import image_at, shared_report
from webapp.reports.views.read import as_file, as_model, as_pdf

ROBOTS = "User-agent: *\nDisallow: /shared/\n"
OUTSIDE_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
WRONG_CODES = Limit("share code", 60, 60)  # of one address; a page whose link ends under it still asks for its images by a right one
PRINTS = Limit("shared report printed", 10, 600)
Handler = Callable[..., HttpResponseBase]
Answer = TypeVar("Answer", bound=HttpResponseBase)


def behind_link(view: Callable[..., HttpResponseBase | None]) -> Handler:
    """The view with the living link of the address's code; the one 404 page without. It answers GET and HEAD alone."""

    @wraps(view)
    def wrapper(request: HttpRequest, code: str, **places: Any) -> HttpResponseBase:
        wait = WRONG_CODES.wait(client_network(request))
        answer = too_many(request, wait) if wait else not_yet() if is_ahead_of_time(request) else found(request, code, places)
        for name, value in OUTSIDE_HEADERS.items():
            answer.headers[name] = value
        return answer

    def found(request: HttpRequest, code: str, places: dict[str, Any]) -> HttpResponseBase:
        link = queries.living_link(code)
        if link is None and not queries.was_link(code):
            WRONG_CODES.take(client_network(request))
        answer = (view(request, link, code, **places) if link else None) or gone(request)
        if isinstance(answer, InPieces):
            answer.still = lambda: queries.living_link(code) is not None
        return answer

    return csrf_exempt(require_safe(wrapper))


def gone(request: HttpRequest) -> HttpResponse:
    """There is nothing behind this address."""
    return render(request, "reports/shared_gone.html", status=404)


def is_ahead_of_time(request: HttpRequest) -> bool:
    """Whether a browser asks before anybody wants to see it (prefetch, prerender); the later names are of older browsers."""
    return any("prefetch" in request.headers.get(name, "").lower() for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))


def not_yet() -> HttpResponse:
    """Nothing: a browser drops it and asks again once somebody opens the address."""
    return HttpResponse(status=503)


def counted(request: HttpRequest, link: ShareLink, answer: Answer) -> Answer:
    """The answer, which was one opening of the link; a look at the headers alone is none."""
    if request.method == "GET":
        actions.opened(link)
    return answer


@behind_link
def shared_page(request: HttpRequest, link: ShareLink, code: str) -> HttpResponse:
    """The report."""
    return counted(request, link, drawn(request, link, code))


def drawn(request: HttpRequest, link: ShareLink, code: str, trouble: str = "", status: int = 200) -> HttpResponse:
    """Its page, with why something else was not to be had."""
    shown = shared_report(
        link.report,
        lambda place: reverse("shared-image", args=[code, place]),
        lambda number, place, image: reverse("shared-picture", args=[code, number, place]),
        with_groups=link.with_groups,
    )
    model = queries.model_file(link.report) if link.with_model else None
    about = {"code": code, "expires_at": link.expires_at, "model_file": model, "file_bytes": standalone.about_bytes(link.report)}
    about |= {"can_print": pdf.browser() is not None, "trouble": trouble}
    return render(request, "reports/shared.html", {**vars(shown), **about}, status=status)


@behind_link
def shared_image(request: HttpRequest, link: ShareLink, code: str, place: int) -> HttpResponse | None:
    """The thumbnail at that place of the report's mistakes; no other image of the dataset has an address."""
    image = image_at(link.report.evaluation, place)
    if image is None:
        return None
    try:
        data, media_type = packs.thumbnail(link.report.evaluation.version, image)
    except packs.Missing:
        return None
    return HttpResponse(data, content_type=media_type, headers=safe_headers())


@behind_link
def shared_picture(request: HttpRequest, link: ShareLink, code: str, number: int, place: int) -> HttpResponse | None:
    """The thumbnail at that place of the report's block of that number."""
    found = picture_at(link.report, number, place)
    return HttpResponse(found[0], content_type=found[1], headers=safe_headers()) if found else None


@behind_link
def shared_file(request: HttpRequest, link: ShareLink, code: str) -> InPieces:
    """The report as one HTML file."""
    return counted(request, link, as_file(link.report, with_groups=link.with_groups))


@behind_link
def shared_pdf(request: HttpRequest, link: ShareLink, code: str) -> HttpResponseBase:
    """The report on sheets, printed by this server's browser; so many times a link, since each takes seconds of a processor."""
    if request.method == "GET" and (wait := PRINTS.take(link.pk)):
        words = f"This link's report was printed often enough for now. Try again in {waiting(wait)}, or print this page."
        return told(drawn(request, link, code, words, status=429), wait)
    try:
        return counted(request, link, as_pdf(request, link.report, with_groups=link.with_groups, wait=pdf.SHORT_WAIT_SECONDS))
    except pdf.NoPdf as error:
        return drawn(request, link, code, error.message, status=503 if error.retry else 200)


@behind_link
def shared_model(request: HttpRequest, link: ShareLink, code: str) -> HttpResponseBase | None:
    """The trained weights, where the link was made with them."""
    if not link.with_model or queries.model_file(link.report) is None:
        return None
    answer = as_model(link.report)
    if request.method == "GET":
        actions.fetched(link, client_address(request))
    return answer


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines keep out of what is shared."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
