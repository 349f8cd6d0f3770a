""" "This is wrong, it is a …" on rows of a classification, by its page and by the API: their pictures are here already."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from classifier.data.erase import erase
from tests.webapp.datasets.conftest import picture
from tests.webapp.predictions.kit import classified
from webapp.accounts import actions as accounts
from webapp.accounts.models import AuditEntry, User
from webapp.core.ids import new_id
from webapp.datasets import drafts, packs
from webapp.datasets.drafts import adding, corrections, together
from webapp.datasets.files import StorageFull
from webapp.datasets.models import Dataset, Draft
from webapp.experiments.models import Experiment
from webapp.predictions.many import correcting
from webapp.predictions.models import Classification, Correction


@pytest.fixture
def person(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def strange(done: Classification) -> Classification:
    """Its first picture is of a file that the dataset has not."""
    index = np.memmap(done.answers / "pack" / "index.bin", packs.INDEX_DTYPE, "r+")
    index["sha256"][0] = np.void(bytes(range(32)))
    index.flush()
    return done


def corrected(client: Client, found: Classification, rows: str = "0", label: str = "red", **more: str) -> Any:
    return client.post(f"/classify/{found.pk}/correct/", {"rows": rows, "label": label, **more})


def called(user: User, found: str, scope: str = "write", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {accounts.create_token(user, scope, None)}"}
    body = {"rows": [0], "label": "red"} | body
    return Client().post(f"/api/v1/classifications/{found}/corrections", body, content_type="application/json", headers=headers)


def waiting_in(dataset: Dataset) -> dict[str, bytes]:
    """{name: bytes} of what waits in its draft."""
    draft = drafts.current(dataset)
    assert draft
    (addition,) = adding.waiting(draft)
    with zipfile.ZipFile(dataset.folder / "additions" / addition.file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_picture_that_the_dataset_has_not_waits_in_the_draft_of_what_was_learnt_from(person, strange):
    said = corrected(person, strange).json()
    dataset = strange.experiment.dataset
    (addition,) = adding.waiting(drafts.current(dataset))
    link = f"/datasets/{dataset.pk}/draft/waiting/?addition={addition.pk}"
    assert said == {"words": "1 image waits as red in the draft of Colours.", "link": link, "name": "red"}
    ((name, data),) = waiting_in(dataset).items()
    shown = person.get(f"/classify/{strange.pk}/images/0").content
    assert name == "sky.png" and data == shown and Image.open(io.BytesIO(data)).size == (8, 8)


def test_one_that_the_dataset_has_is_known_by_the_file_that_was_sent_and_labelled_anew(person, done):
    said = corrected(person, done).json()
    assert said["words"] == "1 image that it had already is labelled red in the draft of Colours."
    assert b"was blue" in person.get(said["link"]).content


def test_several_rows_are_put_right_at_once_each_once(person, strange):
    said = corrected(person, strange, "0,1,3,1").json()
    assert said["words"] == "1 image waits as red and 2 images that it had already are labelled red in the draft of Colours."


def test_it_waits_once_however_often_it_is_said(person, strange):
    corrected(person, strange)
    again = corrected(person, strange)
    assert again.status_code == 409 and "is in Colours already, as red. Nothing was changed." in again.json()["error"]
    assert corrected(person, strange, label="green").status_code == 200 and len(waiting_in(strange.experiment.dataset)) == 1


def test_an_erased_picture_does_not_come_back_by_the_way_it_was_sent(person, done):
    digest = packs.kept(done.answers / "pack", 0)[1]
    erase([done.experiment.version.folder], digest)
    answer = corrected(person, done)
    assert answer.status_code == 409 and "was erased from Colours for good" in answer.json()["error"]


@pytest.mark.parametrize(
    ("rows", "label", "words"),
    [
        ("0", "mauve", "Colours has no class 'mauve'"),
        ("0", "", "needs a name"),
        ("", "red", "Expected the numbers of rows, as 3,17; '' came"),
        ("0,-1", "red", "'-1' came"),
        ("1" * 30, "red", "Expected the numbers of rows"),
        ("4", "red", "trip.zip has 4 rows, counted from 0; row 4 is none of them"),
        (",".join(map(str, range(101))), "red", "Expected 1 to 100 rows in one call, 101 came"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(person, done, rows, label, words):
    answer = corrected(person, done, rows, label)
    assert answer.status_code == 409 and words in answer.json()["error"]
    assert drafts.current(done.experiment.dataset) is None


def test_more_bytes_than_a_call_takes_are_refused(person, strange, monkeypatch):
    monkeypatch.setattr(correcting, "MOST_BYTES", 10)
    assert "One call takes 0 MB of images" in corrected(person, strange).json()["error"]


def test_pictures_that_are_gone_are_said(person, done):
    (done.answers / "pack" / "thumbs.bin").unlink()
    answer = corrected(person, done)
    assert answer.status_code == 409 and "pictures of trip.zip are not on this server any more" in answer.json()["error"]


def test_a_photograph_goes_as_it_is_kept_and_never_as_its_thumbnail(done):
    pack = done.answers / "pack"
    photograph = picture(1, 300, "jpeg")
    (pack / "jpeg.bin").write_bytes(photograph)
    index = np.memmap(pack / "index.bin", packs.INDEX_DTYPE, "r+")
    index["storage"][0], index["offset"][0], index["length"][0] = packs.STORAGE_JPEG, 0, len(photograph)
    index.flush()
    (taken,) = correcting.pictures(done, [0])
    assert (taken.name, taken.data) == ("sky.jpg", photograph)
    (pack / "jpeg.bin").unlink()
    with pytest.raises(packs.Missing):
        packs.kept(pack, 0)


def test_another_dataset_may_be_named_and_a_published_network_needs_one(person, editor, strange):
    dataset = strange.experiment.dataset
    Classification.objects.update(network="published:efficientnet_lite0", experiment=None)
    assert corrected(person, strange).status_code == 404
    refused = called(editor, strange.pk)
    assert refused.status_code == 422 and "give the id of one" in refused.json()["error"]["fields"]["dataset"]
    assert corrected(person, strange, dataset=dataset.pk).status_code == 200


def test_viewers_may_not_and_outsiders_find_nothing(client, viewer, outsider, editor, done, evaluated):
    client.force_login(viewer)
    assert corrected(client, done).status_code == 403 == called(viewer, done.pk).status_code
    assert called(editor, done.pk, scope="read").status_code == 403
    client.force_login(outsider)
    assert corrected(client, done).status_code == 404 == called(outsider, done.pk).status_code
    theirs = classified_of(outsider, evaluated.experiment)
    assert corrected(client, theirs, dataset=done.experiment.dataset_id).status_code == 404
    assert called(outsider, theirs.pk, dataset=done.experiment.dataset_id).status_code == 404


def classified_of(user: User, experiment: Experiment) -> Classification:
    """A classification of that person's team."""
    made = classified(experiment, user)
    made.team = user.memberships.get().team
    made.save()
    return made


