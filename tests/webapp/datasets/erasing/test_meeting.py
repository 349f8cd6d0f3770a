"""An erased image, as what lists, labels, seals and removes meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from classifier.data.erase import erase
from classifier.spec.errors import InputError
from tests.webapp.datasets.drafts.conftest import actor, seal  # noqa: F401 (fixtures)
from webapp.accounts.actor import Actor
from webapp.datasets import actions, drafts, labelling
from webapp.datasets.browsing import columns
from webapp.datasets.browsing.listing import listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.erasing import asking, forgetting, places
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Suggesting
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job, JobEvent
from webapp.ops.purging import carry_on


def gone(version: DatasetVersion, position: int) -> DatasetVersion:
    """The version once that image of it is erased."""
    digest = places.digest_at(version, position)
    erase([version.folder], digest)
    forgetting.forget(places.places(version.dataset.team, digest)[0], lambda: None)
    version.refresh_from_db()
    return version


def handed(actor: Actor, round: Any) -> list[int]:  # noqa: F811
    return [item.position for item in labelling.hand_out(actor, round).items]


def test_a_round_hands_it_to_nobody(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:  # noqa: F811
    gone(version, 0)
    ants = labelling.start(actor, dataset, label="ant")
    assert handed(actor, ants) == [1, 2, 3, 4, 5]
    ants.refresh_from_db()
    assert ants.passed == 1


def test_nobody_changes_the_draft_that_forgets_it(
    actor: Actor,  # noqa: F811
    dataset: Dataset,
    version: DatasetVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drafts.merge_class(actor, dataset, "ant", "bee")
    done, lock, current = list[str](), asking.lock, forgetting.current

    def locked(held: list[Dataset]) -> None:
        done.append("locked")
        lock(held)

    def read(of: Dataset) -> Draft | None:
        done.append("read")
        return current(of)

    monkeypatch.setattr(asking, "lock", locked)
    monkeypatch.setattr(forgetting, "current", read)
    gone(version, 0)
    assert done == ["locked", "read"]


def test_a_round_takes_it_back_from_who_has_it(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:  # noqa: F811
    ants = labelling.start(actor, dataset, label="ant")
    assert handed(actor, ants) == [0, 1, 2, 3, 4]
    gone(version, 2)
    assert handed(actor, ants) == [0, 1, 3, 4, 5]


def test_it_waits_for_a_network_that_looks_at_the_images(actor: Actor, version: DatasetVersion) -> None:  # noqa: F811
    job = jobs.submit(team=actor.team, user=actor.user, kind="suggest", title="Suggestions of First")
    Suggesting.objects.create(team=actor.team, version=version, job=job, source="net", source_name="First")
    jobs.claim(job.id, "device@here:1")
    with pytest.raises(InputError, match="“Suggestions of First” reads its dataset now"):
        asking.ask(actor, version, 0)


def test_what_sealings_and_looks_told_of_the_file_names_it_no_more(
    actor: Actor,  # noqa: F811
    dataset: Dataset,
    version: DatasetVersion,
) -> None:
    drafts.change(actor, dataset, [9], split=2)
    looked = jobs.submit(team=actor.team, user=actor.user, kind="suggest", title="Suggestions of First")
    Suggesting.objects.create(team=actor.team, version=version, job=looked, source="net", source_name="First")
    told = {"file": "more/new.png", "rule": "already_there", "message": "is the same image as ant/000.png, …", "taken": False}
    for job in (drafts.seal(actor, dataset), looked):
        claim = jobs.claim(job.id, "host@here:1")
        jobs.record(claim, [jobs.NewEvent("problem", told)])
        jobs.fail(claim, "Lost.", "lost", retry=False)
    gone(version, 0)
    said = json.dumps(list(JobEvent.objects.filter(kind="problem").values_list("data", flat=True)))
    assert said.count("more/new.png") == 2 and "ant/000.png" not in said


def test_a_job_that_tells_of_something_else_is_not_taken_for_one_that_was_tried_again() -> None:
    of_others = {relation.name for relation in Job._meta.related_objects if relation.related_model._meta.app_label != "jobs"}
    assert of_others == {*forgetting.THINGS}


def test_a_search_that_was_made_before_finds_its_name_no_more(version: DatasetVersion) -> None:
    asked = Wanted(search="ant/000")
    assert listing(version, None, asked, to_the_end=True).part(0, 9) == [0]
    assert listing(gone(version, 0), None, asked, to_the_end=True).part(0, 9) == []


def test_a_filter_that_was_set_before_finds_its_cells_no_more(version: DatasetVersion) -> None:
    about = json.loads((version.folder / "dataset.json").read_text())
    (version.folder / "dataset.json").write_text(json.dumps(about | {"columns": ["name"]}))
    cells = ("Jo Doe" if position == 0 else "x" for position in range(24))
    (version.folder / "metadata.jsonl").write_text("".join(json.dumps([cell]) + "\n" for cell in cells))
    columns.build(version.folder)
    asked = Wanted(cells=((0, "Jo Doe"),))
    assert listing(version, None, asked).part(0, 9) == [0]
    assert listing(gone(version, 0), None, asked).part(0, 9) == []


def test_a_label_that_is_laid_on_it_afterwards_does_not_hold_the_next_version_up(
    actor: Actor,  # noqa: F811
    dataset: Dataset,
    version: DatasetVersion,
    seal: Callable[[], DatasetVersion],  # noqa: F811
) -> None:
    gone(version, 0)
    drafts.change(actor, dataset, [0, 1], label="bee")
    later = seal()
    assert (later.images, later.samples.filter(position=0).count(), Draft.objects.get().closed_at is None) == (23, 0, False)


def test_a_version_is_sealed_once_it_is_erased(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:  # noqa: F811
    erasure = asking.ask(actor, version, 0)
    drafts.change(actor, dataset, [9], split=2)
    with pytest.raises(InputError, match="An image is being erased. Seal the draft once that has ended."):
        drafts.seal(actor, dataset)
    jobs.finish(jobs.claim(erasure.job_id, "host@here:1"))
    assert drafts.seal(actor, dataset).state == "queued"


def test_it_is_erased_once_a_version_is_sealed_that_waits_for_a_worker(
    actor: Actor,  # noqa: F811
    dataset: Dataset,
    version: DatasetVersion,
) -> None:
    drafts.change(actor, dataset, [9], split=2)
    drafts.seal(actor, dataset)
    with pytest.raises(InputError, match="“Animals v2” reads its dataset"):
        asking.ask(actor, version, 0)


def test_a_dataset_stays_until_what_was_to_be_erased_everywhere_is(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:  # noqa: F811
    erasure = asking.ask(actor, version, 0)
    actions.delete(actor, dataset)
    actions.purge(dataset, actor)
    carry_on()
    assert Dataset.everything.exists()
    jobs.fail(jobs.claim(erasure.job_id, "host@here:1"), "No dataset of the team has this image any more.", "gone", retry=False)
    while carry_on():
        pass
    assert not Dataset.everything.exists()
