"""The sample set at one click."""

from __future__ import annotations

import zipfile

import pytest
from django.utils import timezone

from webapp.accounts.models import AuditEntry
from webapp.core.words import thousands
from webapp.datasets import actions, sample
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job


@pytest.fixture
def few(monkeypatch):
    """Five digits instead of five thousand, so that a click takes no second."""
    monkeypatch.setattr(sample, "digits", lambda: ((str(label), bytes(784)) for label in range(5)))
    monkeypatch.setattr(sample, "archive", sample.archive.__wrapped__)  # these are not kept


def load(client, key="one"):
    return client.post("/datasets/sample/", {"key": key})


def test_a_click_makes_a_dataset_that_waits_for_its_import(few, signed_in, editor):
    answer = load(signed_in(editor))
    made = Dataset.objects.get()
    assert answer["Location"] == f"/datasets/{made.id}/" and made.job.state == "queued" and made.name == "MNIST digits"


def test_two_clicks_make_one_dataset(few, signed_in, editor):
    client = signed_in(editor)
    assert {load(client)["Location"] for _ in range(2)} == {f"/datasets/{Dataset.objects.get().id}/"} and Job.objects.count() == 1


def test_the_form_of_another_page_makes_another(few, signed_in, editor):
    client = signed_in(editor)
    assert load(client, "one")["Location"] != load(client, "two")["Location"]


def test_the_key_of_somebody_else_is_no_key_to_their_dataset(few, signed_in, editor, outsider):
    assert load(signed_in(editor))["Location"] != load(signed_in(outsider))["Location"]


def test_a_click_that_lost_the_race_gets_the_first_dataset_and_leaves_no_files(few, actor_of, editor, monkeypatch):
    actor = actor_of(editor)
    first = sample.load(actor, "one")
    before = set(first.folder.parent.iterdir())
    seen = iter([None, None, first])  # by the sample's own look, then before and after the try
    monkeypatch.setattr(actions, "made_before", lambda actor, key: next(seen))  # it did not see the other yet
    assert sample.load(actor, "one") == first and Job.objects.count() == 1
    assert set(first.folder.parent.iterdir()) == before


def test_a_form_sent_again_after_its_dataset_was_deleted_says_so(few, signed_in, editor):
    client = signed_in(editor)
    load(client)
    Dataset.objects.update(trashed_at=timezone.now())
    answer = client.post("/datasets/sample/", {"key": "one"}, follow=True)
    assert "lies in the trash" in answer.content.decode()


def test_the_audit_log_has_it(few, signed_in, editor):
    load(signed_in(editor))
    assert AuditEntry.objects.get(verb="dataset.create").subject == "MNIST digits"


def test_a_viewer_may_not(signed_in, viewer):
    assert load(signed_in(viewer)).status_code == 403 and not Dataset.objects.exists()


def test_it_is_offered_where_there_are_no_datasets_and_says_what_it_is(signed_in, editor):
    text = signed_in(editor).get("/datasets/").content.decode()
    assert f"{thousands(sample.IMAGES)} real handwritten digits" in text and f"about {sample.SECONDS} s" in text
    assert 'action="/datasets/sample/"' in text


def test_it_is_not_offered_to_viewers_nor_where_there_are_datasets(few, signed_in, editor, viewer):
    assert "/datasets/sample/" not in signed_in(viewer).get("/datasets/").content.decode()
    load(signed_in(editor))
    assert "/datasets/sample/" not in signed_in(editor).get("/datasets/").content.decode()


def test_the_whole_sample_has_as_many_images_as_it_says(tmp_path):
    sample.write_zip(tmp_path / "digits.zip")
    with zipfile.ZipFile(tmp_path / "digits.zip") as file:
        assert len(file.namelist()) == sample.IMAGES


def test_it_is_drawn_once_by_a_process(tmp_path, monkeypatch):
    sample.write_zip(tmp_path / "one.zip")
    monkeypatch.setattr(sample, "digits", lambda: pytest.fail("it is drawn again"))
    sample.write_zip(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
