"""What a dataset's page offers once its import is done."""

from __future__ import annotations

from tests.webapp.experiments.kit import launched
from webapp.datasets.models import Dataset


def test_the_dataset_offers_it_after_its_import(signed_in, editor, version):
    text = signed_in(editor).get(f"/datasets/{version.dataset_id}/").content.decode()
    assert f'action="/experiments/quick/{version.dataset_id}/"' in text and "Ready: what next" in text


def test_it_is_not_offered_to_viewers_nor_once_something_was_trained(signed_in, editor, viewer, version):
    address = f"/datasets/{version.dataset_id}/"
    assert "/experiments/quick/" not in signed_in(viewer).get(address).content.decode()
    launched(editor, dataset=version.dataset)
    assert "/experiments/quick/" not in signed_in(editor).get(address).content.decode()


def test_findings_are_a_step_of_their_own(signed_in, editor, version):
    text = signed_in(editor).get(f"/datasets/{version.dataset_id}/").content.decode()
    assert "Look at 1 problem." in text
    Dataset.objects.update(problem_count=0)
    assert "Look at" not in signed_in(editor).get(f"/datasets/{version.dataset_id}/").content.decode()
