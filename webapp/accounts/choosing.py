"""Which of a person's teams a request is for.

Every page belongs to one team and names it in what it sends (static/js/team.js), so that a form is carried out where it was
opened, whatever another tab went on to. A plain visit names none; it is for the team of the tab that was looked at last, which
a cookie keeps. Neither gives a right: the person's place in the team is looked up each time.
"""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from webapp.accounts.models import Membership, Team, User

HEADER, FIELD, COOKIE = "X-Synset-Team", "page_team", "synset_team"
PLAIN_FORM = "application/x-www-form-urlencoded"
YEAR_SECONDS = 31_536_000
Answer = TypeVar("Answer", bound=HttpResponse)


def page_team(request: HttpRequest) -> str:
    """The id of the team whose page sent this, empty for a visit. Forms with files are sent by scripts, with the header: their bodies
    are not read before it is known who sends them."""
    if request.method == "POST" and request.content_type == PLAIN_FORM and FIELD in request.POST:
        return request.POST[FIELD]
    return request.headers.get(HEADER, "")


def place_for(user: User, page: str, last: str) -> Membership | None:
    """The person's place in the page's team: none where they left it, never another in its stead. For a visit, in the last one."""
    return place_in(user, page) if page else last_place(user, last)


def place_in(user: User, team_id: str) -> Membership | None:
    """The person's place in that team, if they have one."""
    return Membership.objects.filter(user=user, team_id=team_id.replace("\0", "")).select_related("team").first()


def last_place(user: User, team_id: str = "") -> Membership | None:
    """The person's place in that team if they have one, else their first."""
    places = Membership.objects.filter(user=user).select_related("team").order_by("id")
    return (place_in(user, team_id) if team_id else None) or places.first()


def choose(answer: Answer, team: Team) -> Answer:
    """The answer, after which this browser goes on in that team."""
    answer.set_cookie(COOKIE, team.pk, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return answer
