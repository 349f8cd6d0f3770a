"""The upload as a script and as a plain form send it."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from worker.handlers.imports import Import

SignedIn = Callable[[Any], Client]
JSON = {"Accept": "application/json"}


def form(archive: Path, **fields: Any) -> dict[str, Any]:
    return {"name": "Animals", "archive": SimpleUploadedFile("animals.zip", archive.read_bytes()), **fields}


def test_a_script_gets_the_new_datasets_address(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:upload"), form(archive), headers=JSON)
    dataset = Dataset.objects.get()
    assert answer.status_code == 201 and answer.json() == {"id": dataset.id, "url": f"/datasets/{dataset.id}/"}


def test_a_plain_form_is_sent_on_to_the_dataset(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:upload"), form(archive))
    assert answer.status_code == 302 and answer.headers["Location"] == f"/datasets/{Dataset.objects.get().id}/"


def test_a_form_sent_twice_makes_one_dataset(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    client = signed_in(editor)
    places = {client.post(reverse("datasets:upload"), form(archive, key="one")).headers["Location"] for _ in range(2)}
    assert places == {f"/datasets/{Dataset.objects.get().id}/"} and Job.objects.count() == 1


def test_a_form_changed_after_going_back_makes_another_dataset(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    client = signed_in(editor)
    client.post(reverse("datasets:upload"), form(archive, key="one"))
    client.post(reverse("datasets:upload"), form(archive, key="one", name="Plants"))
    assert set(Dataset.objects.values_list("name", flat=True)) == {"Animals", "Plants"}


def test_a_form_sent_again_after_its_dataset_was_deleted_says_so(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    client = signed_in(editor)
    client.post(reverse("datasets:upload"), form(archive, key="one"))
    Dataset.objects.update(trashed_at=timezone.now())
    answer = client.post(reverse("datasets:upload"), form(archive, key="one"), follow=True)
    assert "Animals lies in the trash" in answer.content.decode() and Dataset.everything.count() == 1


def test_each_page_shows_a_form_with_a_key_of_its_own(editor: Any, signed_in: SignedIn) -> None:
    client = signed_in(editor)
    keys = [re.search(r'name="key" value="([^"]+)"', client.get(reverse("datasets:new")).content.decode()) for _ in range(2)]
    assert len({found[1] for found in keys if found}) == 2


def test_options_are_kept(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    signed_in(editor).post(reverse("datasets:upload"), form(archive, split="80/10/10", seed="7", group="^[^_]+"), headers=JSON)
    assert Dataset.objects.get().options == {"split": "80/10/10", "seed": 7, "group": "^[^_]+"}


def test_look_alikes_and_sizes_are_kept_where_they_were_chosen(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    signed_in(editor).post(reverse("datasets:upload"), form(archive, alike="1", least="3", most="500"), headers=JSON)
    assert Dataset.objects.get().options == {"split": "70/15/15", "seed": 0, "group": None, "alike": True, "least": 3, "most": 500}


def test_the_form_keeps_look_alikes_together_unless_that_is_unchecked(editor: Any, signed_in: SignedIn) -> None:
    client, chosen = signed_in(editor), 'name="alike" value="1" checked'
    assert chosen in client.get(reverse("datasets:new")).content.decode()
    again = client.post(reverse("datasets:upload"), {"name": "Animals", "least": "x"}).content.decode()
    assert chosen not in again and 'name="alike" value="1"' in again and 'name="least" class="number" value="x"' in again


def test_each_wrong_field_is_named(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:upload"), form(archive, name="x" * 200, split="1/2/3", seed="-1"), headers=JSON)
    assert answer.status_code == 422 and set(answer.json()["error"]["fields"]) == {"name", "split", "seed"}


def test_a_form_without_a_file_says_so_in_place(editor: Any, signed_in: SignedIn) -> None:
    answer = signed_in(editor).post(reverse("datasets:upload"), {"name": "Animals"})
    assert answer.status_code == 422 and b"This field is required." in answer.content


def test_a_viewer_uploads_nothing(viewer: Any, signed_in: SignedIn, archive: Path) -> None:
    assert signed_in(viewer).post(reverse("datasets:upload"), form(archive), headers=JSON).status_code == 403


def test_a_form_from_elsewhere_is_refused(editor: Any, archive: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(reverse("datasets:upload"), form(archive), headers=JSON).status_code == 403
    assert not Dataset.objects.exists()


def test_a_full_disk_answers_507_with_a_sentence(editor: Any, signed_in: SignedIn, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("webapp.datasets.files.os.fsync", full)
    answer = signed_in(editor).post(reverse("datasets:upload"), form(archive), headers=JSON)
    assert answer.status_code == 507 and "disk is full" in answer.json()["error"]["message"]


def fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full."""

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("webapp.datasets.files.os.fsync", full)


