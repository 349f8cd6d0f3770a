"""What an owner sees before an image is erased, and where the job is told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.data.dataset import SAMPLE_DTYPE
from classifier.data.erase import erase
from classifier.data.revise import revise
from classifier.spec.errors import InputError
from tests.webapp.datasets.conftest import write_archive
from webapp.accounts import actions as accounts
from webapp.datasets import actions, drafts, hooks, versioning
from webapp.datasets.drafts import file
from webapp.datasets.erasing import asking, beside, forgetting, leaks, places
from webapp.datasets.labelling import suggesting
from webapp.datasets.models import Dataset, DatasetVersion, Erasure, Finding, QualityCheck, Upload
from webapp.jobs import actions as jobs

SignedIn = Callable[[Any], Client]


@pytest.fixture
def asked(version: DatasetVersion, owner: Any, actor_of: Callable[..., Any]) -> Erasure:
    """An image that is about to be erased."""
    return asking.ask(actor_of(owner), version, 3)


def page(version: DatasetVersion, position: int = 3) -> str:
    return reverse("datasets:erase", args=[version.dataset_id, position])


def test_the_page_says_where_the_image_is_and_what_used_it(version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    text = signed_in(owner).get(page(version)).content.decode()
    assert "1 dataset of this team has it" in text and "No training has learnt from it" in text and "ant/003.png" in text


def test_archives_that_lie_unread_are_named_for_they_may_hold_the_file(
    version: DatasetVersion, owner: Any, signed_in: SignedIn, actor_of: Callable[..., Any], tmp_path: Path
) -> None:
    drafts.add(actor_of(owner), version.dataset, write_archive(tmp_path / "more.zip", 15, "png", 1), "more.zip", "bee")
    actions.create(actor_of(owner), "Others", write_archive(tmp_path / "others.zip", 16, "png", 1), "others.zip")
    Upload.objects.create(team=version.dataset.team, created_by=owner, name="Third", archive_name="third.zip", length=9, offset=1)
    assert [(found.name, found.words) for found in beside.archives(version.dataset.team)] == [
        ("more.zip", "waits in the draft of Animals"),
        ("others.zip", "waits for the import of Others"),
        ("third.zip", "is being uploaded"),
    ]
    assert "Archives that wait are not looked into." in signed_in(owner).get(page(version)).content.decode()


def test_what_is_imported_and_what_a_discarded_draft_had_lies_here_no_more(
    version: DatasetVersion, owner: Any, signed_in: SignedIn, actor_of: Callable[..., Any], tmp_path: Path
) -> None:
    drafts.add(actor_of(owner), version.dataset, write_archive(tmp_path / "more.zip", 15, "png", 1), "more.zip", "bee")
    drafts.discard(actor_of(owner), version.dataset)
    assert beside.archives(version.dataset.team) == []
    assert "Archives that wait" not in signed_in(owner).get(page(version)).content.decode()


@pytest.fixture
def checked(version: DatasetVersion, owner: Any) -> QualityCheck:
    """The image at 3 looks like two others of test, one of which has another look-alike in train; 5 has nothing to do with it."""
    table = np.fromfile(version.folder / "samples.bin", SAMPLE_DTYPE)
    table["split"][[3, 7]], table["split"][[0, 1, 5]] = 0, 2
    table.tofile(version.folder / "samples.bin")
    job = jobs.submit(team=version.dataset.team, user=owner, kind="quality", title="Check")
    counts, leaks = {"near_leak": 3, "near_duplicate": 1}, {"train-validation": 0, "train-test": 2, "validation-test": 0}
    check = QualityCheck.objects.create(team=version.dataset.team, version=version, job=job, counts=counts, leaks=leaks)
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    pairs = [("near_leak", 3, 0), ("near_leak", 3, 1), ("near_leak", 7, 1), ("near_duplicate", 9, 3)]
    for rank, (kind, position, other) in enumerate(pairs):
        Finding.objects.create(of=check, kind=kind, rank=rank, position=position, label=0, other=other, score=1.0)
    return check


def test_images_that_look_nearly_the_same_are_named(
    version: DatasetVersion, checked: QualityCheck, owner: Any, signed_in: SignedIn
) -> None:
    assert [twin.position for twin in beside.twins(places.places(version.dataset.team, places.digest_at(version, 3)))] == [0, 1, 9]
    text = signed_in(owner).get(page(version)).content.decode()
    assert "These look nearly the same, and stay." in text and page(version, 9) in text and "Nobody has looked" not in text
    assert beside.twins(places.places(version.dataset.team, places.digest_at(version, 5))) == []


def test_where_nobody_has_looked_for_twins_that_is_said(version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    assert "Nobody has looked for images that look nearly the same in Animals" in signed_in(owner).get(page(version)).content.decode()


def test_images_in_two_splits_are_counted_anew(version: DatasetVersion, checked: QualityCheck) -> None:
    digest = places.digest_at(version, 3)
    erase([version.folder], digest)
    forgetting.forget(places.places(version.dataset.team, digest)[0], lambda: None)
    checked.refresh_from_db()
    assert checked.leaks == {"train-validation": 0, "train-test": 1, "validation-test": 0}  # of 1, by the image at 7
    assert checked.counts == {"near_leak": 1, "near_duplicate": 0}


def test_what_a_check_did_not_list_goes_on_being_counted(version: DatasetVersion, checked: QualityCheck) -> None:
    QualityCheck.objects.update(leaks={"train-test": 12_000})
    checked.refresh_from_db()
    assert leaks.without(checked, [3]) == {"train-test": 11_999} and leaks.without(checked, [5]) == {"train-test": 12_000}


def test_an_image_that_stands_in_three_splits_is_taken_off_each_of_them(version: DatasetVersion, checked: QualityCheck) -> None:
    table = np.fromfile(version.folder / "samples.bin", SAMPLE_DTYPE)
    table["image"][[5, 7, 9]], table["split"][[7, 9, 5]] = 7, (0, 1, 2)
    table.tofile(version.folder / "samples.bin")
    sides = {"train-validation": 1, "train-test": 3, "validation-test": 1}
    QualityCheck.objects.update(leaks=sides, facts={"grouped": dict.fromkeys(sides, 2)})
    (version.folder / "groups.bin").write_bytes(np.array([0, 1, 2, 3, 3, *range(5, len(table))], "<u4").tobytes())
    erase([version.folder], digest := places.digest_at(version, 7))
    forgetting.forget(places.places(version.dataset.team, digest)[0], lambda: None)
    checked.refresh_from_db()
    assert checked.leaks == {"train-validation": 0, "train-test": 2, "validation-test": 0}  # of its own three, and of the look-alike at 1
    assert all(count < 2 for count in checked.facts["grouped"].values())


def test_a_network_that_looks_at_the_dataset_for_suggestions_reads_it(
    version: DatasetVersion, owner: Any, actor_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = hooks.Network("01hnet", "Baseline", "Animals", Path("net"))
    monkeypatch.setattr(hooks, "networks", lambda team: [network])
    job = jobs.claim(suggesting.start(actor_of(owner), version, network.id).job_id, "host@here:1")
    with pytest.raises(InputError, match="“Suggestions of Baseline for Animals” reads its dataset now"):
        asking.ask(actor_of(owner), version, 3)
    jobs.finish(job)
    assert asking.ask(actor_of(owner), version, 3).job.kind == "erase"


def test_while_something_reads_the_dataset_its_button_is_off(
    version: DatasetVersion, owner: Any, signed_in: SignedIn, actor_of: Callable[..., Any]
) -> None:
    drafts.change(actor_of(owner), version.dataset, [0], split=2)
    jobs.claim(drafts.seal(actor_of(owner), version.dataset).id, "host@here:1")
    text = signed_in(owner).get(page(version)).content.decode()
    assert "“Animals v2” reads its dataset." in text and reverse("datasets:begin-erasing", args=[version.dataset_id, 3]) not in text


@pytest.mark.parametrize("position", [24, 10**6, 10**30])
def test_an_image_that_there_is_not_has_no_page(position: int, version: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    assert signed_in(owner).get(page(version, position)).status_code == 404


def test_the_large_view_leads_an_owner_there_and_nobody_else(version: DatasetVersion, owner: Any, editor: Any, signed_in: SignedIn) -> None:
    address = reverse("datasets:history", args=[version.dataset_id, 3])
    assert page(version) in signed_in(owner).get(address).content.decode()
    assert page(version) not in signed_in(editor).get(address).content.decode()


@pytest.fixture
def erased(version: DatasetVersion, owner: Any, actor_of: Callable[..., Any]) -> DatasetVersion:
    """A version whose first image is gone."""
    digest = places.digest_at(version, 0)
    erase([version.folder], digest)
    forgetting.forget(places.places(version.dataset.team, digest)[0], lambda: None)
    version.refresh_from_db()
    return version


def test_pages_show_a_word_where_its_picture_was(erased: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    text = signed_in(viewer).get(reverse("datasets:detail", args=[erased.dataset_id])).content.decode()
    gone = reverse("datasets:thumb", args=[erased.dataset_id, 1, erased.samples.get(position=0).image])
    assert text.count("tile__erased") == 1 and f'"{gone}"' not in text and "ant/000.png" not in text


def test_the_list_of_datasets_shows_another_image_in_its_place(erased: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    gone = reverse("datasets:thumb", args=[erased.dataset_id, 1, erased.samples.get(position=0).image])
    text = signed_in(viewer).get(reverse("datasets:list")).content.decode()
    assert text.count("/thumb") == 6 and f'"{gone}"' not in text


def test_a_download_holds_it_neither_as_image_nor_as_row(erased: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    def taken(way: str) -> bytes:
        answer = signed_in(viewer).get(f"{reverse('datasets:download', args=[erased.dataset_id, 1])}?as={way}")
        return b"".join(answer.streaming_content)

    with zipfile.ZipFile(io.BytesIO(taken("folders"))) as archive:
        assert archive.testzip() is None and len([name for name in archive.namelist() if name.endswith(".png")]) == 23
        assert "1 image: counted above" in archive.read("README.md").decode()
    assert len(taken("jsonl").splitlines()) == 23 and b'"erased"' not in taken("jsonl")


def test_what_two_versions_differ_in_shows_it_as_erased(
    erased: DatasetVersion, owner: Any, actor_of: Callable[..., Any], viewer: Any, signed_in: SignedIn
) -> None:
    drafts.change(actor_of(owner), erased.dataset, [9], removed=True)
    draft = drafts.current(erased.dataset)
    drafts.seal(actor_of(owner), erased.dataset)
    target = erased.dataset.folder / "versions" / "2"
    target.parent.mkdir()
    file.write(draft, erased.dataset.folder / "changes.jsonl")
    revise(erased.folder, erased.dataset.folder / "changes.jsonl", target)
    draft.refresh_from_db()
    jobs.finish(jobs.claim(draft.job_id, "host@here:1"), also=lambda: versioning.sealed(draft, target))
    text = signed_in(viewer).get(reverse("datasets:difference", args=[erased.dataset_id, 2])).content.decode()
    assert text.count("tile__erased") == 1 and text.count("/thumb") == 1


def test_the_job_on_the_queue_page_leads_to_the_versions(asked: Erasure, viewer: Any, signed_in: SignedIn) -> None:
    text = signed_in(viewer).get("/queue/").content.decode()
    assert f'<a href="{reverse("datasets:versions", args=[asked.dataset_id])}">An image of Animals</a>' in text


def test_the_job_of_a_dataset_in_the_trash_is_in_no_list(asked: Erasure, viewer: Any, signed_in: SignedIn) -> None:
    jobs.fail(jobs.claim(asked.job_id, "host@here:1"), "The disk broke.", "failure", retry=False)
    assert "An image of Animals" in signed_in(viewer).get("/queue/").content.decode()
    Dataset.objects.update(trashed_at=timezone.now())
    assert "An image of Animals" not in signed_in(viewer).get("/queue/").content.decode()


def test_one_that_failed_says_so_on_the_versions_page(asked: Erasure, owner: Any, signed_in: SignedIn) -> None:
    jobs.fail(jobs.claim(asked.job_id, "host@here:1"), "The disk broke.", "failure", retry=False)
    text = signed_in(owner).get(reverse("datasets:versions", args=[asked.dataset_id])).content.decode()
    assert "The disk broke. Ask for it again." in text


def test_to_try_the_job_again_by_the_api_says_what_to_do(asked: Erasure, owner: Any, client: Client) -> None:
    jobs.fail(jobs.claim(asked.job_id, "host@here:1"), "The disk broke.", "failure", retry=False)
    token = accounts.create_token(owner, "write", None)
    answer = client.post(f"/api/v1/jobs/{asked.job_id}/retry", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 409 and "asks for it again on the image's page" in answer.json()["error"]["message"]