def test_a_dataset_in_the_trash_takes_nothing_and_one_that_waits_has_no_rows(person, editor, done):
    Dataset.everything.update(trashed_at=timezone.now())
    assert corrected(person, done).status_code == 404 == called(editor, done.pk).status_code
    Classification.objects.update(images=None)
    assert corrected(person, done).status_code == 404 and called(editor, done.pk).status_code == 409


def test_the_api_counts_what_became_of_the_rows(editor, strange):
    answer = called(editor, strange.pk, rows=[0, 1])
    (addition,) = adding.waiting(drafts.current(strange.experiment.dataset))
    words = "1 image waits as red and 1 image that it had already is labelled red in the draft of Colours."
    told = {"label": "red", "added": 1, "relabelled": 1, "unchanged": 0, "addition": addition.pk, "words": words}
    assert (answer.status_code, answer.json()) == (201, told)
    assert called(editor, new_id()).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"), [({"rows": []}, "rows"), ({"rows": [-1]}, "rows.0"), ({"rows": [0] * 101}, "rows"), ({"label": ""}, "label")]
)
def test_the_api_names_each_wrong_field(editor, done, body, field):
    answer = called(editor, done.pk, **body)
    assert answer.status_code == 422 and field in answer.json()["error"]["fields"]


def test_who_put_rows_right_stands_in_the_log(person, editor, done):
    corrected(person, done, "0,1")
    entry = AuditEntry.objects.get(verb="dataset.correct")
    assert (entry.user, entry.detail) == (editor, {"images": 2, "label": "red"})


def test_a_full_disk_is_said(person, strange, monkeypatch):
    def full(*_: Any) -> Any:
        raise StorageFull

    monkeypatch.setattr(together, "grown", full)
    assert corrected(person, strange).status_code == 507