def test_a_full_disk_is_said_on_the_page_of_the_dataset_whose_archive_was_to_be_replaced(
    failed: Dataset, editor: Any, outsider: Any, signed_in: SignedIn, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch)
    url = reverse("datasets:replace", args=[failed.id])
    answer = signed_in(editor).post(url, form(archive))
    page = answer.content.decode()
    assert answer.status_code == 507 and "disk is full" in page and url in page and reverse("datasets:upload") not in page
    assert signed_in(outsider).post(url, form(archive)).status_code == 404


def test_a_failed_imports_archive_is_replaced(failed: Dataset, editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:replace", args=[failed.id]), form(archive), headers=JSON)
    failed.refresh_from_db()
    assert answer.status_code == 200 and failed.job.state == "queued"


def test_a_refused_replacement_shows_the_datasets_own_form_with_what_was_filled_in(
    failed: Dataset, editor: Any, signed_in: SignedIn
) -> None:
    url = reverse("datasets:replace", args=[failed.id])
    answer = signed_in(editor).post(url, {"split": "80/10/10"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "This field is required." in page and "80/10/10" in page
    assert url in page and "The import failed" in page and reverse("datasets:upload") not in page


def test_a_good_dataset_sends_a_plain_replacement_back_with_the_reason(
    dataset: Dataset, editor: Any, signed_in: SignedIn, archive: Path
) -> None:
    answer = signed_in(editor).post(reverse("datasets:replace", args=[dataset.id]), form(archive), follow=True)
    assert answer.redirect_chain[0][0] == f"/datasets/{dataset.id}/" and "imported already" in answer.content.decode()


def test_a_good_dataset_is_not_replaced(dataset: Dataset, editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:replace", args=[dataset.id]), form(archive), headers=JSON)
    assert answer.status_code == 409 and "imported already" in answer.json()["error"]["message"]


def test_a_failed_import_is_tried_again(failed: Dataset, editor: Any, signed_in: SignedIn) -> None:
    signed_in(editor).post(reverse("datasets:retry", args=[failed.id]))
    failed.refresh_from_db()
    assert failed.job.state == "queued"


def test_an_owner_deletes(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).post(reverse("datasets:delete", args=[failed.id]))
    assert answer.headers["Location"] == "/datasets/" and not Dataset.objects.exists()


def test_a_refused_deletion_says_why(waiting: Dataset, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).post(reverse("datasets:delete", args=[waiting.id]), follow=True)
    assert b"cancel the import first" in answer.content and Dataset.objects.exists()


@pytest.mark.parametrize("name", ["replace", "retry", "delete"])
def test_an_outsider_changes_nothing(name: str, failed: Dataset, outsider: Any, signed_in: SignedIn, archive: Path) -> None:
    assert signed_in(outsider).post(reverse(f"datasets:{name}", args=[failed.id]), form(archive)).status_code == 404


@pytest.mark.parametrize(("name", "role"), [("replace", "viewer"), ("retry", "viewer"), ("delete", "viewer"), ("delete", "editor")])
def test_a_role_that_may_not_is_told_so(name: str, role: str, failed: Dataset, member: Any, signed_in: SignedIn, archive: Path) -> None:
    assert signed_in(member(role)).post(reverse(f"datasets:{name}", args=[failed.id]), form(archive)).status_code == 403


def test_what_cameras_noted_is_kept_where_the_form_asks_for_it(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    signed_in(editor).post(reverse("datasets:upload"), form(archive, exif="camera, date"), headers=JSON)
    dataset = Dataset.objects.get()
    assert dataset.options["exif"] == "date,camera"
    arguments = Import(dataset.job, jobs.claim(dataset.job_id, "host@here:1")).arguments()
    assert arguments[arguments.index("--exif") + 1] == "date,camera"


def test_a_note_that_there_is_not_is_named_at_its_field(editor: Any, signed_in: SignedIn, archive: Path) -> None:
    answer = signed_in(editor).post(reverse("datasets:upload"), form(archive, exif="gps"), headers=JSON)
    assert answer.status_code == 422 and "expected date, camera, place" in str(answer.json()) and not Dataset.objects.exists()
