"""The version that a training is launched on is chosen in the form, and named wherever the training is."""

from __future__ import annotations

from tests.webapp.experiments.kit import dataset_of
from tests.webapp.experiments.test_launching import typed
from webapp.datasets.models import DatasetVersion
from webapp.experiments.models import Experiment


def twice(user):
    """A dataset with two sealed versions."""
    dataset = dataset_of(user)
    first = dataset.versions.get()
    DatasetVersion.objects.create(dataset=dataset, number=2, fingerprint="e" * 64, images=20, classes=first.classes)
    return dataset


def test_the_newest_version_is_taken_unless_one_is_chosen(signed_in, editor):
    client, dataset = signed_in(editor), twice(editor)
    client.post("/experiments/new/", typed(dataset, name="New"))
    client.post("/experiments/new/", typed(dataset, name="Old", version="1"))
    assert dict(Experiment.objects.values_list("name", "version__number")) == {"New": 2, "Old": 1}


def test_a_version_that_there_is_not_is_named_at_its_field(signed_in, editor):
    client, dataset = signed_in(editor), twice(editor)
    answer = client.post("/experiments/new/", typed(dataset, version="7"))
    assert (
        answer.status_code == 422
        and "Names no sealed version of this dataset" in answer.content.decode()
        and not Experiment.objects.exists()
    )


def test_another_datasets_version_is_none_of_this_one(signed_in, editor):
    client, one = signed_in(editor), dataset_of(editor)
    twice(editor)
    assert client.post("/experiments/new/", typed(one, version="2")).status_code == 422


def test_a_version_in_the_making_is_not_offered(signed_in, editor):
    dataset = twice(editor)
    DatasetVersion.objects.filter(number=2).update(ready=False)
    assert signed_in(editor).post("/experiments/new/", typed(dataset, version="2")).status_code == 422


def test_the_form_offers_versions_only_where_there_are_several(signed_in, editor):
    client = signed_in(editor)
    dataset_of(editor, "Single")
    assert 'name="version"' not in client.get("/experiments/new/").content.decode()
    dataset = twice(editor)
    page = client.get(f"/experiments/new/?dataset={dataset.id}&version=1").content.decode()
    assert f'<option value="1" data-of="{dataset.id}" selected>' in page and page.count("data-of") == 1


def test_a_link_that_names_no_version_opens_the_newest(signed_in, editor):
    dataset = twice(editor)
    page = signed_in(editor).get(f"/experiments/new/?dataset={dataset.id}").content.decode()
    assert f'<option value="1" data-of="{dataset.id}">' in page
