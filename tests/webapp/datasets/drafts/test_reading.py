"""How images that wait are read: the encoding of their names, and what of EXIF is kept; as the page, the API and a file of changes say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from classifier.spec.errors import ConfigError, InputError
from tests.classifier.data.test_choices import CYRILLIC, legacy_zip
from tests.classifier.data.test_exif import photo
from tests.webapp.datasets.drafts.waiting_kit import look
from tests.webapp.datasets.tus_kit import Program
from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import adding, peeks, reading
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Upload

Seal = Callable[[], DatasetVersion]
ODD = {word.encode("cp866").decode("cp437") for word in CYRILLIC}


@pytest.fixture
def russian(tmp_path: Path) -> Path:
    """Two Russian folders of four images, whose names say no encoding."""
    return legacy_zip(tmp_path / "more.zip", "cp866")


@pytest.fixture
def client(signed_in: Callable[[Any], Client], owner: Any) -> Client:
    return signed_in(owner)


@pytest.fixture
def waits(actor: Actor, dataset: Dataset, russian: Path) -> Addition:
    """The upload of them, which was looked at."""
    drafts.add(actor, dataset, russian, "more.zip", "")
    look(row())
    return row()


def row() -> Addition:
    return Addition.objects.select_related("draft__dataset", "draft__base__dataset").get()


def page(waits: Addition) -> str:
    return f"/datasets/{waits.draft.dataset_id}/draft/waiting/"


def labels(version: DatasetVersion) -> set[str]:
    return {version.classes[sample.label]["label"] for sample in version.samples.filter(position__gte=24)}


def read(client: Client, waits: Addition, **how: str) -> str:
    """What the page says once it was told so."""
    told = {"addition": waits.pk, "do": "read", **how}
    address = f"/datasets/{waits.draft.dataset_id}/draft/addition/"
    return client.post(address, told, HTTP_REFERER=page(waits), follow=True).content.decode()


def test_the_page_shows_how_each_encoding_reads_the_names_and_takes_another(client: Client, waits: Addition, seal: Seal) -> None:
    html = client.get(page(waits)).content.decode()
    assert "as found: Cyrillic, DOS: кот" in html and '<option value="cp437">Western, DOS: ' in html and 'data-path="кот/0.png"' in html
    said = read(client, waits, encoding="cp437")
    assert "Names in more.zip are read as Western, DOS (cp437)." in said and peeks.read(row()) is None
    look(row())
    html = client.get(page(waits)).content.decode()
    assert '<option value="cp437" selected>' in html and 'data-path="кот/0.png"' not in html
    assert labels(seal()) == ODD


def test_undo_reads_them_as_before_and_what_was_seen_then_is_seen_at_once(
    client: Client, actor: Actor, waits: Addition, seal: Seal
) -> None:
    read(client, waits, encoding="cp437", exif="date")
    drafts.undo(actor, waits.draft.dataset)
    assert (row().encoding, row().exif) == ("", "") and peeks.read(row()) is not None
    assert labels(seal()) == set(CYRILLIC)


def test_what_was_said_of_single_images_holds_however_their_names_are_read(client: Client, actor: Actor, waits: Addition) -> None:
    seen = peeks.read(waits)
    assert seen
    drafts.change_waiting(actor, waits.draft.dataset, waits.pk, [seen.images[0].digest], label="bee")
    read(client, waits, encoding="cp437")
    look(row())
    assert "changed (1)" in client.get(page(waits)).content.decode()


def test_an_encoding_in_which_nothing_can_be_shown_is_changed_where_that_is_said(client: Client, waits: Addition) -> None:
    assert 'name="encoding"' in client.get(page(waits)).content.decode()
    read(client, waits, encoding="koi8_r")
    peeks.reason(row()).write_text("No image of more.zip can be added.", "utf-8")
    html = client.get(page(waits)).content.decode()
    assert "No image of more.zip can be added." in html and '<option value="koi8_r" selected>' in html and '<option value="">' in html


def test_what_is_wrong_or_so_already_is_said(client: Client, actor: Actor, waits: Addition) -> None:
    assert "encoding: expected one of utf-8" in read(client, waits, encoding="klingon")
    assert "The images of more.zip are read so already." in read(client, waits, encoding="", exif="")
    with pytest.raises(ConfigError, match="exif: expected date"):
        drafts.read_addition(actor, waits.draft.dataset, waits.pk, exif="shoe size")
    drafts.change_addition(actor, waits.draft.dataset, waits.pk, out=True)
    with pytest.raises(InputError, match="do not wait in the draft any more"):
        drafts.read_addition(actor, waits.draft.dataset, waits.pk, exif="date")


def test_who_only_reads_is_told_how_names_are_read(signed_in: Callable[[Any], Client], viewer: Any, waits: Addition) -> None:
    html = signed_in(viewer).get(page(waits)).content.decode()
    assert "Some names do not say how they are written; they are read as cp866." in html and 'name="encoding"' not in html


def test_an_upload_in_parts_says_its_encoding_and_what_is_kept(dataset: Dataset, owner: Any, russian: Path) -> None:
    program = Program({"Authorization": f"Bearer {accounts.create_token(owner, 'write', None)}"}, "/api/v1/uploads")
    content = russian.read_bytes()
    path = program.begun(len(content), adds_to=dataset.id, encoding="cp1251", exif="camera, date")
    assert Upload.objects.get().adds == {"label": "", "encoding": "cp1251", "exif": "date,camera"}
    assert program.send(path, 0, content).status == 204 and (row().encoding, row().exif) == ("cp1251", "date,camera")
    answer = program.begin(10, adds_to=dataset.id, encoding="klingon", exif="shoe size")
    assert answer.status == 422 and set(json.loads(answer.body)["error"]["fields"]) == {"encoding", "exif"}


def test_an_upload_that_was_begun_before_comes_into_the_draft(dataset: Dataset, owner: Any, russian: Path) -> None:
    program = Program({"Authorization": f"Bearer {accounts.create_token(owner, 'write', None)}"}, "/api/v1/uploads")
    content = russian.read_bytes()
    path = program.begun(len(content), adds_to=dataset.id)
    Upload.objects.update(adds={"label": ""})
    assert program.send(path, 0, content).status == 204 and (row().encoding, row().exif) == ("", "")


def test_the_form_that_adds_images_offers_what_of_exif_is_kept(client: Client, dataset: Dataset, russian: Path) -> None:
    classes = f"/datasets/{dataset.id}/classes/"
    assert "as this dataset does: nothing" in client.get(classes).content.decode()
    Dataset.objects.update(options={"exif": "date,camera"})
    html = client.get(classes).content.decode()
    assert "as this dataset does: date and camera" in html and '<option value="none">nothing' in html
    with russian.open("rb") as file:
        client.post(f"/datasets/{dataset.id}/draft/add/", {"archive": file, "exif": "none"})
    assert row().exif == "none"
    with russian.open("rb") as file:
        answer = client.post(f"/datasets/{dataset.id}/draft/add/", {"archive": file, "exif": "shoe size"}, follow=True)
    assert "exif: expected date, camera, place" in answer.content.decode() and Addition.objects.count() == 1


def test_how_they_are_read_stands_in_the_file_of_changes(actor: Actor, dataset: Dataset, russian: Path) -> None:
    drafts.add(actor, dataset, russian, "more.zip", "bee", how={"encoding": "cp866", "exif": "none"})
    draft = drafts.current(dataset)
    assert draft
    (change,) = adding.changes(draft, dataset.folder)
    assert (change["encoding"], change["exif"]) == ("cp866", "none")
    Addition.objects.update(encoding="", exif="")
    (change,) = adding.changes(draft, dataset.folder)
    assert not {"encoding", "exif"} & change.keys()


def test_notes_and_columns_of_added_images_stand_in_the_next_version(actor: Actor, dataset: Dataset, tmp_path: Path, seal: Seal) -> None:
    from tests.classifier.images import write_zip

    files = {"x.jpg": photo(90, taken="2026:05:01 12:33:10"), "t.csv": b"file,ward\nx.jpg,north"}
    drafts.add(actor, dataset, write_zip(tmp_path / "more.zip", files), "more.zip", "bee", how={"exif": "date"})
    look(row())
    seen = peeks.read(row())
    assert seen and seen.columns == ["ward"]
    version = seal()
    about = json.loads((version.folder / "dataset.json").read_text())
    assert about["columns"] == ["ward", "exif_date"] and about["options"]["exif_added"] == ["date"]
    assert json.loads((version.folder / "metadata.jsonl").read_text().splitlines()[-1]) == ["north", "2026-05-01 12:33:10"]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        ({"encoding": "cp866"}, "Names in a.zip are read as Cyrillic, DOS (cp866)."),
        ({"encoding": ""}, "Names in a.zip are read as they read best."),
        ({"exif": "date,place"}, "Of what cameras noted in the images of a.zip, date and place is kept."),
        ({"exif": "none"}, "Of what cameras noted in the images of a.zip, nothing is kept."),
        ({"exif": ""}, "Of what cameras noted in the images of a.zip, what the dataset's import keeps is kept."),
    ],
)
def test_what_was_said_is_told_in_words(read: dict[str, str], words: str) -> None:
    assert reading.sentence("a.zip", read) == words
