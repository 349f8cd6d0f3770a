"""A draft becomes the next version, whole or not at all; or it is discarded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.spec.errors import InputError
from tests.webapp.together import outcomes
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry
from webapp.datasets import drafts, packs, queries, removing, versioning
from webapp.datasets.models import Dataset, DatasetVersion, Draft, DraftSample, Edit, EditSample, Sample
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

Seal = Callable[[], DatasetVersion]


def total(version: DatasetVersion) -> dict[str, int]:
    return {entry["label"]: entry["train"] + entry["validation"] + entry["test"] for entry in version.classes}


def test_what_the_draft_says_is_the_next_version(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    drafts.change(actor, dataset, [0, 1], label="cow")
    drafts.change(actor, dataset, [2], removed=True)
    drafts.change(actor, dataset, [8], split=2)
    made = seal()
    assert (made.number, made.images, total(made), made.parent, made.ready) == (2, 23, {"ant": 5, "bee": 8, "cow": 10}, version, True)
    assert made.samples.count() == 23 and not made.samples.filter(position=2).exists()
    assert made.classes[made.samples.get(position=0).label]["label"] == "cow" and made.samples.get(position=8).split == 2
    assert queries.newest_version(dataset) == made and made.created_by == actor.user


def test_its_changes_are_counted_once_and_kept(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    place = (version.samples.get(position=8).split + 1) % 3
    drafts.change(actor, dataset, [0, 1], label="cow")
    drafts.change(actor, dataset, [2], removed=True)
    drafts.change(actor, dataset, [8], split=place)
    drafts.rename_class(actor, dataset, "bee", "wasp")
    assert seal().changes == {"relabelled": 2, "moved": 1, "removed": 1, "added": 0, "renamed": 1}


def test_test_images_that_were_seen_stay_seen(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    DatasetVersion.objects.filter(pk=version.pk).update(test_opened=3)
    drafts.change(actor, dataset, [0], label="cow")
    assert seal().test_opened == 3


def test_the_first_version_stays_and_both_show_their_pictures(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    made = seal()
    assert version.samples.count() == 24 and packs.thumbnail(made, 3) == packs.thumbnail(version, 3)
    assert made.folder != version.folder and len(packs.spread(made, 6)) == 6 and packs.spread(made, 6)[0] != packs.spread(version, 6)[0]


def test_once_it_is_sealed_the_draft_is_closed_and_its_edits_stay(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    made = seal()
    draft = Draft.objects.get()
    assert drafts.current(dataset) is None and draft.version == made and draft.closed_at
    assert not DraftSample.objects.exists() and EditSample.objects.count() == Edit.objects.count() == 1


def test_the_next_draft_stands_over_the_new_version(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    second = seal()
    with pytest.raises(InputError, match="has no image 0"):
        drafts.change(actor, dataset, [0], label="cow")
    drafts.change(actor, dataset, [1], label="cow")
    third = seal()
    assert (third.number, third.parent, third.images) == (3, second, 23)


def test_a_second_click_finds_the_job_of_the_first(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    assert drafts.seal(actor, dataset) == drafts.seal(actor, dataset) and Job.objects.filter(kind="seal").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_on_seal_make_one_version(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    told = outcomes(*[lambda: drafts.seal(actor, dataset).pk] * 2)
    assert told[0] == told[1] == Job.objects.get(kind="seal").pk


def test_while_it_is_sealed_nothing_changes(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    drafts.seal(actor, dataset)
    for change in (
        lambda: drafts.change(actor, dataset, [1], removed=True),
        lambda: drafts.undo(actor, dataset),
        lambda: drafts.discard(actor, dataset),
        lambda: drafts.remove_class(actor, dataset, "ant"),
    ):
        with pytest.raises(InputError, match="is being sealed"):
            change()


def test_after_a_sealing_that_failed_the_draft_goes_on(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    first = drafts.seal(actor, dataset)
    jobs.fail(jobs.claim(first.id, "host@here:1"), "The disk was full.", "disk_full", retry=False)
    drafts.change(actor, dataset, [1], removed=True)
    assert seal().images == 22 and Job.objects.filter(kind="seal").count() == 2


def test_a_draft_that_says_nothing_is_not_sealed(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="has no draft"):
        drafts.seal(actor, dataset)
    drafts.change(actor, dataset, [0], removed=True)
    drafts.undo(actor, dataset)
    with pytest.raises(InputError, match="says the same as version 1"):
        drafts.seal(actor, dataset)


def test_a_discarded_draft_leaves_the_version_and_makes_room_for_another(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    drafts.discard(actor, dataset)
    assert drafts.current(dataset) is None and not DraftSample.objects.exists() and queries.newest_version(dataset).number == 1  # type: ignore[union-attr]
    drafts.change(actor, dataset, [0], label="cow")
    assert Draft.objects.count() == 2


def test_sealing_and_discarding_stand_in_the_log(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    job = drafts.seal(actor, dataset)
    jobs.cancel_queued(job.id)
    drafts.discard(actor, dataset)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"dataset.seal", "dataset.discard_draft"}


def test_a_version_in_the_making_is_shown_nowhere(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    DatasetVersion.objects.create(dataset=dataset, number=2, fingerprint="f", images=1, classes=[], ready=False)
    assert queries.newest_version(dataset) == version and list(queries.sealed_versions(dataset)) == [version]
    assert versioning.next_number(dataset.id) == 2


def test_what_an_attempt_left_half_written_is_written_anew(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    half = DatasetVersion.objects.create(dataset=dataset, number=2, fingerprint="f", images=9, classes=[], ready=False)
    Sample.objects.create(version=half, position=0, image=0, label=0, split=0, path="x")
    drafts.change(actor, dataset, [0], removed=True)
    made = seal()
    assert made.samples.count() == 23 and list(DatasetVersion.objects.order_by("number")) == [version, made]


def test_an_older_version_comes_back_as_a_new_one(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    drafts.change(actor, dataset, range(6), removed=True)
    seal()
    drafts.revert(actor, dataset, version)
    third = seal()
    assert (third.number, third.images, third.fingerprint, third.parent) == (3, 24, version.fingerprint, version)
    assert third.changes == {"relabelled": 0, "moved": 0, "removed": 0, "added": 6, "renamed": 0}


def test_to_bring_a_version_back_loses_no_open_draft(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    seal()
    drafts.change(actor, dataset, [1], removed=True)
    with pytest.raises(InputError, match="open draft with changes"):
        drafts.revert(actor, dataset, version)
    drafts.undo(actor, dataset)
    brought = drafts.revert(actor, dataset, version)
    assert brought.base == version
    assert drafts.revert(actor, dataset, version) == brought and dataset.drafts.filter(closed_at=None).count() == 1


def test_the_newest_version_is_not_brought_back(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    with pytest.raises(InputError, match="Only a version before the newest one, 1"):
        drafts.revert(actor, dataset, version)


def test_a_dataset_whose_version_is_being_sealed_is_not_deleted(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    job = drafts.seal(actor, dataset)
    with pytest.raises(InputError, match="is being sealed; cancel that job first"):
        removing.delete(actor, dataset)
    jobs.cancel_queued(job.id)
    assert removing.delete(actor, dataset) == "trashed"


def test_for_good_means_drafts_edits_versions_and_jobs_too(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    seal()
    drafts.change(actor, dataset, [1], removed=True)
    removing.delete(actor, dataset)
    removing.purge(dataset, actor)
    while not removing.finish(Dataset.everything.get()):
        pass
    for model in (Dataset, Draft, DraftSample, Edit, EditSample, Sample, Job):
        assert not model._base_manager.exists()
    assert not dataset.folder.exists()
