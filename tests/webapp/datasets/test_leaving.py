"""Findings that somebody has seen and leaves as they are remind nobody, until there are more or fewer."""

from __future__ import annotations

import pytest

from classifier.spec.errors import InputError
from tests.webapp.experiments.kit import dataset_of
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import leaving
from webapp.datasets.models import Dataset

LEAKS = "6 images stand in more than one split."


@pytest.fixture
def leaking(owner) -> Dataset:
    """An imported dataset with images in two splits."""
    dataset = dataset_of(owner)
    Dataset.objects.filter(pk=dataset.pk).update(problem_rules={"leak": 6}, problem_count=6)
    dataset.refresh_from_db()
    return dataset


def test_what_was_left_reminds_nobody_of_the_team(leaking, editor, viewer, signed_in):
    assert LEAKS in signed_in(viewer).get("/").content.decode()
    signed_in(editor).post(f"/datasets/{leaking.pk}/problems/leave/")
    assert LEAKS not in signed_in(viewer).get("/").content.decode()


def test_its_page_says_who_left_it(leaking, editor, viewer, signed_in):
    signed_in(editor).post(f"/datasets/{leaking.pk}/problems/leave/")
    page = signed_in(viewer).get(f"/datasets/{leaking.pk}/problems/").content.decode()
    assert f"{editor.username} left this as it is on" in page and "Remind us again" not in page


def test_it_can_be_taken_back(leaking, editor, signed_in):
    client = signed_in(editor)
    client.post(f"/datasets/{leaking.pk}/problems/leave/")
    assert "Remind us again" in client.get(f"/datasets/{leaking.pk}/problems/").content.decode()
    client.post(f"/datasets/{leaking.pk}/problems/recall/")
    assert LEAKS in client.get("/").content.decode()
    assert "Seen, leave it" in client.get(f"/datasets/{leaking.pk}/problems/").content.decode()


def test_another_number_of_findings_brings_it_back(leaking, actor_of, editor, signed_in):
    leaving.leave(actor_of(editor), leaking)
    Dataset.objects.filter(pk=leaking.pk).update(problem_count=7)
    client = signed_in(editor)
    assert LEAKS in client.get("/").content.decode()
    assert "left this as it is" not in client.get(f"/datasets/{leaking.pk}/problems/").content.decode()


def test_the_log_says_who_left_how_many_and_who_took_it_back(leaking, actor_of, editor, owner):
    leaving.leave(actor_of(editor), leaking)
    leaving.recall(actor_of(owner), leaking)
    left, recalled = AuditEntry.objects.filter(verb__in=["dataset.leave", "dataset.recall"]).order_by("id")
    assert (left.name, left.detail, recalled.name) == (editor.username, {"findings": 6}, owner.username)


def test_the_second_click_changes_nothing(leaking, actor_of, editor, owner):
    leaving.leave(actor_of(editor), leaking)
    leaving.leave(actor_of(owner), leaking)
    leaking.refresh_from_db()
    assert leaking.left_by == editor and AuditEntry.objects.filter(verb="dataset.leave").count() == 1


def test_there_must_be_findings_to_leave(actor_of, owner):
    with pytest.raises(InputError, match="no problems"):
        leaving.leave(actor_of(owner), dataset_of(owner))


def test_a_viewer_may_not(leaking, actor_of, viewer):
    with pytest.raises(Forbidden):
        leaving.leave(actor_of(viewer), leaking)
