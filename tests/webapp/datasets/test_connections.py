"""Connections to buckets: who makes them, what is kept of their keys and how, and what becomes of imports through them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.test import Client

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts import actions as accounts
from webapp.accounts.models import AuditEntry, Team
from webapp.checks import kinds_of_buckets_are_elsewhere
from webapp.datasets import bringing, connections, origins
from webapp.datasets.connections import trying
from webapp.datasets.models import Connection, Dataset

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
FIELDS = {"bucket": "photos", "prefix": "/2024/farm/", "region": "eu-central-1", "key": "AKIAIOSFODNN7EXAMPLE", "secret": SECRET}
PAGE = "/team/connections/"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What commands were told that would have asked a bucket; it opens."""
    told: list[dict[str, Any]] = []

    def answer(environment: dict[str, str]) -> dict[str, Any]:
        told.append(json.loads(environment["SYNSET_FETCH"]))
        return {"event": "connected", "message": "It opens: 3 objects below photos."}

    monkeypatch.setattr(trying, "last_event", answer)
    return told


@pytest.fixture
def made(actor_of: Any, owner: Any) -> Connection:
    return connections.make(actor_of(owner), "Farm photos", FIELDS)


def wrong(actor_of: Any, owner: Any, **fields: Any) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        connections.make(actor_of(owner), fields.pop("name", "Mine"), {**FIELDS, **fields})
    assert not Connection.objects.exists()
    return caught.value.fields


def test_what_opens_a_bucket_lies_encrypted_in_the_database(made: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM datasets_connection")
        row = str(cursor.fetchall())
    assert SECRET not in row and FIELDS["key"] not in row and "AKIA…MPLE" in row
    bucket = connections.bucket_of(made)
    assert (bucket.secret, bucket.key, bucket.prefix) == (SECRET, FIELDS["key"], "2024/farm") and SECRET not in repr(bucket)


def test_a_connections_lock_opens_for_no_other(made: Connection, actor_of: Any, owner: Any) -> None:
    other = connections.make(actor_of(owner), "Another", {"bucket": "elsewhere"})
    other.locked = made.locked
    with pytest.raises(InputError, match="cannot be read any more"):
        connections.bucket_of(other)


def test_a_secret_key_that_is_gone_is_told_in_words(made: Connection, settings: Any) -> None:
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(InputError, match="Farm photos cannot be read any more, since SECRET_KEY was changed"):
        connections.bucket_of(made)


def test_relock_lets_an_older_secret_key_go(made: Connection, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    call_command("relock", stdout=(said := StringIO()))
    settings.SECRET_KEY_FALLBACKS = []
    made.refresh_from_db()
    assert "1 connection locked" in said.getvalue() and connections.bucket_of(made).secret == SECRET


def test_relock_names_what_nothing_opens(made: Connection, settings: Any) -> None:
    settings.SECRET_KEY = "another" * 8
    call_command("relock", stdout=StringIO(), stderr=(said := StringIO()))
    assert "Birds: Farm photos opens with no key that is left" in said.getvalue()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "1 to 80 characters"),
        ("bucket", "evil.example.org/photos", "without a slash"),
        ("bucket", "", "3 to 63 letters"),
        ("region", "x.example.org/#", "a word such as"),
        ("prefix", "2024/../secret", "no . or .."),
        ("prefix", "a//b", "no empty part"),
        ("endpoint", "ftp://example.org", "begins with https:// or http://"),
        ("endpoint", "https://example.org/photos", "The address of the server alone"),
        ("endpoint", "http://169.254.169.254", "private network or of this server itself"),
        ("endpoint", "http://[::ffff:10.0.0.1]:9000", "private network or of this server itself"),
        ("secret", "", "is missing"),
        ("key", "", "is missing"),
        ("key", "a b", "without spaces"),
        ("kind", "file", "must be s3"),
    ],
)
def test_a_wrong_field_is_told_beside_it(actor_of: Any, owner: Any, field: str, value: str, words: str) -> None:
    assert words in wrong(actor_of, owner, **{field: value})[field]


