"""The home page: what moves, what needs somebody, what is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from webapp.datasets.models import Dataset, DatasetVersion, QualityCheck
from webapp.experiments.models import Experiment, MetricPoint, WeightsFile
from webapp.jobs import actions as jobs
from webapp.jobs.models import Node
from webapp.ops import frame, overview

SignedIn = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker listens."""
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)


@pytest.fixture
def dataset(owner: Any, team: Any) -> Dataset:
    job = jobs.submit(team=team, user=owner, kind="import", title="Animals")
    return Dataset.objects.create(team=team, created_by=owner, name="Animals", job=job, archive_name="animals.zip", archive_bytes=2_000_000)


def imported(dataset: Dataset) -> DatasetVersion:
    jobs.finish(jobs.claim(dataset.job_id, "host@here:1"))
    return DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint="f" * 64, images=0, classes=[])


def launched(dataset: Dataset, name: str = "First") -> Experiment:
    version = dataset.versions.first() or imported(dataset)
    job = jobs.submit(team=dataset.team, user=dataset.created_by, kind="train", title=name)
    return Experiment.objects.create(
        team=dataset.team,
        created_by=dataset.created_by,
        name=name,
        dataset=dataset,
        version=version,
        config={"model": "small_cnn"},
        job=job,
    )


def test_a_fresh_team_is_told_how_to_begin(editor: Any, signed_in: SignedIn) -> None:
    page = signed_in(editor).get("/").content.decode()
    assert "Start with some images" in page and page.count("button--primary") == 1


def test_a_fresh_viewer_has_no_button(viewer: Any, signed_in: SignedIn) -> None:
    assert "button--primary" not in signed_in(viewer).get("/").content.decode()


def test_an_import_that_waits_stands_with_its_position(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get("/").content.decode()
    assert "Import · Animals" in page and "Waiting, 1st" in page and "2.0 MB" in page


def test_a_training_shows_its_loss_as_a_line(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    experiment = launched(dataset)
    jobs.claim(experiment.job_id, "device@here:1")
    for step, value in enumerate((2.0, 1.0, 0.5), 1):
        MetricPoint.objects.create(experiment=experiment, epoch=step, step=step, name="train_loss", value=value)
    assert "<polyline" in signed_in(viewer).get("/").content.decode()


def test_a_failure_says_what_happened(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    experiment = launched(dataset)
    jobs.fail(jobs.claim(experiment.job_id, "device@here:1"), "Out of memory at batch 64.", "out_of_memory", retry=False)
    page = signed_in(viewer).get("/").content.decode()
    assert "Out of memory at batch 64." in page and "Fix and retry" in page


def test_weights_that_were_refused_lead_to_their_sentence(dataset: Dataset, team: Any, editor: Any, signed_in: SignedIn) -> None:
    job = jobs.submit(team=team, user=editor, kind="weights", title="Old ones")
    WeightsFile.objects.create(team=team, created_by=editor, name="Old ones", file_name="old.pth", bytes=7, job=job)
    jobs.fail(jobs.claim(job.id, "host@here:1"), "old.pth is no weights file.", "bad_weights", retry=False)
    page = signed_in(editor).get("/").content.decode()
    assert "old.pth is no weights file." in page and 'href="/models/#your-weights"' in page and "Choose Old ones" not in page


def test_images_in_two_splits_need_somebody(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    imported(dataset)
    Dataset.objects.update(problem_rules={"leak": 6, "truncated": 2}, problem_count=8)
    assert "6 images stand in more than one split." in signed_in(viewer).get("/").content.decode()


@pytest.fixture
def second_version(dataset: Dataset) -> DatasetVersion:
    """Sealed after an import that told of leaks."""
    imported(dataset)
    Dataset.objects.update(problem_rules={"leak": 6, "two_classes": 1, "truncated": 2}, problem_count=9)
    return DatasetVersion.objects.create(dataset=dataset, number=2, fingerprint="2" * 64, images=0, classes=[])


def checked(version: DatasetVersion, **found: Any) -> None:
    job = jobs.submit(team=version.dataset.team, user=None, kind="quality", title="A check of Animals")
    made = {"team": version.dataset.team, "version": version, "job": job}
    jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: QualityCheck.objects.create(**made, **found))


def test_leaks_of_an_import_are_told_as_such_once_there_is_another_version(
    second_version: DatasetVersion, viewer: Any, signed_in: SignedIn
) -> None:
    page = signed_in(viewer).get("/").content.decode()
    assert "6 images stood in more than one split at its import; nobody has checked version 2." in page
    assert f"/datasets/{second_version.dataset_id}/quality/" in page


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"leaks": {"train-validation": 1, "train-test": 3}, "counts": {"two_labels": 2}}, "4 images stand in more than one split."),
        ({"facts": {"grouped": {"train-test": 1}}}, "1 image stands in more than one split."),
        ({"leaks": {"train-test": 0}, "facts": {"grouped": None}, "counts": {"two_labels": 2}}, "2 images stand in more than one class."),
    ],
)
def test_what_the_check_of_the_newest_version_found_needs_somebody(
    found: dict[str, Any], words: str, second_version: DatasetVersion, viewer: Any, signed_in: SignedIn
) -> None:
    checked(second_version, **found)
    Dataset.objects.update(problem_count=0)  # else it is among the new ones with any finding
    page = signed_in(viewer).get("/").content.decode()
    assert words in page and f"/datasets/{second_version.dataset_id}/quality/" in page


