"""Datasets whose images nobody sends: what is asked of an address or a server folder before its import waits in the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.checks import networks_are_networks, roots_are_folders
from webapp.datasets import actions, bringing, origins, queries, roots
from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs

ADDRESS = "https://example.org/data/farm_animals.tar.gz?key=secret"


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """A folder that is open for import: two folders with classes, one hidden, one link out and one file."""
    folder = tmp_path / "open" / "images"
    for name in ("birds/owl", "birds/tit", "Fish & chips", ".hidden"):
        (folder / name).mkdir(parents=True)
    (folder / "note.txt").write_text("x")
    (tmp_path / "private").mkdir()
    (folder / "way out").symlink_to(tmp_path / "private")
    (folder / "same birds").symlink_to(folder / "birds")
    settings.ROOTS = [str(folder)]
    return folder


def owned(actor_of: Any, owner: Any, **more: Any) -> Dataset:
    return bringing.from_address(actor_of(owner), "", more.pop("address", ADDRESS), **more)


def wrong(make: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        make()
    assert not Dataset.objects.exists()
    return caught.value.fields


def test_an_address_becomes_a_dataset_that_waits_and_fetches_nothing_itself(actor_of: Any, owner: Any) -> None:
    dataset = owned(actor_of, owner, import_options={"look": True})
    assert (dataset.name, dataset.archive_name, dataset.job.kind) == ("Farm animals", "farm_animals.tar.gz", "inspect")
    assert not dataset.folder.exists() and origins.source(dataset) == dataset.folder / "upload" / dataset.archive_file


def test_its_command_learns_the_address_by_its_environment(actor_of: Any, owner: Any, settings: Any) -> None:
    settings.FETCH_NETWORKS = ["10.1.0.1/16"]
    told = json.loads(origins.to_fetch(owned(actor_of, owner))["SYNSET_FETCH"])
    assert told == {"address": ADDRESS, "most_bytes": settings.UPLOAD_MAX_BYTES, "networks": ["10.1.0.0/16"]}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "begins with https:// or http://"),
        ("ftp://example.org/a.zip", "begins with https:// or http://"),
        ("https://me:word@example.org/a.zip", "holds a name or a password"),
        ("http://127.0.0.1:8000/a.zip", "private network or of this server itself"),
        (f"http://{'a.' * 150}org/a.zip", "has at most 253 characters; 303 came"),
        ("http://[fd00:ec2::254]/a.zip", "private network or of this server itself"),
        ("http://169.254.169.254/latest/", "private network or of this server itself"),
    ],
)
def test_what_is_no_public_address_is_told_at_its_field(actor_of: Any, owner: Any, address: str, words: str) -> None:
    assert words in wrong(lambda: owned(actor_of, owner, address=address))["address"]


def test_every_wrong_field_is_named_at_once(actor_of: Any, owner: Any) -> None:
    fields = wrong(lambda: bringing.from_address(actor_of(owner), "x" * 500, "nothing", {"split": "1/2/3", "seed": -1}))
    assert set(fields) == {"address", "name", "split", "seed"}


def test_a_server_that_downloads_nothing_says_so(actor_of: Any, owner: Any, settings: Any) -> None:
    settings.FETCH = False
    assert "downloads nothing" in wrong(lambda: owned(actor_of, owner))["address"]


def test_what_an_administrator_takes_back_holds_for_what_waits(actor_of: Any, owner: Any, settings: Any) -> None:
    dataset = owned(actor_of, owner)
    settings.FETCH = False
    with pytest.raises(InputError, match="downloads nothing any more"):
        origins.to_fetch(dataset)


def test_the_same_form_sent_twice_makes_one_dataset(actor_of: Any, owner: Any) -> None:
    first, again = (owned(actor_of, owner, key="a" * 64) for _ in range(2))
    assert first == again and Dataset.objects.count() == 1


def test_a_viewer_may_bring_nothing(actor_of: Any, viewer: Any, root: Path) -> None:
    for bring in (lambda: owned(actor_of, viewer), lambda: bringing.from_server(actor_of(viewer), "", str(root), "birds")):
        with pytest.raises(Forbidden):
            bring()


def test_a_dataset_of_an_address_stands_in_the_log_without_its_key(actor_of: Any, owner: Any) -> None:
    owned(actor_of, owner)
    entry = AuditEntry.objects.get()
    assert entry.verb == "dataset.create" and "example.org/data/farm_animals.tar.gz" in str(entry.detail)
    assert "secret" not in str(entry.detail)


def test_a_dataset_of_a_server_folder_stands_in_the_log(actor_of: Any, owner: Any, root: Path) -> None:
    bringing.from_server(actor_of(owner), "", str(root), "birds")
    entry = AuditEntry.objects.get()
    assert entry.verb == "dataset.create" and "images/birds" in str(entry.detail) and str(root) not in str(entry.detail)


def test_a_failed_download_is_tried_again_and_another_archive_takes_its_place(actor_of: Any, owner: Any, archive: Path) -> None:
    dataset = owned(actor_of, owner)
    jobs.fail(jobs.claim(dataset.job_id, "host@here:1"), "There is nothing at this address.", "address", retry=False)
    again = actions.retry(actor_of(owner), dataset)
    jobs.fail(jobs.claim(again.job_id, "host@here:1"), "There is nothing at this address.", "address", retry=False)
    replaced = actions.replace_archive(actor_of(owner), Dataset.objects.get(), archive, "better.zip")
    assert replaced.origin is None and queries.archive_path(replaced) and origins.to_fetch(replaced) == {}


def test_a_folder_is_read_where_it_lies(actor_of: Any, owner: Any, root: Path) -> None:
    dataset = bringing.from_server(actor_of(owner), "", str(root), "birds")
    assert (dataset.name, origins.source(dataset), origins.to_fetch(dataset)) == ("Birds", root / "birds", {})


def test_replacing_a_folder_by_an_archive_leaves_the_folder(actor_of: Any, owner: Any, root: Path, archive: Path) -> None:
    dataset = bringing.from_server(actor_of(owner), "", str(root), "birds")
    jobs.fail(jobs.claim(dataset.job_id, "host@here:1"), "Only one class came.", "bad_input", retry=False)
    replaced = actions.replace_archive(actor_of(owner), dataset, archive, "better.zip")
    assert (root / "birds" / "owl").is_dir() and origins.source(replaced) == queries.archive_path(replaced)


@pytest.mark.parametrize("folder", ["..", "birds/../..", "way out", "note.txt", "nothing", "a\0b", "/../../etc", "birds/" + "x" * 300])
def test_nothing_outside_a_root_is_a_folder_of_it(root: Path, folder: str) -> None:
    with pytest.raises(InputError, match="no such folder"):
        roots.inside(str(root), folder)


@pytest.mark.parametrize("folder", [".hidden", "birds/../.hidden", "/.hidden/", "birds/.git"])
def test_a_hidden_folder_is_not_picked_by_its_name_either(root: Path, folder: str) -> None:
    (root / "birds" / ".git").mkdir()
    with pytest.raises(InputError, match="no such folder"):
        roots.inside(str(root), folder)


def test_a_folder_that_nobody_opened_is_no_root(root: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        roots.inside(str(root.parent), "images")


def test_a_root_that_is_taken_back_is_read_no_more(actor_of: Any, owner: Any, root: Path, settings: Any) -> None:
    dataset = bringing.from_server(actor_of(owner), "", str(root), "birds")
    settings.ROOTS = []
    with pytest.raises(InputError, match="no such folder"):
        origins.source(dataset)


def test_a_listing_names_folders_alone_and_none_that_leads_out(root: Path) -> None:
    assert roots.listed(str(root), "") == (["birds", "Fish & chips", "same birds"], False, 1)


def test_the_picker_leads_down_and_back(signed_in: Any, editor: Any, root: Path) -> None:
    page = signed_in(editor).get("/datasets/new/server/", {"root": str(root), "folder": "birds"})
    text = page.content.decode()
    assert page.status_code == 200 and "owl" in text and 'aria-current="page">birds' in text and "note.txt" not in text


def test_with_one_root_the_picker_opens_it(signed_in: Any, editor: Any, root: Path) -> None:
    assert "Fish &amp; chips" in signed_in(editor).get("/datasets/new/server/").content.decode()


@pytest.mark.parametrize("asked", [{"folder": "../private"}, {"folder": "way out"}, {"root": "/etc"}])
def test_the_picker_shows_nothing_outside(signed_in: Any, editor: Any, root: Path, asked: dict[str, str]) -> None:
    assert signed_in(editor).get("/datasets/new/server/", {"root": str(root), **asked}).status_code == 404


def test_a_page_without_roots_says_who_can_name_some(signed_in: Any, editor: Any, settings: Any) -> None:
    settings.ROOTS = []
    assert "SYNSET_ROOTS" in signed_in(editor).get("/datasets/new/server/").content.decode()


def test_the_forms_lead_to_the_dataset(signed_in: Any, editor: Any, root: Path) -> None:
    client: Client = signed_in(editor)
    for address, body in (("address", {"address": ADDRESS}), ("folder", {"root": str(root), "folder": "birds", "name": "My birds"})):
        answer = client.post(f"/datasets/bring/{address}/", body)
        dataset = Dataset.objects.order_by("-id").first()
        assert dataset and answer.status_code == 302 and answer["Location"] == f"/datasets/{dataset.pk}/"
        assert client.get(answer["Location"]).status_code == 200


def test_a_wrong_form_comes_back_as_it_was_typed(signed_in: Any, editor: Any, root: Path) -> None:
    client: Client = signed_in(editor)
    answer = client.post("/datasets/bring/address/", {"address": "ftp://x/y.zip", "name": "Mine", "split": "60/20/20"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "ftp://x/y.zip" in text and 'value="Mine"' in text and "60/20/20" in text
    answer = client.post("/datasets/bring/folder/", {"root": str(root), "folder": "birds", "split": "1/2"})
    assert answer.status_code == 422 and 'value="birds"' in answer.content.decode()


@pytest.mark.parametrize("folder", ["birds\0", "birds/" + "a" * 5_000])
def test_a_folder_that_cannot_be_read_is_refused_and_not_taken_for_the_whole_root(folder, signed_in: Any, editor: Any, root: Path) -> None:
    answer = signed_in(editor).post("/datasets/bring/folder/", {"root": str(root), "folder": folder})
    assert answer.status_code == 422 and "Not imported" in answer.content.decode() and not Dataset.objects.exists()


@pytest.mark.parametrize("field", ["name", "split", "seed", "group", "most"])
def test_an_option_that_cannot_be_read_is_named_and_not_left_out(field, signed_in: Any, editor: Any, root: Path) -> None:
    for address, more in (
        ("/datasets/bring/folder/", {"root": str(root), "folder": "birds"}),
        ("/datasets/bring/address/", {"address": ADDRESS}),
    ):
        answer = signed_in(editor).post(address, more | {field: "a\0b"})
        assert answer.status_code == 422 and not Dataset.objects.exists()
        assert "Null characters are not allowed." in answer.content.decode()


def test_home_says_no_size_of_what_is_still_to_be_downloaded(signed_in: Any, editor: Any, actor_of: Any) -> None:
    owned(actor_of, editor)
    text = signed_in(editor).get("/").content.decode()
    assert "farm_animals.tar.gz" in text and "0 bytes" not in text


def test_the_key_of_an_address_is_shown_on_no_page(signed_in: Any, editor: Any, actor_of: Any) -> None:
    dataset = owned(actor_of, editor)
    client = signed_in(editor)
    for page in (f"/datasets/{dataset.pk}/", "/datasets/", "/", "/queue/", f"/api/v1/datasets/{dataset.pk}"):
        assert "secret" not in client.get(page).content.decode()


def test_a_start_with_networks_or_roots_that_are_none_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.FETCH_NETWORKS, settings.ROOTS = ["10.1.0.0/99"], ["relative", str(tmp_path / "nothing"), settings.SYNSET_HOME]
    assert [found.id for found in networks_are_networks(None)] == ["synset.E007"]
    assert [found.id for found in roots_are_folders(None)] == ["synset.E008", "synset.W004", "synset.E009"]