def test_a_private_server_is_let_where_the_administrator_says_so(actor_of: Any, owner: Any, settings: Any) -> None:
    settings.FETCH_NETWORKS = ["10.1.0.0/16"]
    made = connections.make(actor_of(owner), "MinIO", {**FIELDS, "endpoint": "http://10.1.0.5:9000"})
    assert made.endpoint == "http://10.1.0.5:9000"


def test_a_name_is_given_once_in_a_team(made: Connection, actor_of: Any, owner: Any, member: Any) -> None:
    with pytest.raises(ConfigError, match="a connection Farm photos already"):
        connections.make(actor_of(owner), " Farm  photos ", FIELDS)
    elsewhere = member("owner", "other", Team.objects.create(name="Fungi"))
    assert connections.make(actor_of(elsewhere), "Farm photos", FIELDS).pk != made.pk


@pytest.mark.parametrize(("kind", "said"), [("gs", []), ("file", ["synset.E010"]), ("memory", ["synset.E010"]), ("a b", ["synset.E010"])])
def test_kinds_that_are_this_machines_own_are_refused_at_the_start(settings: Any, kind: str, said: list[str]) -> None:
    settings.BUCKET_KINDS = [kind]
    assert [found.id for found in kinds_of_buckets_are_elsewhere(None)] == said


def test_another_kind_keeps_its_options_under_lock(actor_of: Any, owner: Any, settings: Any) -> None:
    settings.BUCKET_KINDS = ["sftp"]
    fields = {"kind": "sftp", "bucket": "/srv/images", "options": {"host": "files.example.org", "password": "word"}}
    made = connections.make(actor_of(owner), "Files", fields)
    assert "word" not in made.locked and connections.bucket_of(made).options["password"] == "word"
    settings.BUCKET_KINDS = []
    dataset = bringing.from_bucket(actor_of(owner), "Mine", made, "")
    with pytest.raises(InputError, match="nothing of the kind sftp any more"):
        origins.to_fetch(dataset)


def test_options_that_nobody_wrote_are_an_empty_field(actor_of: Any, owner: Any, settings: Any, signed_in: Any) -> None:
    settings.BUCKET_KINDS = ["sftp"]
    connections.make(actor_of(owner), "Files", {"kind": "sftp", "bucket": "/srv/images", "options": {"host": "files.example.org"}})
    html = signed_in(owner).get(PAGE).content.decode()
    assert html.count('name="options"') == 2 and "null" not in html


def test_an_owner_makes_tests_rekeys_and_deletes_by_the_page(signed_in: Any, owner: Any, asked: list[dict[str, Any]]) -> None:
    client: Client = signed_in(owner)
    client.post(f"{PAGE}new/", {"name": "Farm photos", **FIELDS})
    made = Connection.objects.get()
    page = client.get(PAGE).content.decode()
    assert made.opened and "It opens: 3 objects" in page and "AKIA…MPLE" in page
    client.post(f"{PAGE}{made.pk}/key/", {"key": "AKIAANOTHERANOTHER00", "secret": "other"})
    client.post(f"{PAGE}{made.pk}/test/")
    assert [told["bucket"]["secret"] for told in asked] == [SECRET, "other", "other"]
    client.post(f"{PAGE}{made.pk}/delete/")
    assert not Connection.objects.exists()
    verbs = list(AuditEntry.objects.filter(verb__startswith="connection.").order_by("id").values_list("verb", flat=True))
    assert verbs == [f"connection.{verb}" for verb in ("create", "test", "key", "test", "test", "delete")]


def test_no_page_and_no_log_shows_what_opens_it(signed_in: Any, owner: Any, made: Connection, actor_of: Any, asked: Any) -> None:
    client: Client = signed_in(owner)
    dataset = bringing.from_bucket(actor_of(owner), "", made, "animals")
    client.post(f"{PAGE}{made.pk}/test/")
    for page in (
        PAGE,
        "/team/",
        "/team/audit/",
        "/datasets/new/bucket/",
        f"/datasets/{dataset.pk}/",
        "/queue/",
        f"/api/v1/datasets/{dataset.pk}",
    ):
        text = client.get(page).content.decode()
        assert SECRET not in text and FIELDS["key"] not in text, page


