"""A classification goes to the trash, back again, or for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from classifier.spec.errors import InputError
from webapp.accounts.models import AuditEntry
from webapp.jobs.models import Job, JobEvent
from webapp.ops import purging
from webapp.ops.trash import purge_over_term
from webapp.predictions import removing
from webapp.predictions.many import asking
from webapp.predictions.models import Classification, Correction


@pytest.fixture
def thrown(done, actor_of, editor):
    """One in the trash."""
    removing.delete(actor_of(editor), done)
    return Classification.everything.get(pk=done.pk)


def carry_on() -> None:
    while purging.carry_on():
        pass


def test_it_is_in_no_list_and_keeps_its_files(thrown, signed_in, viewer):
    client = signed_in(viewer)
    assert client.get(f"/classify/{thrown.pk}/").status_code == 404 and thrown.answers.exists()
    assert thrown.pk not in client.get("/classify/history/").content.decode()
    assert thrown.job.title not in client.get("/queue/").content.decode() and thrown.job.in_trash


def test_the_message_offers_to_undo_it(done, signed_in, editor):
    client = signed_in(editor)
    page = client.post(f"/classify/{done.pk}/delete/", follow=True).content.decode()
    assert "The classification of trip.zip is in the trash." in page and f'name="classification" value="{done.pk}"' in page
    client.post("/trash/restore/", {"classification": [done.pk]})
    assert "sky.png" in client.get(f"/classify/{done.pk}/").content.decode()
    verbs = AuditEntry.objects.filter(subject_id=done.pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["classification.delete", "classification.restore"]


def test_the_trash_names_it_with_its_network(thrown, signed_in, editor):
    page = signed_in(editor).get("/trash/").content.decode()
    assert "trip.zip" in page and "by First" in page and f'name="classification" value="{thrown.pk}"' in page


def test_for_good_it_goes_with_its_files_its_job_and_what_was_put_right(thrown, evaluated, signed_in, owner, editor):
    JobEvent.objects.create(job=thrown.job, seq=1_000, kind="log", data={"message": "Reading"})
    assert signed_in(editor).post("/trash/purge/", {"classification": [thrown.pk]}).status_code == 403
    page = signed_in(owner).post("/trash/purge/", {"classification": [thrown.pk]}, follow=True).content.decode()
    assert "1 classification is being deleted for good." in page
    carry_on()
    assert not Classification.everything.exists() and not thrown.folder.exists() and not Correction.objects.exists()
    assert not Job.objects.filter(pk=thrown.job_id).exists() and evaluated.experiment.folder.exists()


def test_its_term_ends_by_itself(thrown, settings):
    assert purge_over_term() == []
    Classification.everything.update(trashed_at=thrown.trashed_at - timedelta(days=settings.TRASH_DAYS + 1))
    assert purge_over_term() == [thrown.pk]


def test_pictures_that_another_network_reads_stay_until_it_has_ended(done, evaluated, actor_of, owner):
    acting = actor_of(owner)
    other = asking.again(acting, done, evaluated.experiment_id)
    Job.objects.filter(pk=other.job_id).update(state="failed")
    removing.delete(acting, done)
    asking.again(acting, Classification.objects.get(pk=other.pk), evaluated.experiment_id)
    made = removing.purge_many([done.pk], acting)
    assert made.going == [] and "stays in the trash while another network looks at its pictures" in str(made.held[done.pk])


def test_what_is_not_there_any_more_is_said(thrown, actor_of, editor):
    acting = actor_of(editor)
    with pytest.raises(InputError, match="trip.zip was deleted"):
        removing.delete(acting, thrown)
    removing.restore(acting, thrown)
    with pytest.raises(InputError, match="trip.zip is not in the trash any more"):
        removing.restore(acting, thrown)