def test_the_page_offers_it_to_who_may_and_begins_with_what_was_learnt_from(person, done):
    address = f"/classify/{done.pk}/"
    page = person.get(address).content.decode()
    assert page.count("This is wrong…</button>") == 4 and f'data-learnt="{done.experiment.dataset_id}"' in page
    assert f'action="{address}correct/"' in page and 'data-guess="green"' in page
    rows = person.get(f"{address}rows/?after=1", HTTP_HX_REQUEST="true").content.decode()
    assert rows.count("This is wrong…</button>") == 2 == rows.count('name="row"')
    assert "wrong-form" not in person.get(f"{address}?show=refused").content.decode()


def test_who_may_not_sees_the_answers_without_it(done, viewer):
    for address in (f"/classify/{done.pk}/", f"/classify/{done.pk}/rows/"):
        page = signed(viewer).get(address, HTTP_HX_REQUEST="true").content.decode()
        assert "sky.png" in page and "is wrong" not in page and 'name="row"' not in page


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_team_without_a_dataset_is_offered_nothing(person, done):
    Dataset.objects.update(archived_at=timezone.now())
    assert "data-wrong" not in person.get(f"/classify/{done.pk}/").content.decode()


def test_either_hash_finds_the_image(done):
    index = packs.index(done.experiment.version.folder)
    file, other = (bytes(index["sha256"][row]).hex() for row in (2, 5))
    assert corrections.rows_of(index, ["00" * 32, other], {"00" * 32: file}) == {"00" * 32: 2, other: 5}
    assert corrections.rows_of(index, [other], {other: "11" * 32}) == {other: 5}
    assert corrections.rows_of(index, ["22" * 32], {}) == {}


def told(user: User, found: Classification) -> list[str | None]:
    """What the page, and the API alike, say of each row."""
    page = signed(user).get(f"/classify/{found.pk}/").content.decode()
    headers = {"Authorization": f"Bearer {accounts.create_token(user, 'read', None)}"}
    rows = Client().get(f"/api/v1/classifications/{found.pk}/answers", headers=headers).json()["items"]
    said = [row["put_right"] for row in rows]
    assert re.findall("Put right: <bdi>(.*?)</bdi>", page) == [name for name in said if name]
    return said


def test_what_was_said_of_a_row_stands_there_until_it_is_undone(person, editor, viewer, actor_of, strange):
    assert told(viewer, strange) == [None] * 4
    corrected(person, strange, "0,1")
    corrected(person, strange, "1", "green")
    dataset = strange.experiment.dataset
    assert told(viewer, strange) == ["red", "green", None, None]
    assert f'<a href="/datasets/{dataset.pk}/"><bdi>Colours</bdi></a>' in person.get(f"/classify/{strange.pk}/").content.decode()
    for said in (["red", "red", None, None], [None, "red", None, None], [None] * 4):
        drafts.undo(actor_of(editor), dataset)
        assert told(viewer, strange) == said


def test_what_was_said_goes_with_a_draft_that_is_discarded_and_stays_with_one_that_is_sealed(person, editor, actor_of, strange):
    corrected(person, strange)
    dataset = strange.experiment.dataset
    Draft.objects.update(closed_at=timezone.now(), version=dataset.versions.get())
    assert told(editor, strange)[0] == "red"
    Draft.objects.update(closed_at=None, version=None)
    drafts.discard(actor_of(editor), dataset)
    assert told(editor, strange)[0] is None


def test_what_was_said_is_not_shown_of_a_dataset_in_the_trash(person, editor, strange):
    corrected(person, strange)
    Dataset.everything.update(trashed_at=timezone.now())
    assert told(editor, strange)[0] is None


def test_what_is_right_already_is_marked_no_more_than_what_is_refused(person, editor, strange):
    corrected(person, strange, "0")
    corrected(person, strange, "0,2", "red")
    assert Correction.objects.filter(row=0).count() == 1
    assert told(editor, strange) == ["red", None, "red", None]


def test_of_a_classification_that_was_deleted_meanwhile_nothing_is_kept(person, strange, monkeypatch):
    put = correcting.feedback.put_right

    def meanwhile(*how: Any) -> Any:
        said = put(*how)
        Classification.objects.all().delete()
        return said

    monkeypatch.setattr(correcting.feedback, "put_right", meanwhile)
    assert corrected(person, strange).status_code == 200 and not Correction.objects.exists()
