"""Imports from a bucket, by a real child: a folder of objects becomes a dataset, and what cannot be had is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.classifier.buckets import Fake, Moto, faking, moto
from tests.classifier.images import class_folders, write_zip
from tests.webapp.together import until_unlocked
from webapp.accounts.actor import Actor
from webapp.datasets import actions as datasets
from webapp.datasets import bringing, connections, previews
from webapp.datasets.models import Connection, Dataset, Problem
from webapp.datasets.queries import newest_version
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job, JobEvent
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto() as running:
        yield running


@pytest.fixture
def pets(actor: Actor, server: Moto) -> Connection:
    """A connection to twenty pictures in two folders of a bucket, a broken one, and an archive."""
    if not any(bucket["Name"] == "pets" for bucket in server.client().list_buckets()["Buckets"]):
        objects = {f"2024/{name}": content for name, content in class_folders(10).items()}
        server.filled("pets", objects | {"2024/cat/broken.png": b"no picture", "2024/../../x.png": b"x"})
    return connected(actor, server.endpoint, "pets")


def connected(actor: Actor, endpoint: str, bucket: str) -> Connection:
    fields = {"bucket": bucket, "endpoint": endpoint, "key": "testing", "secret": "testing"}
    return connections.make(actor, "Pets", fields)


def run(dataset: Dataset) -> Job:
    claim = jobs.claim(dataset.job_id, "host@here:1")
    assert claim
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=claim.job_id)


def test_a_folder_of_a_bucket_is_copied_and_imported(actor: Actor, pets: Connection) -> None:
    dataset = bringing.from_bucket(actor, "", pets, "2024")
    job = run(dataset)
    dataset.refresh_from_db()
    version = newest_version(dataset)
    assert (job.state, job.error) == ("succeeded", "") and version and version.images == 20
    assert dataset.archive_bytes and not (dataset.folder / "upload").exists()
    named = dict(Problem.objects.filter(dataset=dataset, taken=False).values_list("file", "rule"))
    assert named == {"cat/broken.png": "not_an_image", "../../x.png": "unsafe_name"}
    assert JobEvent.objects.filter(job=job, data__message__startswith="Copying 22 objects from pets/2024").exists()


def test_an_import_of_a_folder_of_a_bucket_is_gone_on_with_and_copies_nothing_again(actor: Actor, monkeypatch: Any) -> None:
    with faking(Fake(class_folders(5))) as fake:
        dataset = bringing.from_bucket(actor, "Mine", connected(actor, fake.bucket.endpoint, "photos"), "")
        monkeypatch.setenv("FAULT", "publish:kill")
        assert run(dataset).state == "queued"
        asked = len(fake.asked)
        monkeypatch.delenv("FAULT")
        assert run(dataset).state == "succeeded" and len(fake.asked) == asked
    assert JobEvent.objects.filter(job=dataset.job_id, data__message="Decoding images. It goes on at image 11").exists()


def test_an_archive_in_a_bucket_is_imported(actor: Actor, pets: Connection, server: Moto, tmp_path: Path) -> None:
    server.client().put_object(Bucket="pets", Key="pets.zip", Body=write_zip(tmp_path / "pets.zip", class_folders(5)).read_bytes())
    dataset = bringing.from_bucket(actor, "", pets, "pets.zip")
    job = run(dataset)
    version = newest_version(Dataset.objects.get())
    assert (job.state, job.error) == ("succeeded", "") and version and version.images == 10


def test_what_was_looked_at_is_not_copied_again(actor: Actor) -> None:
    with faking(Fake(class_folders(5))) as fake:
        dataset = bringing.from_bucket(actor, "Mine", connected(actor, fake.bucket.endpoint, "photos"), "", {"look": True})
        assert run(dataset).state == "succeeded"
        dataset.refresh_from_db()
        assert previews.is_waiting(dataset) and "2 classes" in dataset.inspection["message"]
        asked = len(fake.asked)
        previews.take(actor, dataset, {})
        assert run(dataset).state == "succeeded" and len(fake.asked) == asked


def test_objects_that_are_gone_by_their_turn_are_listed(actor: Actor) -> None:
    with faking(Fake(class_folders(5))) as fake:
        lost = sorted(fake.objects)[3]
        fake.answer = lambda key, query, headers: (404, {}, b"<Error><Code>NoSuchKey</Code></Error>") if key == lost else None
        dataset = bringing.from_bucket(actor, "Mine", connected(actor, fake.bucket.endpoint, "photos"), "")
        assert run(dataset).state == "succeeded"
    problem = Problem.objects.get(dataset=dataset, taken=False)
    assert (problem.file, problem.rule) == (lost, "not_copied") and "was gone from the bucket" in problem.message


def test_a_copy_is_cancelled_while_its_server_is_silent_and_made_by_another_try(actor: Actor) -> None:
    with faking(Fake(class_folders(40))) as fake:
        names, held, over = sorted(fake.objects), threading.Event(), threading.Event()

        def hold(key: str, query: dict[str, str], headers: dict[str, str]) -> None:
            if key == names[60]:
                held.set()
                over.wait(240)

        def cancel() -> None:
            held.wait(240)
            # SQLite's memory refuses where a file would wait; unheard, the copy gives its server up in the end
            until_unlocked(lambda: jobs.request_cancel(Job.objects.get(pk=dataset.job_id)))
            connection.close()

        fake.answer = hold
        dataset = bringing.from_bucket(actor, "Mine", connected(actor, fake.bucket.endpoint, "photos"), "")
        stopper = threading.Thread(target=cancel)
        stopper.start()
        assert run(dataset).state == "cancelled"
        over.set()
        stopper.join()
        assert run(datasets.retry(actor, Dataset.objects.get())).state == "succeeded"


def test_a_wrong_bucket_fails_with_its_sentence(actor: Actor, server: Moto) -> None:
    job = run(bringing.from_bucket(actor, "Mine", connected(actor, server.endpoint, "nowhere"), "a"))
    assert (job.state, job.error_code) == ("failed", "bucket") and "There is no bucket nowhere at 127.0.0.1" in job.error


def test_a_private_server_is_not_asked_by_an_import_either(actor: Actor, pets: Connection, settings: Any) -> None:
    settings.FETCH_NETWORKS = []
    job = run(bringing.from_bucket(actor, "Mine", pets, "2024"))
    assert job.state == "failed" and "of a private network" in job.error


def test_neither_log_nor_events_hold_the_secret(actor: Actor, server: Moto) -> None:
    bucket = {**asdict(server.filled("secretive", {})), "secret": "a-secret-of-ours", "key": "a-key-of-ours"}
    dataset = bringing.from_bucket(actor, "Mine", connections.make(actor, "Mine", bucket), "")
    job = run(dataset)
    said = dataset.folder.joinpath("log.txt").read_text() + str(list(JobEvent.objects.filter(job=job).values_list("data", flat=True)))
    assert job.state == "failed" and "There is nothing at secretive" in job.error and "of-ours" not in said + job.error