def test_a_wrong_form_comes_back_without_its_secret(signed_in: Any, owner: Any, asked: Any) -> None:
    answer = signed_in(owner).post(f"{PAGE}new/", {"name": "Mine", **FIELDS, "bucket": "a/b"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "without a slash" in text and 'value="a/b"' in text and SECRET not in text
    assert asked == []


def test_a_refused_key_leaves_the_old_one(signed_in: Any, owner: Any, made: Connection, asked: Any) -> None:
    answer = signed_in(owner).post(f"{PAGE}{made.pk}/key/", {"key": "only"})
    made.refresh_from_db()
    assert answer.status_code == 422 and "keeps its key" in answer.content.decode() and connections.bucket_of(made).secret == SECRET


def test_an_editor_sees_names_and_no_page_of_keys(signed_in: Any, editor: Any, made: Connection) -> None:
    client = signed_in(editor)
    text = client.get("/datasets/new/bucket/").content.decode()
    assert "Farm photos (photos/2024/farm)" in text and "AKIA" not in text and client.get(PAGE).status_code == 404


def test_an_editor_without_a_connection_learns_who_makes_one(signed_in: Any, editor: Any) -> None:
    assert "An owner of the team makes one" in signed_in(editor).get("/datasets/new/bucket/").content.decode()


def test_the_form_leads_to_a_dataset_that_waits(signed_in: Any, editor: Any, made: Connection) -> None:
    answer = signed_in(editor).post("/datasets/bring/bucket/", {"connection": made.pk, "path": "/animals/", "look": "1"})
    dataset = Dataset.objects.get()
    assert answer["Location"] == f"/datasets/{dataset.pk}/" and (dataset.name, dataset.job.kind) == ("Animals", "inspect")
    assert dataset.origin == {"kind": "bucket", "connection": made.pk, "name": "Farm photos", "path": "animals"}
    assert SECRET not in str(dataset.origin) and origins.words(dataset) == "Farm photos/animals"


def test_a_path_that_leads_elsewhere_is_told_at_its_field(signed_in: Any, editor: Any, made: Connection) -> None:
    answer = signed_in(editor).post("/datasets/bring/bucket/", {"connection": made.pk, "path": "animals/../../x", "name": "Mine"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "no . or .." in text and "animals/../../x" in text and not Dataset.objects.exists()


def test_its_command_learns_the_key_by_its_environment(actor_of: Any, owner: Any, made: Connection, settings: Any) -> None:
    told = json.loads(origins.to_fetch(bringing.from_bucket(actor_of(owner), "", made, "animals"))["SYNSET_FETCH"])
    assert told["bucket"]["secret"] == SECRET and told["path"] == "animals" and told["most_bytes"] == settings.UPLOAD_MAX_BYTES


def test_an_import_through_a_connection_that_is_gone_says_so(actor_of: Any, owner: Any, made: Connection) -> None:
    dataset = bringing.from_bucket(actor_of(owner), "", made, "animals")
    connections.delete(actor_of(owner), made)
    with pytest.raises(InputError, match="The connection Farm photos was deleted"):
        origins.to_fetch(dataset)


def test_a_server_that_fetches_nothing_says_so_everywhere(signed_in: Any, owner: Any, made: Connection, settings: Any) -> None:
    settings.FETCH = False
    client: Client = signed_in(owner)
    assert "SYNSET_FETCH" in client.get("/datasets/new/bucket/").content.decode()
    assert "SYNSET_FETCH" in client.get(PAGE).content.decode()
    assert client.post("/datasets/bring/bucket/", {"connection": made.pk}).status_code == 422
    client.post(f"{PAGE}{made.pk}/test/")
    made.refresh_from_db()
    assert made.tried_at is None


def test_a_test_that_comes_to_no_end_is_told(actor_of: Any, owner: Any, made: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "last_event", lambda environment, *words: {})
    assert not connections.attempt(actor_of(owner), made) and "came to no end" in made.words


def test_no_more_than_two_are_tested_at_a_time(actor_of: Any, owner: Any, made: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "AT_A_TIME", type("Busy", (), {"acquire": lambda self, timeout: False})())
    with pytest.raises(InputError, match="Other connections are being tested"):
        connections.attempt(actor_of(owner), made)


def test_a_real_test_tells_that_a_private_name_is_not_asked(actor_of: Any, owner: Any) -> None:
    made = connections.make(actor_of(owner), "Own", {**FIELDS, "endpoint": "http://localhost:9"})
    assert not connections.attempt(actor_of(owner), made) and "of a private network" in made.words


@pytest.mark.parametrize("path", ["animals\0", "a" * 20_000])
def test_a_folder_that_cannot_be_read_is_refused_and_not_taken_for_the_whole_bucket(
    path: str, made: Connection, signed_in: Any, owner: Any
) -> None:
    answer = signed_in(owner).post("/datasets/bring/bucket/", {"connection": made.pk, "path": path, "name": "All"})
    assert answer.status_code == 422 and not Dataset.objects.exists()


def test_a_copy_that_is_whole_is_imported_though_its_connection_is_gone(made: Connection, actor_of: Any, owner: Any) -> None:
    dataset = bringing.from_bucket(actor_of(owner), "Mine", made, "animals.zip")
    assert origins.to_fetch(dataset)
    here = origins.source(dataset)
    assert here is not None
    here.parent.mkdir(parents=True)
    here.write_bytes(b"whole")
    connections.delete(actor_of(owner), made)
    assert origins.to_fetch(dataset) == {}


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was asked of a bucket of two folders and an archive."""
    told: list[tuple[str, ...]] = []

    def answer(environment: dict[str, str], *words: str) -> dict[str, Any]:
        told.append(words)
        if words == ("--list=nowhere",):
            return {"event": "error", "message": "There is nothing at photos/2024/farm/nowhere; look at the folder's name."}
        found = {"folders": ["co&ws", "<b>"], "archives": ["pets.zip"], "others": 3, "more": True, "unnamed": 1}
        return {"event": "listed", "folder": words[0].removeprefix("--list="), "message": "", **found}

    monkeypatch.setattr(trying, "last_event", answer)
    return told


def test_an_editor_looks_into_a_bucket_and_goes_on_from_there(signed_in: Any, editor: Any, made: Connection, levels: Any) -> None:
    client = signed_in(editor)
    page = client.get(f"/datasets/new/bucket/folders/?connection={made.pk}&path=a/b").content.decode()
    assert levels == [("--list=a/b",)]
    assert "path=a/b/co%26ws" in page.replace("%2F", "/") and "&lt;b&gt;" in page and "<b>" not in page
    assert 'data-bucket-path="a/b/pets.zip"' in page and 'data-path="a/b"' in page and "first ones" in page
    assert "3 other objects directly in it" in page and "1 folder of names that cannot be chosen" in page
    lost = client.get(f"/datasets/new/bucket/folders/?connection={made.pk}&path=nowhere").content.decode()
    assert "There is nothing at photos/2024/farm/nowhere" in lost and "data-trouble" in lost
    assert "no . or .." in client.get(f"/datasets/new/bucket/folders/?connection={made.pk}&path=a/../b").content.decode()
    assert len(levels) == 2


def test_a_look_into_a_bucket_opened_in_a_tab_leads_to_its_page(signed_in: Any, editor: Any, made: Connection, levels: Any) -> None:
    answer = signed_in(editor).get(f"/datasets/new/bucket/folders/?connection={made.pk}&path=a", headers={"Accept": "text/html"})
    assert answer.status_code == 302 and answer.url == f"/datasets/new/bucket/?connection={made.pk}" and not levels


def test_programs_look_into_a_bucket(owner: Any, made: Connection, levels: Any) -> None:
    token = accounts.create_token(owner, "read", None)
    client, address = Client(), f"/api/v1/connections/{made.pk}/folders"
    assert client.get(address, headers={"Authorization": f"Bearer {token}"}).status_code == 403
    token = accounts.create_token(owner, "write", None)
    answer = client.get(f"{address}?path=a", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"folder": "a", "folders": ["co&ws", "<b>"], "archives": ["pets.zip"], "others": 3, "more": True}
    assert client.get(f"{address}?path=nowhere", headers={"Authorization": f"Bearer {token}"}).status_code == 422
