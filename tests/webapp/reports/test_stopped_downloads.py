"""A download that is under way when its reader is shut out: it is asked again whether they may have the rest."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from webapp.accounts.actions import remove_member
from webapp.accounts.models import Membership, Session
from webapp.experiments import actions as experiments
from webapp.reports import actions
from webapp.reports.models import ShareLink


@pytest.fixture
def run(report, trained):
    """The training's checkpoints where the web looks for them."""
    folder = report.evaluation.experiment.folder
    shutil.copytree(trained[2], folder, dirs_exist_ok=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=["model", "report.html"])
def shared(request, report, run, editor, actor_of, client):
    """The download behind a living link, under way, and the link."""
    link, code = actions.share(actor_of(editor), report, 30, with_model=True)
    answer = client.get(f"/shared/{code}/{request.param}")
    assert answer.status_code == 200 and answer.still()
    yield answer, link
    answer.close()


def revoked(link, actor):
    actions.revoke(actor, link)


def expired(link, actor):
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def thrown_away(link, actor):
    experiments.delete(actor, link.report.evaluation.experiment)


@pytest.mark.parametrize("end", [revoked, expired, thrown_away])
def test_what_a_link_opened_ends_with_the_link(end, shared, editor, actor_of):
    answer, link = shared
    end(link, actor_of(editor))
    assert not answer.still()


@pytest.fixture
def download(report, run, viewer, signed_in):
    """A member's download of the weights, under way."""
    answer = signed_in(viewer).get(f"/reports/{report.id}/model")
    assert answer.status_code == 200 and answer.still()
    yield answer
    answer.close()


def removed(user, owner):
    remove_member(owner, user.username)


def signed_out(user, owner):
    Session.objects.filter(user=user).delete()


def new_password(user, owner):
    user.set_password("a-new-wren-under-7-eaves")
    user.save()


def switched_off(user, owner):
    user.is_active = False
    user.save()


@pytest.mark.parametrize("shut_out", [removed, signed_out, new_password, switched_off])
def test_what_a_member_downloads_ends_with_their_right(shut_out, download, viewer, owner, actor_of):
    shut_out(viewer, actor_of(owner))
    assert not download.still()


def test_who_is_in_another_team_by_now_has_the_rest_all_the_same(download, viewer, outsider):
    Membership.objects.create(user=viewer, team=outsider.memberships.get().team, role="viewer")
    assert download.still()


def test_who_is_an_owner_no_longer_gets_no_more_of_the_log(signed_in, owner):
    answer = signed_in(owner).get("/team/audit.csv")
    assert answer.still()
    Membership.objects.filter(user=owner).update(role="editor")
    assert not answer.still()
