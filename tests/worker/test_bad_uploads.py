"""Archives that could harm, uploaded: the import ends, says so in a sentence on the dataset's page, and leaves nothing behind."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client

from tests.classifier import archives, images, odd_images
from tests.classifier.archives import Make, members, packed
from webapp.accounts.models import User
from webapp.datasets import actions as datasets
from webapp.datasets.models import Dataset
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)
MARKUP = "<img src=x onerror=alert(1)>"


class Row(NamedTuple):
    """An archive, and what the dataset's page says: why the import failed, or what is wrong with a file."""

    make: Make
    failed: str = ""
    problem: tuple[str, str] = ("", "")  # file, part of its sentence
    classes: tuple[str, ...] = ("cat", "dog")


def of_classes(*labels: str) -> Row:
    return Row(packed("zip", images.class_folders(4, labels), good=False), classes=labels)


ROWS = {
    "a bomb, zip": Row(archives.ratio_bomb_zip, problem=("cat/x.png", "at most 256 MB a file are taken")),
    "a bomb, tar.gz": Row(archives.ratio_bomb_targz, "pets.bin is refused: it unpacks to 200 times its size or more"),
    "overlapping entries": Row(archives.overlapping_zip, "pets.bin is refused: its members overlap"),
    "a size that lies low": Row(archives.liar_zip, problem=("cat/x.png", "does not have the 100 bytes that the zip promises")),
    "a size that lies high": Row(archives.claims_more_tar, "pets.bin is cut short or damaged"),
    "5,000 empty files": Row(archives.many_empty("zip", 5000), problem=("cat/e000000.png", "is empty (0 bytes)")),
    "a 2,000-level name": Row(packed("zip", {"a/" * 2000 + "x.png": b""}), problem=(("a/" * 2000)[:199] + "…", "folders deep; at most 31")),
    "a name that leads out": Row(
        packed("tar", {"../../escaped.png": images.picture(5)}), problem=("../../escaped.png", "leads out of the")
    ),
    "a header of 30000²": Row(
        packed("zip", {"cat/x.png": images.png(30_000, 30_000)}), problem=("cat/x.png", "more than 100,000,000 pixels")
    ),
    "a bomb of text": Row(packed("zip", {"cat/x.png": odd_images.text_bomb()}), problem=("cat/x.png", "unpacks to far more")),
    "a file with markup for a name": Row(
        members({"name": f"cat/{MARKUP}.png".encode(), "data": b"no"}), problem=(f"cat/{MARKUP}.png", "not")
    ),
    "not an archive": Row(archives.raw(b"<script>"), "pets.bin is no zip and no tar"),
    "classes with markup": of_classes("<b>cat", MARKUP.replace("/", "")),
    "classes with formulas": of_classes("=1+1", "@SUM(1)"),
    "classes of Windows' devices": of_classes("CON", "nul"),
}


@pytest.fixture
def uploaded(actor_of, owner: User, tmp_path: Path, settings, monkeypatch) -> Callable[[Make], Dataset]:
    settings.SYNSET_HOME = tmp_path / "home"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    return lambda make: datasets.create(actor_of(owner), "Pets", make(tmp_path / "made"), "pets.bin")


def imported(dataset: Dataset) -> Job:
    claim = actions.claim(dataset.job_id, "host@here:1")
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=dataset.job_id)


def pages(client: Client, dataset: Dataset) -> str:
    """What a browser is shown of it."""
    answers = [client.get(f"/datasets/{dataset.id}/{part}") for part in ("", "problems/", "classes/", "gallery/")]
    assert {answer.status_code for answer in answers} <= {200, 204}  # what failed has no gallery
    return "".join(answer.content.decode() for answer in answers if answer.status_code == 200)


@pytest.mark.parametrize("case", ROWS)
def test_an_upload_comes_to_a_good_end(case, uploaded, owner, signed_in, tmp_path):
    row, dataset = ROWS[case], uploaded(ROWS[case].make)
    (tmp_path / "made").unlink(missing_ok=True)
    before = sorted(path for path in tmp_path.rglob("*") if dataset.folder not in path.parents)
    job = imported(dataset)
    page = pages(signed_in(owner), dataset)
    assert (job.state, job.error_code) == (("failed", "bad_input") if row.failed else ("succeeded", "")), job.error
    for words in (row.failed, *row.problem, *(() if row.failed else row.classes)):
        assert html.escape(words) in page, words
    assert MARKUP not in page and str(tmp_path) not in page
    assert sorted(path for path in tmp_path.rglob("*") if dataset.folder not in path.parents) == before
    assert {path.name for path in dataset.folder.iterdir()} == {"log.txt", "upload" if row.failed else "data"}
    assert not list((tmp_path / "tmp").iterdir())
