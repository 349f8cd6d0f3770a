"""Imports that fetch their images themselves, by a real child: from an address, and from a folder of this server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.classifier.images import class_folders, write_folder, write_zip
from tests.classifier.server import Served, serving
from webapp.accounts.actor import Actor
from webapp.datasets import bringing, previews
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version
from webapp.jobs import actions
from webapp.jobs.models import Job, JobEvent
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A zip of twenty pictures at an address."""
    with serving(Served(write_zip(tmp_path / "pets.zip", class_folders(10)).read_bytes())) as told:
        yield told


def run(dataset: Dataset) -> Job:
    claim = actions.claim(dataset.job_id, "host@here:1")
    assert claim
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=claim.job_id)


def test_an_archive_at_an_address_is_downloaded_and_imported(actor: Actor, served: Served) -> None:
    dataset = bringing.from_address(actor, "", served.address)
    job = run(dataset)
    dataset.refresh_from_db()
    version = newest_version(dataset)
    assert (job.state, job.error) == ("succeeded", "") and version and version.images == 20
    assert dataset.archive_bytes == len(served.content) and not (dataset.folder / "upload").exists()
    assert JobEvent.objects.filter(job=job, data__message="Downloading from 127.0.0.1").exists()


def test_what_was_looked_at_is_not_downloaded_again(actor: Actor, served: Served) -> None:
    dataset = bringing.from_address(actor, "", served.address, {"look": True})
    assert run(dataset).state == "succeeded"
    dataset.refresh_from_db()
    assert previews.is_waiting(dataset) and "2 classes" in dataset.inspection["message"]
    previews.take(actor, dataset, {})
    assert run(dataset).state == "succeeded" and len(served.asked) == 1


def test_an_address_that_gives_nothing_fails_with_its_sentence(actor: Actor, served: Served) -> None:
    served.statuses = [404]
    job = run(bringing.from_address(actor, "", served.address))
    assert (job.state, job.error_code) == ("failed", "address") and "There is nothing at this address of 127.0.0.1" in job.error


def test_an_own_network_is_not_asked_even_by_its_name(actor: Actor, served: Served, settings: Any) -> None:
    settings.FETCH_NETWORKS = []
    job = run(bringing.from_address(actor, "", served.address.replace("127.0.0.1", "localhost")))
    assert job.state == "failed" and "of a private network" in job.error and served.asked == []


def test_what_came_before_a_cancel_is_gone_on_with(actor: Actor, served: Served) -> None:
    dataset = bringing.from_address(actor, "", served.address)
    part = dataset.folder / "upload" / f"{dataset.archive_file}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(served.content[:1000])
    state = f'{{"address": "{served.address}", "have": 1000, "total": {len(served.content)}, "mark": "\\"first\\""}}'
    part.with_name(f"{part.name}.json").write_text(state)
    assert run(dataset).state == "succeeded" and served.ranges_asked == ["bytes=1000-"]


def test_a_folder_of_this_server_is_imported_and_stays_as_it_is(actor: Actor, tmp_path: Path, settings: Any) -> None:
    settings.ROOTS = [str(tmp_path / "open")]
    for name, content in class_folders(5).items():
        (tmp_path / "open" / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "open" / "pets" / name).write_bytes(content)
    before = sorted(tmp_path.glob("open/**/*"))
    dataset = bringing.from_server(actor, "", str(tmp_path / "open"), "pets")
    job = run(dataset)
    dataset.refresh_from_db()
    version = newest_version(dataset)
    assert (job.state, job.error) == ("succeeded", "") and version and version.images == 10
    assert sorted(tmp_path.glob("open/**/*")) == before


def test_an_import_of_a_folder_of_this_server_is_gone_on_with(actor: Actor, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.ROOTS = [str(tmp_path / "open")]
    write_folder(tmp_path / "open" / "pets", class_folders(10))
    dataset = bringing.from_server(actor, "", str(tmp_path / "open"), "pets")
    monkeypatch.setenv("FAULT", "publish:kill")
    assert run(dataset).state == "queued"
    monkeypatch.delenv("FAULT")
    assert run(dataset).state == "succeeded"
    assert JobEvent.objects.filter(job=dataset.job_id, data__message="Decoding images. It goes on at image 20 of 20").exists()


def test_a_sentence_about_a_folder_does_not_say_where_the_server_keeps_it(actor: Actor, tmp_path: Path, settings: Any) -> None:
    settings.ROOTS = [str(tmp_path / "open")]
    (tmp_path / "open" / "pets" / "cat").mkdir(parents=True)
    job = run(bringing.from_server(actor, "", str(tmp_path / "open"), "pets"))
    assert job.state == "failed" and "pets" in job.error and str(tmp_path) not in job.error
