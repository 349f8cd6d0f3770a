"""Which of a person's teams a request is for."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from webapp.accounts.models import Membership, Team


@pytest.fixture
def labs(owner) -> Team:
    """Another team of the owner's."""
    team = Team.objects.create(name="Labs")
    Membership.objects.create(user=owner, team=team, role="owner")
    return team


@pytest.fixture
def client(owner, signed_in):
    return signed_in(owner)


def send(client, address, **fields):
    """Sends a form as browsers do."""
    return client.post(address, urlencode(fields), content_type="application/x-www-form-urlencoded")


def heading(page) -> str:
    return page.content.decode().split("<h1>")[1].split("</h1>")[0]


def test_a_visit_is_for_the_first_team_at_first(client, team, labs):
    assert heading(client.get("/team/")) == team.name


def test_a_visit_is_for_the_team_of_the_tab_looked_at_last(client, labs):
    client.cookies["synset_team"] = labs.id
    assert heading(client.get("/team/")) == "Labs"


@pytest.mark.parametrize("made_up", ["0" * 20, "x", "\\000", "a" * 5000])
def test_a_cookie_opens_no_team_that_one_is_not_in(client, team, outsider, made_up):
    for id in (made_up, outsider.memberships.get().team_id):
        client.cookies["synset_team"] = id
        assert heading(client.get("/team/")) == team.name


def test_a_form_is_carried_out_in_the_team_of_its_page(client, team, labs):
    client.cookies["synset_team"] = labs.id  # another tab went on to it
    send(client, "/team/name/", page_team=team.id, team="Renamed")
    assert set(Team.objects.filter(id__in=(team.id, labs.id)).values_list("name", flat=True)) == {"Renamed", "Labs"}


def test_a_form_of_a_team_that_one_left_does_nothing_in_another(client, owner, team, labs):
    Membership.objects.filter(user=owner, team=team).delete()
    answer = send(client, "/team/name/", page_team=team.id, team="Renamed")
    assert answer.status_code == 403
    assert "Nothing was done" in answer.content.decode()
    assert not Team.objects.filter(name="Renamed").exists()


def test_naming_a_team_gives_no_right_in_it(client, outsider):
    theirs = outsider.memberships.get().team
    assert send(client, "/team/name/", page_team=theirs.id, team="Mine").status_code == 403
    assert client.get("/team/", headers={"X-Synset-Team": theirs.id}).status_code == 403


def test_every_page_names_its_team_to_its_scripts(client, team):
    page = client.get("/").content.decode()
    assert f'data-team="{team.id}"' in page
    assert f'"X-Synset-Team": "{team.id}"' in page


def test_after_switching_the_browser_goes_on_in_that_team(client, labs):
    assert client.post("/team/switch/", {"team": labs.id}).headers["Location"] == "/"
    assert heading(client.get("/team/")) == "Labs"


@pytest.mark.parametrize(("wanted", "led"), [("/reports/?q=a",) * 2, ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/")])
def test_switching_leads_on_to_an_own_page_alone(client, labs, wanted, led):
    assert client.post("/team/switch/", {"team": labs.id, "next": wanted}).headers["Location"] == led
