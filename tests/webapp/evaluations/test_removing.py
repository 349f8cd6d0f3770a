"""Evaluations without a result go for good; those with one stay with their experiment."""

from __future__ import annotations

import pytest

from classifier.spec.errors import InputError
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.evaluations import actions, removing
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job


@pytest.fixture
def asked(actor_of, editor, experiment, finish) -> Evaluation:
    """An evaluation that waits."""
    return actions.request(actor_of(editor), finish(experiment), "validation", "last")


@pytest.fixture
def failed(asked) -> Evaluation:
    """One that failed."""
    jobs.fail(jobs.claim(asked.job_id, "device@here:1"), "The checkpoint is gone.", "gone", retry=False)
    return Evaluation.objects.get(pk=asked.pk)


def test_one_that_failed_is_deleted_with_its_job(actor_of, editor, failed):
    removing.delete(actor_of(editor), failed)
    assert not Evaluation.everything.filter(pk=failed.pk).exists() and not Job.objects.filter(pk=failed.job_id).exists()


def test_one_that_was_cancelled_is_deleted_too(actor_of, editor, asked):
    jobs.request_cancel(asked.job)
    removing.delete(actor_of(editor), asked)
    assert not Evaluation.everything.filter(pk=asked.pk).exists()


def test_the_log_says_who_deleted_it(actor_of, editor, failed):
    removing.delete(actor_of(editor), failed)
    entry = AuditEntry.objects.get(verb="evaluation.delete")
    assert (entry.name, entry.subject_id, entry.detail["split"]) == (editor.username, failed.experiment_id, "validation")


def test_one_that_waits_is_cancelled_first(actor_of, editor, asked):
    with pytest.raises(InputError, match="cancel it first"):
        removing.delete(actor_of(editor), asked)


def test_one_with_a_result_stays(actor_of, editor, experiment, finish):
    finish(experiment)
    with pytest.raises(InputError, match="has a result"):
        removing.delete(actor_of(editor), Evaluation.objects.get())


def test_one_that_was_tried_again_meanwhile_stays(actor_of, editor, failed):
    Evaluation.objects.filter(pk=failed.pk).update(job=jobs.retry(failed.job))
    with pytest.raises(InputError, match="not finished"):
        removing.delete(actor_of(editor), failed)


def test_a_second_click_is_told_that_it_is_gone(actor_of, editor, failed):
    removing.delete(actor_of(editor), Evaluation.objects.get(pk=failed.pk))
    with pytest.raises(InputError, match="not there any more"):
        removing.delete(actor_of(editor), failed)


def test_a_viewer_may_not(actor_of, viewer, failed):
    with pytest.raises(Forbidden):
        removing.delete(actor_of(viewer), failed)


def test_its_page_deletes_it_after_a_question_and_leads_to_the_experiment(signed_in, editor, failed):
    client = signed_in(editor)
    assert "deleted for good, with its log" in client.get(f"/evaluations/{failed.pk}/").content.decode()
    answer = client.post(f"/evaluations/{failed.pk}/delete/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/experiments/{failed.experiment_id}/" and "is deleted for good." in answer.content.decode()


def test_the_page_of_one_that_waits_offers_no_delete(signed_in, editor, asked):
    assert "delete-dialog" not in signed_in(editor).get(f"/evaluations/{asked.pk}/").content.decode()


def test_a_refusal_is_told_on_its_page(signed_in, editor, asked):
    answer = signed_in(editor).post(f"/evaluations/{asked.pk}/delete/", follow=True)
    assert "cancel it first, then delete it." in answer.content.decode()
