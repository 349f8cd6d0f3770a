"""A draft with added images is sealed by a real child: decoded once, what was not taken is listed, a bad archive fails in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classifier.images import class_folders, picture, write_tar
from tests.worker.sealed import run, version_of
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {f"{number}.png": picture(seed=9_000 + number) for number in range(5)}


@pytest.fixture
def dataset(actor: Actor, tmp_path: Path) -> Dataset:
    return version_of(actor, class_folders(10), tmp_path).dataset


def test_added_images_are_in_the_next_version_and_what_was_left_out_is_listed(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    files = NEW | {"broken.png": b"no picture", "twin.png": class_folders(1)["cat/0.png"]}
    drafts.add(actor, dataset, write_tar(tmp_path / "more.tar", files), "more.tar", "dog")
    job = run(drafts.seal(actor, dataset).id)
    version = newest_version(Dataset.objects.get())
    assert (job.state, job.error) == ("succeeded", "") and version and (version.number, version.images) == (2, 25)
    assert version.changes["added"] == 5
    found = {(row.file, row.rule) for row in dataset.problems.all()}
    assert found == {("broken.png", "not_an_image"), ("twin.png", "already_there")}
    assert Dataset.objects.get().problem_count == 2 and list((dataset.folder / "additions").iterdir()) == []


def test_files_of_one_name_in_two_archives_are_listed_each_with_what_it_came_in(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    for number, name in enumerate(("one.tar", "two.tar")):
        files = {"new.png": NEW[f"{number}.png"], "IMG_1.jpg": b"no picture", "README.txt": b"Hello"}
        drafts.add(actor, dataset, write_tar(tmp_path / name, files), name, "dog")
    assert run(drafts.seal(actor, dataset).id).state == "succeeded"
    rows = dataset.problems.order_by("id")
    assert [(row.file, row.message.rpartition(" It came in ")[2]) for row in rows] == [("IMG_1.jpg", "one.tar."), ("IMG_1.jpg", "two.tar.")]
    assert (Dataset.objects.get().problem_count, Dataset.objects.get().ignored_count) == (2, 2)


def test_an_archive_of_which_nothing_can_be_added_fails_by_its_own_name(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    drafts.add(actor, dataset, write_tar(tmp_path / "more.tar", {"broken.png": b"no picture"}), "more.tar", "dog")
    job = run(drafts.seal(actor, dataset).id)
    assert job.state == "failed" and "No image of more.tar can be added" in job.error and "archive-" not in job.error
    drafts.undo(actor, dataset)  # the draft goes on
    drafts.change(actor, dataset, [0], label="dog")
    assert run(drafts.seal(actor, dataset).id).state == "succeeded"
