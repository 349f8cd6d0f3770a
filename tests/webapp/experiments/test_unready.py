"""The launch form for a dataset of which there is nothing to train on yet."""

from __future__ import annotations

from tests.webapp.experiments.kit import dataset_of
from webapp.jobs import actions as jobs


def test_no_other_dataset_is_chosen_in_its_place_and_the_form_says_why(signed_in, editor):
    dataset_of(editor, "Ready")
    waited = dataset_of(editor, "Waited for", ready=False)
    answer = signed_in(editor).get(f"/experiments/new/?dataset={waited.pk}&preset=transfer")
    assert answer.context["form"].version is None
    page = answer.content.decode()
    assert "There is nothing to train on in Waited for yet." in page and "It is still being imported" in page
    assert '<option value="">choose one</option>' in page


def test_an_import_that_failed_is_no_import_under_way(signed_in, editor):
    dataset_of(editor, "Ready")
    broken = dataset_of(editor, "Broken", ready=False)
    jobs.fail(jobs.claim(broken.job_id, "host@here:1"), "No image could be read.", "input", retry=False)
    assert "Its import has not ended well" in signed_in(editor).get(f"/experiments/new/?dataset={broken.pk}").content.decode()


def test_an_address_that_names_nothing_of_the_team_opens_the_form_as_without_it(signed_in, editor, outsider):
    mine, other = dataset_of(editor, "Mine"), dataset_of(outsider, "Theirs", ready=False)
    for asked in (other.pk, "nothing", "%00", "x" * 20):
        answer = signed_in(editor).get(f"/experiments/new/?dataset={asked}")
        assert answer.context["form"].version.dataset == mine and "Theirs" not in answer.content.decode()