def test_leaks_that_the_newest_version_has_no_more_need_nobody(second_version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    checked(second_version, leaks={"train-test": 1})
    checked(second_version, leaks={"train-test": 0}, counts={"two_labels": 0})
    page = signed_in(viewer).get("/").content.decode()
    assert "more than one" not in page and "9 problems at its import." in page
    assert "The check of its newest version has 7 of them no more." in page
    Dataset.objects.update(problem_count=0)
    assert not [need for need in signed_in(viewer).get("/").context["needs"]["rows"] if need.word == "check"]


def test_a_new_dataset_all_of_whose_findings_a_later_check_has_no_more_needs_nobody(
    second_version: DatasetVersion, viewer: Any, signed_in: SignedIn
) -> None:
    Dataset.objects.update(problem_rules={"leak": 6, "two_classes": 1}, problem_count=7)
    checked(second_version, leaks={"train-test": 0}, counts={"two_labels": 0})
    assert not [need for need in signed_in(viewer).get("/").context["needs"]["rows"] if need.word == "check"]
    Dataset.objects.update(problem_rules={"leak": 6, "truncated": 1})
    assert "7 problems at its import." in signed_in(viewer).get("/").content.decode()


def test_a_finished_experiment_stands_below(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    experiment = launched(dataset)
    jobs.finish(jobs.claim(experiment.job_id, "device@here:1"))
    client = signed_in(viewer)
    assert experiment.id in client.get("/").content.decode() and "1 finished since yesterday" in client.get("/").content.decode()


def test_mine_leaves_out_what_others_launched(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    experiment = launched(dataset)
    jobs.finish(jobs.claim(experiment.job_id, "device@here:1"))
    assert experiment.id not in signed_in(viewer).get("/?who=mine").content.decode()


def test_another_teams_things_stay_theirs(dataset: Dataset, outsider: Any, signed_in: SignedIn) -> None:
    launched(dataset)
    assert "Animals" not in signed_in(outsider).get("/").content.decode()


def test_a_device_that_went_away_does_not_count(db: None) -> None:
    assert (frame.device(), overview.slots()) == (None, {"slots": 0, "hosts": 0})
    for host, ago in (("here", 0), ("there", 3600)):
        Node.objects.create(name=f"device@{host}", role="device", host=host, slots=2, beat_at=timezone.now() - timedelta(seconds=ago))
    assert overview.slots() == {"slots": 2, "hosts": 1}
    assert frame.device() == {"name": "here", "busy": "0 of 2 in use", "load": 0, "title": "here"}


def test_more_rows_take_no_more_queries(dataset: Dataset, viewer: Any, signed_in: SignedIn, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        experiment = launched(dataset, f"Run {number}")
        claim = jobs.claim(experiment.job_id, f"device@here:{number}")
        if number % 2:
            jobs.finish(claim)
    client = signed_in(viewer)
    with django_assert_max_num_queries(30):
        client.get("/")
