"""Datasets: uploaded, read, deleted."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from tests.webapp.api.kit import archive
from webapp.api.routes import datasets as routes
from webapp.datasets.models import Dataset, DatasetVersion, Problem
from webapp.jobs.models import Job


def test_an_upload_answers_202_with_the_dataset_and_its_job(call):
    answer = call("POST", "/datasets", form={"name": "flowers", "archive": archive()})
    dataset = Dataset.objects.get(id=answer.body["id"])
    assert answer.status == 202 and answer.body == {"id": dataset.id, "job": dataset.job_id}


def test_an_upload_waits_as_an_import(call):
    job = Job.objects.get(id=call("POST", "/datasets", form={"name": "flowers", "archive": archive()}).body["job"])
    assert (job.kind, job.state) == ("import", "queued")


def test_an_upload_lies_in_the_datasets_folder_as_it_was_sent(call):
    made = call("POST", "/datasets", form={"name": "flowers", "archive": archive(b"PK and the rest")}).body
    files = (Dataset.objects.get(id=made["id"]).folder / "upload").iterdir()
    assert [path.read_bytes() for path in files] == [b"PK and the rest"]


def test_an_upload_may_say_how_to_split(call):
    made = call("POST", "/datasets", form={"name": "flowers", "archive": archive(), "split": "80/10/10", "seed": "3"}).body
    assert Dataset.objects.get(id=made["id"]).options == {"split": "80/10/10", "seed": 3, "group": None}


def test_an_upload_may_keep_look_alikes_together_and_bring_classes_to_a_size(call):
    form = {"name": "flowers", "archive": archive(), "alike": "true", "least": "3", "most": "100"}
    made = call("POST", "/datasets", form=form).body
    options = Dataset.objects.get(id=made["id"]).options
    assert (options["alike"], options["least"], options["most"]) == (True, 3, 100)
    wrong = call("POST", "/datasets", form={"name": "flowers", "archive": archive(), "least": "9", "most": "3"})
    assert wrong.status == 422 and "expected at least 9" in wrong.body["error"]["fields"]["most"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("split", "80/30/10"), ("seed", "-1"), ("group", "("), ("group", "a{99999999999999999999}"), ("name", ""), ("name", "n" * 5000)],
)
def test_a_wrong_field_of_an_upload_is_named_and_nothing_is_kept(field, value, call):
    answer = call("POST", "/datasets", form={"name": "flowers", "archive": archive(), field: value})
    assert answer.status == 422 and field in answer.error["fields"] and not Dataset.objects.exists()


def test_an_upload_without_an_archive_names_it(call):
    assert call("POST", "/datasets", form={"name": "flowers"}).error["fields"] == {"archive": "is missing"}


def test_an_archive_over_the_limit_is_413_in_words(call, settings):
    settings.UPLOAD_MAX_BYTES = 10
    answer = call("POST", "/datasets", form={"name": "flowers", "archive": archive()})
    assert answer.status == 413 and "10 bytes" in answer.error["message"] and not Dataset.objects.exists()


def test_an_archive_that_would_fill_the_disk_is_507_in_words(call, monkeypatch):
    monkeypatch.setattr(routes.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1}))
    answer = call("POST", "/datasets", form={"name": "flowers", "archive": archive()})
    assert answer.status == 507 and "disk" in answer.error["message"] and not Dataset.objects.exists()


def test_a_hundred_thousand_classes_are_read_without_a_look_at_each(call, things):
    version, calls = things().version, Counter()
    version.classes = [{"label": str(n), "name": str(n), "train": 1, "validation": 0, "test": 0} for n in range(100_000)]
    version.save()
    sys.setprofile(lambda _frame, event, _arg: calls.update([event]))
    try:
        answer = call("GET", f"/datasets/{version.dataset_id}")
    finally:
        sys.setprofile(None)
    assert answer.body["classes"] == version.classes and calls["call"] < 50_000


def test_a_dataset_is_read_with_its_classes_and_problems(call, things):
    body = call("GET", f"/datasets/{things().dataset.id}").body
    assert body["classes"][0] == {"label": "cat", "name": "cat", "train": 7, "validation": 2, "test": 1}
    assert body["problems"] == [{"file": "a.jpg", "rule": "truncated", "message": "a.jpg is cut short.", "taken": False}]


def test_a_dataset_is_read_with_its_state_version_and_images(call, things):
    body = call("GET", f"/datasets/{things().dataset.id}").body
    assert (body["state"], body["version"], body["images"], body["problem_count"]) == ("succeeded", 1, 20, 1)


def test_a_dataset_that_waits_for_its_import_is_read_too(call):
    made = call("POST", "/datasets", form={"name": "flowers", "archive": archive()}).body
    body = call("GET", f"/datasets/{made['id']}").body
    assert (body["state"], body["version"], body["images"], body["classes"]) == ("queued", None, 0, [])


def test_a_hundred_problems_are_shown_and_all_are_counted(call, things):
    dataset = things().dataset
    Problem.objects.bulk_create(Problem(dataset=dataset, file=f"{i}.jpg", rule="tiny", message="small", taken=True) for i in range(120))
    assert len(call("GET", f"/datasets/{dataset.id}").body["problems"]) == 100


def test_a_dataset_that_an_experiment_used_is_archived(call, things):
    ours = things()
    answer = call("DELETE", f"/datasets/{ours.dataset.id}")
    assert answer.body == {"id": ours.dataset.id, "outcome": "archived", "until": None}
    assert call("GET", "/datasets").body["items"] == [] and call("GET", f"/datasets/{ours.dataset.id}").body["archived"]
    assert [row["id"] for row in call("GET", "/datasets?archived=true").body["items"]] == [ours.dataset.id]


def test_an_archived_dataset_takes_no_new_training(call, things):
    ours = things()
    call("DELETE", f"/datasets/{ours.dataset.id}")
    answer = call("POST", "/experiments", {"dataset": ours.dataset.id, "name": "again", "config": {"epochs": 1}})
    assert answer.status == 422 and "is archived" in answer.error["fields"]["dataset"]


def test_an_unused_dataset_goes_to_the_trash(call, things):
    ours = things()
    ours.evaluation.delete()
    ours.experiment.delete()
    answer = call("DELETE", f"/datasets/{ours.dataset.id}")
    assert (answer.status, answer.body["outcome"]) == (200, "trashed") and answer.body["until"] and not Dataset.objects.exists()


def test_the_versions_are_listed_with_what_changed(call, things):
    ours = things()
    changes = {"relabelled": 2, "moved": 0, "removed": 1, "added": 0, "renamed": 0}
    made = {"fingerprint": "e" * 64, "images": 20, "classes": ours.version.classes, "parent": ours.version, "changes": changes}
    DatasetVersion.objects.create(dataset=ours.dataset, number=2, **made)
    DatasetVersion.objects.create(dataset=ours.dataset, number=3, ready=False, **made)
    second, first = call("GET", f"/datasets/{ours.dataset.id}/versions").body["items"]
    assert (second["number"], second["parent"], second["changes"]) == (2, 1, changes)
    assert (first["number"], first["parent"], first["changes"], first["fingerprint"]) == (1, None, {}, ours.version.fingerprint)


def test_versions_are_read_page_by_page(call, things):
    ours = things()
    made = {"dataset": ours.dataset, "fingerprint": "e" * 64, "images": 20, "classes": ours.version.classes}
    DatasetVersion.objects.bulk_create(DatasetVersion(number=number, **made) for number in range(2, 204))
    address = f"/datasets/{ours.dataset.id}/versions"
    first = call("GET", address).body
    rest = call("GET", f"{address}?cursor={first['next']}").body
    assert [version["number"] for version in first["items"] + rest["items"]] == list(range(203, 0, -1)) and rest["next"] is None
    short = call("GET", f"{address}?limit=2&cursor={first['next']}").body
    assert [version["number"] for version in short["items"]] == [3, 2] and short["next"]


def test_problems_are_read_page_by_page_and_by_rule(call, things):
    dataset = things().dataset
    Problem.objects.bulk_create(Problem(dataset=dataset, file=f"{i}.jpg", rule="tiny", message="small", taken=True) for i in range(120))
    address = f"/datasets/{dataset.id}/problems"
    first = call("GET", f"{address}?limit=100").body
    rest = call("GET", f"{address}?limit=100&cursor={first['next']}").body
    assert [row["file"] for row in first["items"] + rest["items"]] == ["a.jpg", *(f"{i}.jpg" for i in range(120))]
    assert rest["next"] is None and first["items"][0] == {
        "file": "a.jpg",
        "rule": "truncated",
        "message": "a.jpg is cut short.",
        "taken": False,
    }
    assert [row["file"] for row in call("GET", f"{address}?rule=truncated").body["items"]] == ["a.jpg"]
    assert [row["file"] for row in call("GET", f"{address}?q=119").body["items"]] == ["119.jpg"]


def test_a_search_of_problems_reads_a_bounded_number_and_says_where_it_goes_on(call, things, monkeypatch):
    dataset = things().dataset
    Problem.objects.bulk_create(Problem(dataset=dataset, file=f"{i}.jpg", rule="tiny", message="small", taken=True) for i in range(8))
    monkeypatch.setattr("webapp.datasets.queries.LOOKED", 5)
    first = call("GET", f"/datasets/{dataset.id}/problems?q=7.jpg").body
    assert first["items"] == [] and first["next"]
    rest = call("GET", f"/datasets/{dataset.id}/problems?q=7.jpg&cursor={first['next']}").body
    assert [row["file"] for row in rest["items"]] == ["7.jpg"] and rest["next"] is None
