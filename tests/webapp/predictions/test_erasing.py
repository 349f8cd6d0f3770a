"""An image that is erased goes from classifications and from corrections that wait, too."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import numpy as np
import pytest

from classifier.many import erasing as engine
from classifier.many.pictures import taken_over
from classifier.metrics.answers import NAMES
from classifier.spec.errors import InputError
from tests.webapp.predictions.kit import classified
from tests.webapp.predictions.test_correcting import called, corrected, person, strange, waiting_in  # noqa: F401 (fixtures)
from webapp.accounts.models import AuditEntry, User
from webapp.datasets import drafts, packs
from webapp.datasets.draft_models import Addition
from webapp.datasets.erasing import asking, beside
from webapp.datasets.erasing import corrected as archives
from webapp.datasets.models import DatasetVersion, Erasure, Upload
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.predictions import erasing
from webapp.predictions.many import asking as classifying
from webapp.predictions.models import Classification, Correction


def digest_of(found: Classification, image: int = 0) -> str:
    """The hash of the file that was sent."""
    return packs.kept(found.answers / "pack", image)[1]


def place_of(version: DatasetVersion, image: int = 0) -> int:
    """Where the dataset has the image that stands in that row of its pack."""
    return int(np.flatnonzero(packs.table(version.folder)["image"] == image)[0])


@pytest.fixture
def version(done: Classification) -> DatasetVersion:
    found = done.experiment.version
    found.dataset.team = done.team
    return found


def forget(found: Classification, *digests: str) -> Classification:
    """As the job does it."""
    erasing.forget_names(found.team, digests)
    engine.forget(found.answers, digests)
    erasing.count_anew(found.team, digests)
    return Classification.objects.get(pk=found.pk)


def test_who_asks_is_told_which_classifications_have_it(done, version, owner, signed_in):
    page = signed_in(owner).get(f"/datasets/{version.dataset_id}/erase/{place_of(version)}/").content.decode()
    assert f'<a href="/classify/{done.pk}/">trip.zip</a>' in page and "1 image of 4" in page


def test_the_log_tells_from_how_many_it_goes(done, version, owner, actor_of):
    asking.ask(actor_of(owner), version, place_of(version))
    assert AuditEntry.objects.get(verb="dataset.erase").detail == {"classifications": "1 classification"}


def test_one_that_is_asked_for_is_not_put_into_a_dataset_meanwhile(done, version, owner, actor_of, person):  # noqa: F811
    asking.ask(actor_of(owner), version, place_of(version))
    answer = corrected(person, done)
    assert answer.status_code == 409 and "is being erased for good" in answer.json()["error"]
    assert corrected(person, done, "1").status_code == 200


def test_its_row_its_name_and_its_picture_are_gone_and_counted_no_more(done, signed_in, viewer):
    client, before = signed_in(viewer), {one["label"]: one["n"] for one in done.classes}
    assert client.get(f"/classify/{done.pk}/images/0/thumb").status_code == 200
    found = forget(done, digest_of(done))
    page = client.get(f"/classify/{done.pk}/").content.decode()
    assert "sky.png" not in page and "sea.png" in page and "all 3" in page and "1 image erased for good" in page
    assert {one["label"]: one["n"] for one in found.classes} == before | {"blue": before["blue"] - 1}
    assert (found.images, found.erased, found.unsure) == (3, 1, 1)
    assert {client.get(f"/classify/{done.pk}/images/0{end}").status_code for end in ("", "/thumb")} == {404}
    assert b"sky" not in (done.answers / NAMES).read_bytes() and not any(pixels_of(done, 0))


def pixels_of(found: Classification, image: int) -> bytes:
    """As they lie there."""
    entry = packs.index(found.answers)[image]
    return packs.read_at(found.answers / "pack" / "pixels.bin", int(entry["length"]), int(entry["offset"]))


@pytest.mark.parametrize("query", ["", "?sort=doubt", "?class=blue", "?show=unsure"])
def test_no_list_shows_its_row(query, done, signed_in, viewer):
    forget(done, digest_of(done), digest_of(done, 3))
    page = signed_in(viewer).get(f"/classify/{done.pk}/{query}").content.decode()
    shown = {"?class=blue": ["sea"], "?show=unsure": []}.get(query, ["sea", "grass"])
    assert [name for name in ("sky", "sea", "grass", "dusk") if f"{name}.png" in page] == shown


def test_the_file_and_the_api_tell_of_the_others_alone(done, signed_in, viewer):
    forget(done, digest_of(done))
    text = b"".join(signed_in(viewer).get(f"/classify/{done.pk}/answers.csv").streaming_content).decode()
    assert [row["file"] for row in csv.DictReader(io.StringIO(text))] == [
        "trip/=sea.png",
        "trip/grass.png",
        "trip/dusk.png",
        "trip/broken.png",
    ]


def test_it_may_be_done_again(done):
    digest = digest_of(done)
    first = forget(done, digest)
    again = forget(first, digest)
    assert (again.images, again.erased, again.classes) == (3, 1, first.classes)


def test_another_network_is_asked_about_the_others_alone(done, tmp_path):
    forget(done, digest_of(done))
    (tmp_path / "next").mkdir()
    pictures = taken_over(done.answers, tmp_path / "next")
    assert list(pictures.names) == ["trip/=sea.png", "trip/grass.png", "trip/dusk.png"] and list(pictures.rows) == [1, 2, 3]


def test_its_row_can_be_put_right_no_more(done, person):  # noqa: F811
    corrected(person, done, "0,1")
    forget(done, digest_of(done))
    assert list(Correction.objects.values_list("row", flat=True)) == [1]
    answer = corrected(person, done)
    assert answer.status_code == 409 and "The image of row 0 of trip.zip was erased for good" in answer.json()["error"]


def test_a_classification_that_is_called_after_it_gets_another_name(evaluated, editor, person):  # noqa: F811
    found = classified(evaluated.experiment, editor, [("patient-77.png", (0.9, 0.1, 0.0)), ("other.png", (0.1, 0.9, 0.0))])
    Classification.objects.filter(pk=found.pk).update(name="patient-77 and 1 more")
    Job.objects.filter(pk=found.job_id).update(title="patient-77 and 1 more by First")
    sent = {"archive_name": "patient-77 and 1 more.tar", "purpose": {"made": found.pk}, "finished_at": found.created_at}
    upload = Upload.objects.create(team=found.team, length=9, offset=9, **sent)
    now = forget(Classification.objects.get(pk=found.pk), digest_of(found))
    upload.refresh_from_db()
    assert (now.name, now.job.title, upload.archive_name) == ("erased and 1 more", "erased and 1 more by First", "erased and 1 more.tar")


def test_another_teams_classification_keeps_it(done, outsider, evaluated):
    Classification.objects.filter(pk=done.pk).update(team=outsider.memberships.get().team)
    assert erasing.elsewhere(evaluated.experiment.team, [digest_of(done)]) == []


def test_one_whose_answers_are_gone_is_passed_over(done):
    digest = digest_of(done)
    (done.answers / "answers.json").unlink()
    assert erasing.elsewhere(done.team, [digest]) == []


def test_a_picture_that_was_put_right_is_known_by_both_hashes(person, strange):  # noqa: F811
    sent = digest_of(strange)
    corrected(person, strange)
    kept = hashlib.sha256(next(iter(waiting_in(strange.experiment.dataset).values()))).hexdigest()
    assert erasing.known_as(strange.team, sent) == {kept} and erasing.known_as(strange.team, kept) == {sent}


def test_it_goes_from_corrections_that_wait_and_the_others_stay(person, strange):  # noqa: F811
    index = np.memmap(strange.answers / "pack" / "index.bin", packs.INDEX_DTYPE, "r+")
    index["sha256"][1] = np.void(bytes(range(1, 33)))
    index.flush()
    corrected(person, strange, "0,1")
    dataset = strange.experiment.dataset
    before = waiting_in(dataset)
    kept = hashlib.sha256(before["sky.png"]).hexdigest()
    (row,) = archives.holding(strange.team, [kept])
    archives.forget(strange.team, [kept], lambda: None)
    assert waiting_in(dataset) == {"=sea.png": before["=sea.png"]} and archives.holding(strange.team, [kept]) == []
    assert Addition.objects.get(pk=row.pk).file != row.file


def test_an_addition_of_which_nothing_is_left_is_none(person, strange, editor, actor_of):  # noqa: F811
    corrected(person, strange)
    dataset = strange.experiment.dataset
    kept = hashlib.sha256(waiting_in(dataset)["sky.png"]).hexdigest()
    archives.forget(strange.team, [kept], lambda: None)
    assert not Addition.objects.exists() and drafts.current(dataset).added == 0
    drafts.undo(actor_of(editor), dataset)  # of what is gone nothing comes back
    assert drafts.current(dataset).added == 0 and not Addition.objects.exists()


def test_corrections_are_told_of_and_are_no_archive_that_nobody_looked_into(person, strange, owner, signed_in):  # noqa: F811
    version = strange.experiment.version
    index = np.memmap(version.folder / "pack" / "index.bin", packs.INDEX_DTYPE, "r+")
    corrected(person, strange)
    index["sha256"][5] = np.void(bytes(range(32)))  # what was sent is in the dataset, too
    index.flush()
    assert beside.archives(strange.team) == []
    page = signed_in(owner).get(f"/datasets/{version.dataset_id}/erase/{place_of(version, 5)}/").content.decode()
    assert "from the corrections that wait in the draft of <b>Colours</b>" in page


def test_archives_that_wait_to_be_classified_are_named(evaluated, editor, actor_of):
    from tests.webapp.predictions.test_many import archive

    classifying.begin(actor_of(editor), archive(), "trip.zip", evaluated.experiment_id)
    assert [tuple(told) for told in beside.archives(evaluated.experiment.team)] == [("trip.zip", "waits to be classified")]


def test_it_waits_for_what_classifies_the_same_pictures(done, version, owner, actor_of, evaluated):
    other = classifying.again(actor_of(owner), done, evaluated.experiment_id)
    claim = jobs.claim(other.job_id, "device@here:1")
    with pytest.raises(InputError, match="“trip.zip by First” classifies images among which it is now"):
        asking.ask(actor_of(owner), version, place_of(version))
    jobs.fail(claim, "Lost.", "lost", retry=False)
    assert asking.ask(actor_of(owner), version, place_of(version)).job.kind == "erase"


def test_the_api_names_what_it_would_touch(done, version, owner: User, client: Any):
    from webapp.accounts import actions as accounts

    headers = {"Authorization": f"Bearer {accounts.create_token(owner, 'write', None)}"}
    told = client.get(f"/api/v1/datasets/{version.dataset_id}/images/{place_of(version)}/erasure", headers=headers).json()
    assert told["classifications"] == [{"id": done.pk, "name": "trip.zip", "words": "1 image of 4"}] and told["corrections"] == []
    assert Erasure.objects.count() == 0
