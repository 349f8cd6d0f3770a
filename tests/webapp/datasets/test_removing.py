"""How a dataset leaves: to the trash, into the archive, back, or for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import actions
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.experiments import actions as experiments
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.ops.purging import carry_on

CONFIG = {"model": "small_cnn", "epochs": 1, "image_size": 32}


@pytest.fixture
def used(version: DatasetVersion, owner: Any, actor_of: Any) -> Experiment:
    """An ended experiment on the dataset."""
    experiment = experiments.launch(actor_of(owner), version.dataset, "First", CONFIG)
    jobs.fail(jobs.claim(experiment.job_id, "device@here:1"), "It stopped.", "failure", retry=False)
    return Experiment.objects.get()


def removed() -> None:
    """What the keeper does, to its end."""
    while carry_on():
        pass


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_deleted_dataset_waits_in_the_trash_with_its_files(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    assert actions.delete(actor_of(owner), dataset) == "trashed"
    lying = Dataset.everything.get()
    assert not Dataset.objects.exists() and lying.trashed_by == owner and (lying.folder / "data").exists()
    assert verbs()[-1] == "dataset.delete"


def test_a_restored_dataset_is_as_it_was(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    before = Dataset.everything.values().get()
    actions.delete(actor_of(owner), dataset)
    actions.restore(actor_of(owner), Dataset.everything.get())
    assert Dataset.objects.values().get() == before and verbs()[-2:] == ["dataset.delete", "dataset.restore"]


def test_a_purged_dataset_goes_with_rows_and_files(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), dataset)
    actions.purge(dataset, actor_of(owner))
    removed()
    assert not dataset.folder.exists() and not Dataset.everything.exists() and not Sample.objects.exists()
    assert verbs()[-1] == "dataset.purge"


def test_a_purge_leaves_the_others(dataset: Dataset, owner: Any, actor_of: Any, archive: Any) -> None:
    other = actions.create(actor_of(owner), "Plants", archive, "plants.zip")
    actions.delete(actor_of(owner), dataset)
    actions.purge(dataset, actor_of(owner))
    removed()
    assert Dataset.objects.get() == other and other.folder.exists()


def test_what_is_not_in_the_trash_cannot_be_purged(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    with pytest.raises(InputError, match="not in the trash"):
        actions.purge(dataset, actor_of(owner))
    assert Dataset.objects.exists()


def test_without_an_actor_only_what_is_over_its_term_is_purged(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), dataset)
    with pytest.raises(InputError, match="not in the trash"):
        actions.purge(dataset)
    Dataset.everything.update(trashed_at=timezone.now() - timedelta(days=31))
    actions.purge(dataset)
    assert Dataset.everything.get().purging_at and AuditEntry.objects.latest("id").name == "Synset"


def test_a_dataset_that_is_being_imported_is_not_deleted(waiting: Dataset, owner: Any, actor_of: Any) -> None:
    with pytest.raises(InputError, match="cancel the import first"):
        actions.delete(actor_of(owner), waiting)


def test_an_editor_deletes_nothing(dataset: Dataset, editor: Any, actor_of: Any) -> None:
    with pytest.raises(Forbidden):
        actions.delete(actor_of(editor), dataset)


def test_an_editor_purges_nothing(dataset: Dataset, owner: Any, editor: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), dataset)
    with pytest.raises(Forbidden):
        actions.purge(dataset, actor_of(editor))


def test_the_second_of_two_deletions_is_told_so(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    again = Dataset.objects.get()
    actions.delete(actor_of(owner), dataset)
    with pytest.raises(InputError, match="in the trash already"):
        actions.delete(actor_of(owner), again)


def test_a_dataset_that_runs_used_is_archived(used: Experiment, owner: Any, actor_of: Any) -> None:
    assert actions.delete(actor_of(owner), used.dataset) == "archived"
    assert Dataset.objects.get().archived_at and verbs()[-1] == "dataset.archive"


def test_an_archived_dataset_stays_while_runs_use_it(used: Experiment, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    with pytest.raises(InputError, match="stays archived, since First used it"):
        actions.delete(actor_of(owner), used.dataset)


def test_an_archived_dataset_goes_to_the_trash_once_its_runs_did(used: Experiment, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    experiments.delete(actor_of(owner), used)
    assert actions.delete(actor_of(owner), used.dataset) == "trashed"


def test_a_dataset_is_not_purged_while_a_run_in_the_trash_used_it(used: Experiment, owner: Any, actor_of: Any) -> None:
    experiments.delete(actor_of(owner), used)
    actions.delete(actor_of(owner), used.dataset)
    with pytest.raises(InputError, match=r"Animals stays in the trash: First, .* can still be restored; delete that for good first\."):
        actions.purge(used.dataset, actor_of(owner))
    experiments.purge(used, actor_of(owner))
    actions.purge(used.dataset, actor_of(owner))
    removed()
    assert not Dataset.everything.exists()


def test_an_archived_dataset_takes_no_launch(used: Experiment, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    with pytest.raises(ConfigError, match="is archived"):
        experiments.launch(actor_of(owner), used.dataset, "Second", CONFIG)


def test_a_launch_that_meets_a_deletion_is_refused(dataset: Dataset, owner: Any, actor_of: Any) -> None:
    seen = Dataset.objects.select_related("job").get()
    actions.delete(actor_of(owner), dataset)
    with pytest.raises(ConfigError, match="in the trash"):
        experiments.launch(actor_of(owner), seen, "Second", CONFIG)
    assert not Experiment.everything.exists()


def test_a_name_in_the_trash_blocks_nothing(failed: Dataset, owner: Any, actor_of: Any, archive: Any) -> None:
    actions.delete(actor_of(owner), failed)
    assert actions.create(actor_of(owner), failed.name, archive, "animals.zip").name == failed.name


def test_a_retry_that_meets_a_deletion_is_refused(failed: Dataset, owner: Any, actor_of: Any) -> None:
    seen = Dataset.objects.get()
    actions.delete(actor_of(owner), failed)
    with pytest.raises(InputError, match="in the trash"):
        actions.retry(actor_of(owner), seen)


def test_the_list_leaves_out_the_archive_and_leads_to_it(used: Experiment, owner: Any, actor_of: Any, signed_in: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    client, address = signed_in(owner), reverse("datasets:detail", args=[used.dataset_id])
    assert address not in (plain := client.get("/datasets/").content.decode()) and "?archived=1" in plain
    assert address in client.get("/datasets/?archived=1").content.decode()


def test_the_page_of_an_archived_dataset_says_so_and_takes_it_back(used: Experiment, owner: Any, actor_of: Any, signed_in: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    client, address = signed_in(owner), reverse("datasets:detail", args=[used.dataset_id])
    page = client.get(address).content.decode()
    assert "archived" in page and "Unarchive" in page and "Train on it" not in page
    client.post(reverse("datasets:unarchive", args=[used.dataset_id]))
    assert Dataset.objects.get().archived_at is None and "Train on it" in client.get(address).content.decode()


def test_the_launch_form_names_the_archive(used: Experiment, owner: Any, actor_of: Any, signed_in: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    answer = signed_in(owner).post("/experiments/preview/", {"dataset": used.dataset_id, "epochs": "1"})
    assert "is archived" in answer.json()["errors"]["dataset"]


def test_the_pages_of_a_run_go_on_reading_its_archived_dataset(used: Experiment, owner: Any, actor_of: Any, signed_in: Any) -> None:
    actions.delete(actor_of(owner), used.dataset)
    client = signed_in(owner)
    thumb = reverse("datasets:thumb", args=[used.dataset_id, 1, 0])
    assert client.get(f"/experiments/{used.id}/").status_code == 200 and client.get(thumb).status_code == 200
