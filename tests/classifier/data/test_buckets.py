"""What lies in a bucket becomes one file here: an archive as it is, a folder as a tar. moto does as S3 does; another server misbehaves."""

from __future__ import annotations

import asyncio
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest

from classifier.data.left import MARK
from classifier.data.remote import copying, patience
from classifier.data.remote.connecting import connect, listed
from classifier.data.remote.copying import copy
from classifier.data.remote.others import OtherStore
from classifier.data.remote.part import Part
from classifier.data.remote.stores import Wanted
from classifier.spec.buckets import Bucket
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from tests.classifier.buckets import LOOPBACK, Fake, Moto, faking, moto
from tests.classifier.images import class_folders, write_zip

PETS = class_folders(2)


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto() as running:
        yield running


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faking(Fake(dict(PETS))) as served:
        yield served


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(patience, "WAITS_SECONDS", (0.0, 0.0))


def wanted(bucket: Bucket, path: str = "", most_bytes: int = 1 << 30, networks: tuple[str, ...] = LOOPBACK) -> Wanted:
    return Wanted(bucket, path, most_bytes, networks)


def members(path: Path) -> dict[str, bytes]:
    """What a copy holds of regular files; what could not be had as the word for it."""
    found = {}
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                found[member.name] = member.pax_headers.get(MARK, "").encode() or file.read()
    return found


def refusal(make: Any) -> str:
    with pytest.raises(ClassifierError) as caught:
        make()
    return caught.value.message


def test_a_folder_of_objects_becomes_a_tar_of_them(server: Moto, tmp_path: Path) -> None:
    bucket = server.filled("folders", {f"2024/{name}": content for name, content in PETS.items()} | {"other.png": b"x"})
    copy(wanted(bucket, "2024"), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == PETS
    assert [path.name for path in tmp_path.iterdir()] == ["copy.tar"]


def test_a_connections_own_folder_is_all_that_is_seen(server: Moto, tmp_path: Path) -> None:
    bucket = server.filled("bounded", {f"mine/{name}": content for name, content in PETS.items()} | {"minerals/a.png": b"x"})
    copy(wanted(replace(bucket, prefix="mine")), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == PETS


def test_an_object_that_is_an_archive_is_taken_as_it_is(server: Moto, tmp_path: Path) -> None:
    content = write_zip(tmp_path / "pets.zip", PETS).read_bytes()
    copy(wanted(server.filled("archives", {"in/pets.zip": content}), "in/pets.zip"), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content


def test_an_object_of_many_pieces_is_put_together(server: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PIECE_BYTES", 1_000)
    content = bytes(range(256)) * 100
    bucket = server.filled("pieces", {"a.zip": content, "cat/b.png": content[:25_123], "cat/c.png": b"", "cat/d.png": b"d"})
    copy(wanted(bucket, "a.zip"), tmp_path / "one")
    copy(wanted(bucket, "cat"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == content
    assert members(tmp_path / "two") == {"b.png": content[:25_123], "c.png": b"", "d.png": b"d"}


NAMES = ["../x.png", "/root.png", "a//b.png", "猫/ねこ (1).png", "sp ace/+plus&amp;%41.png", "back\\slash.png", f"d/{'long' * 60}.png"]


def test_strange_names_come_as_they_are_and_lead_nowhere(server: Moto, tmp_path: Path) -> None:
    bucket = server.filled("names", {name: name.encode() for name in NAMES})
    (tmp_path / "in").mkdir()
    copy(wanted(bucket), tmp_path / "in" / "copy.tar")
    found = members(tmp_path / "in" / "copy.tar")
    assert sorted(found) == sorted(NAMES) and all(found[name] == name.encode() for name in NAMES[2:])
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "copy.tar"]


def test_what_an_import_would_not_read_is_named_and_not_fetched(fake: Fake, tmp_path: Path) -> None:
    fake.objects |= {"film.mp4": b"x" * 5000, "cat/.DS_Store": b"x", "inner.zip": b"x", "labels.csv": b"a,b"}
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    found = members(tmp_path / "copy.tar")
    assert (found["film.mp4"], found["inner.zip"], found["labels.csv"]) == (b"", b"", b"a,b")
    assert {"film.mp4", "cat/.DS_Store", "inner.zip"}.isdisjoint(fake.read)


def test_the_list_comes_in_pages(fake: Fake, tmp_path: Path) -> None:
    fake.objects, fake.page = {f"cat/{number:04}.png": b"%d" % number for number in range(250)}, 100
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == fake.objects
    assert sum("list-type" in query for _, query, _ in fake.asked) == 6  # three to count, three to copy


def test_progress_tells_bytes_and_time(fake: Fake, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    copy(wanted(fake.bucket), tmp_path / "copy.tar", told.append)
    stages = [event["message"] for event in told if event["event"] == "stage"]
    assert stages == ["Listing photos", f"Copying {len(PETS)} objects from photos"]
    progress = [event for event in told if event["event"] == "progress"]
    assert progress and progress[0]["unit"] == "bytes" and progress[0]["total"] == sum(map(len, PETS.values()))


def cut(fake: Fake, after: str) -> None:
    """From that key on the server is busy."""
    fake.answer = lambda key, query, headers: (503, {}, b"") if key >= after and "list-type" not in query else None


def test_a_copy_that_broke_off_goes_on_behind_the_last_object(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.objects = {f"cat/{number:03}.png": b"%d" % number for number in range(100)}
    monkeypatch.setattr(Part, "is_due", lambda part, file: True)
    cut(fake, "cat/050.png")
    with pytest.raises(ClassifierError, match="does not go on") as caught:
        copy(wanted(fake.bucket), tmp_path / "copy.tar")
    assert caught.value.retry and not (tmp_path / "copy.tar").exists()
    fake.answer, fake.asked = lambda *_: None, []
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == fake.objects and min(fake.read) == "cat/050.png"


def test_an_archive_goes_on_where_it_stopped_while_it_is_the_same(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(Part, "is_due", lambda part, file: True)
    fake.objects = {"a.zip": bytes(range(250)) * 40}
    fake.answer = lambda key, query, headers: (503, {}, b"") if headers.get("Range", "").startswith("bytes=5000-") else None
    refusal(lambda: copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy"))
    fake.answer, fake.asked = lambda *_: None, []
    copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == fake.objects["a.zip"]
    assert next(headers["Range"] for _, _, headers in fake.asked if "Range" in headers).startswith("bytes=5000-")


def test_an_archive_that_was_changed_begins_anew(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(Part, "is_due", lambda part, file: True)
    fake.objects = {"a.zip": bytes(range(250)) * 40}

    def change(key: str, query: dict[str, str], headers: dict[str, str]) -> None:
        if headers.get("Range", "").startswith("bytes=5000-"):
            fake.objects = {"a.zip": b"new" * 3000}

    fake.answer = change
    assert "was changed in the bucket" in refusal(lambda: copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy"))
    fake.answer = lambda *_: None
    copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"new" * 3000


def test_a_copy_is_cancelled_while_the_server_is_silent(fake: Fake, tmp_path: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    def silent(key: str, query: dict[str, str], headers: dict[str, str]) -> None:
        if "list-type" not in query:
            asked.set()
            over.wait(120)

    fake.answer = silent
    began = time.monotonic()
    with pytest.raises(Interrupted):
        copy(wanted(fake.bucket), tmp_path / "copy.tar", should_stop=asked.is_set)
    over.set()
    assert time.monotonic() - began < 60


def test_objects_that_cannot_be_had_are_named_with_the_reason(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PIECE_BYTES", 1_000)
    fake.objects = {f"cat/{name}.png": name.encode() * 2_500 for name in "abcde"}
    answers = {
        "cat/a.png": (404, {}, b"<Error><Code>NoSuchKey</Code></Error>"),
        "cat/b.png": (403, {}, b"<Error><Code>AccessDenied</Code></Error>"),
        "cat/c.png": (403, {}, b"<Error><Code>InvalidObjectState</Code></Error>"),
        "cat/d.png": (412, {}, b"<Error><Code>PreconditionFailed</Code></Error>"),
    }
    # the last but one goes when its first pieces are here already
    late = {"cat/d.png": "bytes=2000-2499"}
    fake.answer = lambda key, query, headers: answers.get(key) if headers.get("Range", "") == late.get(key, headers.get("Range")) else None
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    named = {"a": b"gone", "b": b"refused", "c": b"stored_away", "d": b"changed", "e": b"e" * 2_500}
    assert members(tmp_path / "copy.tar") == {f"cat/{name}.png": content for name, content in named.items()}


def test_a_small_object_that_was_changed_meanwhile_comes_as_it_is_now(fake: Fake, tmp_path: Path) -> None:
    def change(key: str, query: dict[str, str], headers: dict[str, str]) -> None:
        if key and "If-Match" in headers:
            fake.objects[key] = b"newer, and longer"

    fake.objects = {"cat/a.png": b"first"}
    fake.answer = change
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == {"cat/a.png": b"newer, and longer"}


def test_a_server_that_is_busy_for_a_moment_is_asked_again(fake: Fake, tmp_path: Path) -> None:
    busy = [503, 429]
    fake.answer = lambda *_: (busy.pop(), {}, b"") if busy else None
    copy(wanted(fake.bucket), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == PETS


def test_wrong_keys_are_told_as_what_they_are(server: Moto, tmp_path: Path) -> None:
    bucket = server.filled("keys", PETS)
    good = replace(bucket, **server.reader("reader"))
    try:
        assert connect(good, LOOPBACK)["objects"] == len(PETS)
        for wrong in (replace(good, secret="wrong"), replace(good, key="AKIAIOSFODNN7EXAMPLE")):
            assert "does not take the key and its secret" in refusal(lambda bucket=wrong: connect(bucket, LOOPBACK))
            assert "does not take the key and its secret" in refusal(lambda bucket=wrong: copy(wanted(bucket), tmp_path / "copy.tar"))
    finally:
        server.open_calls("1000000")
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_told_by_the_list_where_an_answer_has_no_body(fake: Fake, tmp_path: Path) -> None:
    unknown = (403, {}, b"<Error><Code>InvalidAccessKeyId</Code></Error>")
    fake.answer = lambda key, query, headers: unknown if "list-type" in query else (400, {}, b"")
    assert "does not take the key and its secret" in refusal(lambda: copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy"))


def test_a_bucket_or_folder_that_is_not_there_is_told(server: Moto, tmp_path: Path) -> None:
    bucket = server.filled("there", PETS)
    missing = replace(bucket, bucket="nowhere")
    for ask in (lambda: connect(missing, LOOPBACK), lambda: copy(wanted(missing, "a.zip"), tmp_path / "copy")):
        assert "There is no bucket nowhere at 127.0.0.1" in refusal(ask)
    assert "There is nothing at there/dogs" in refusal(lambda: copy(wanted(bucket, "dogs"), tmp_path / "copy"))
    single = next(iter(PETS))
    assert "is a single file and no archive" in refusal(lambda: copy(wanted(bucket, single), tmp_path / "copy"))


def test_a_bucket_for_everybody_opens_without_a_key(fake: Fake, tmp_path: Path) -> None:
    copy(wanted(replace(fake.bucket, key="", secret="")), tmp_path / "copy.tar")
    assert members(tmp_path / "copy.tar") == PETS and not any("Authorization" in headers for _, _, headers in fake.asked)


def test_nothing_of_this_machines_own_settings_is_used(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile mine]\nendpoint_url = http://127.0.0.1:1\n")
    own = {"AWS_ACCESS_KEY_ID": "OWNKEY", "AWS_SECRET_ACCESS_KEY": "own", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_PROFILE": "mine"}
    for name, value in {**own, "AWS_CONFIG_FILE": str(tmp_path / "config"), "HTTP_PROXY": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    assert connect(fake.bucket, LOOPBACK)["objects"] == len(PETS)
    assert "OWNKEY" not in str(fake.asked)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_of_a_private_network_is_not_asked(fake: Fake, tmp_path: Path, host: str) -> None:
    bucket = replace(fake.bucket, endpoint=fake.bucket.endpoint.replace("127.0.0.1", host))
    assert "of a private network" in refusal(lambda: connect(bucket))
    assert "of a private network" in refusal(lambda: copy(wanted(bucket, networks=()), tmp_path / "copy"))
    assert fake.asked == []


def test_a_name_that_means_another_server_a_moment_later_leads_nowhere(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.data.remote.s3.number_of", lambda place, let: "93.184.216.34")  # as it was when it was judged
    bucket = replace(fake.bucket, endpoint=fake.bucket.endpoint.replace("127.0.0.1", "localhost"))
    assert "of a private network" in refusal(lambda: connect(bucket)) and fake.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(fake: Fake, tmp_path: Path, status: int) -> None:
    with faking(Fake(dict(PETS))) as elsewhere:
        address = f"http://127.0.0.1:{elsewhere.port}/photos"
        body = b"<Error><Code>PermanentRedirect</Code><Endpoint>127.0.0.1:%d</Endpoint></Error>" % elsewhere.port
        fake.answer = lambda *_: (status, {"Location": address, "x-amz-bucket-region": "x@127.0.0.1"}, body)
        refusal(lambda: copy(wanted(fake.bucket), tmp_path / "copy"))
        assert elsewhere.asked == []


def test_a_server_that_hangs_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.data.remote.connecting.WHOLE_SECONDS", 1.0)
    over = threading.Event()
    fake.answer = lambda *_: over.wait(120) and None
    began = time.monotonic()
    assert "No answer of http://127.0.0.1" in refusal(lambda: connect(fake.bucket, LOOPBACK))
    over.set()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "body", [b"<html><body>Welcome</body></html>", b"\x00\xff", b"<ListBucketResult><Contents></Contents></ListBucketResult>"]
)
def test_a_server_that_does_not_speak_s3_is_told(fake: Fake, tmp_path: Path, body: bytes) -> None:
    fake.answer = lambda *_: (200, {}, body)
    said = refusal(lambda: copy(wanted(fake.bucket), tmp_path / "copy"))
    assert "does not answer as S3 does" in said or "does not go on" in said


def test_a_list_without_end_comes_to_one(fake: Fake, tmp_path: Path) -> None:
    pages = iter(range(10**9))

    def endless(key: str, query: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        token = f"<NextContinuationToken>{next(pages)}</NextContinuationToken>"
        return 200, {}, f"<ListBucketResult><IsTruncated>true</IsTruncated>{token}</ListBucketResult>".encode()

    fake.answer = endless
    assert "does not come to an end" in refusal(lambda: copy(wanted(fake.bucket), tmp_path / "copy"))


def test_a_list_of_what_was_not_asked_for_is_refused(fake: Fake, tmp_path: Path) -> None:
    items = b"<ListBucketResult><Contents><Key>other/a.png</Key><Size>1</Size></Contents></ListBucketResult>"
    fake.answer = lambda key, query, headers: (200, {}, items) if "list-type" in query else (404, {}, b"")
    assert "lists what is not below mine/" in refusal(lambda: copy(wanted(replace(fake.bucket, prefix="mine")), tmp_path / "copy"))


def test_a_server_without_parts_of_objects_is_told(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PIECE_BYTES", 100)
    fake.objects = {"a.zip": b"x" * 500}
    fake.answer = lambda key, query, headers: (200, {}, b"x" * 500) if "Range" in headers else None
    assert "gives no parts of objects" in refusal(lambda: copy(wanted(fake.bucket, "a.zip"), tmp_path / "copy"))


def test_what_is_too_large_is_refused_before_anything_is_copied(fake: Fake, tmp_path: Path) -> None:
    fake.objects = {"a.png": b"x" * 600, "b.zip": b"x" * 1200}
    assert "this server takes up to 1,000 bytes" in refusal(lambda: copy(wanted(fake.bucket, "b.zip", 1_000), tmp_path / "copy"))
    fake.objects = {"a.png": b"x" * 600, "b.png": b"x" * 600}
    assert "this server takes up to 1,000 bytes" in refusal(lambda: copy(wanted(fake.bucket, "", 1_000), tmp_path / "copy"))
    assert fake.read == ["b.zip"] and list(tmp_path.iterdir()) == []


def test_what_an_earlier_copy_left_goes_with_one_that_is_refused(fake: Fake, tmp_path: Path) -> None:
    """On a full disk, or killed, it leaves its account half written."""
    for name in ("copy.part", "copy.part.json", "copy.part.json.new"):
        (tmp_path / name).write_text("{")
    assert "this server takes up to 10 bytes" in refusal(lambda: copy(wanted(fake.bucket, most_bytes=10), tmp_path / "copy"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_copied(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 100

    monkeypatch.setattr("classifier.data.remote.download.shutil.disk_usage", lambda folder: Usage)
    assert "Free some space" in refusal(lambda: copy(wanted(fake.bucket), tmp_path / "copy")) and fake.read == []


def test_a_key_that_lists_and_may_not_read_is_told(fake: Fake, tmp_path: Path) -> None:
    denied = (403, {}, b"<Error><Code>AccessDenied</Code></Error>")
    fake.answer = lambda key, query, headers: None if "list-type" in query else denied
    for ask in (lambda: connect(fake.bucket, LOOPBACK), lambda: copy(wanted(fake.bucket), tmp_path / "copy")):
        assert "lets nobody read photos with this key" in refusal(ask)


def test_what_fsspec_opens_is_copied_in_the_same_way(tmp_path: Path) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    for name, content in PETS.items():
        files.pipe_file(f"/stored/2024/{name}", content)
    bucket = Bucket(kind="memory", bucket="/stored")
    with pytest.raises(InputError, match="is of this server itself"):
        connect(bucket)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifier.data.remote.others.LOCAL", frozenset())
        assert connect(bucket)["objects"] == len(PETS)
        copy(wanted(bucket, "2024"), tmp_path / "copy.tar")
        assert "There is nothing at" in refusal(lambda: copy(wanted(bucket, "2025"), tmp_path / "none"))
    assert members(tmp_path / "copy.tar") == PETS


def test_a_page_that_was_cut_off_for_its_slowness_loses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread cannot be ended: it takes the files of a list that nobody waits for any more."""
    import fsspec

    monkeypatch.setattr("classifier.data.remote.others.LOCAL", frozenset())
    names = ["a/1.png", "a/2.png", "b/1.png", "b/2.png", "c/1.png"]
    for name in names:
        fsspec.filesystem("memory").pipe_file(f"/slow/{name}", b"x")

    async def after_a_cut() -> list[str]:
        loop, listing, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
        loop.set_default_executor(ThreadPoolExecutor(1))  # what is asked next comes behind the thread that goes on
        async with OtherStore(Bucket(kind="memory", bucket="/slow")) as store:
            listed = store.files.ls

            def slow(place: str, **options: Any) -> Any:
                if place.endswith("/b"):
                    loop.call_soon_threadsafe(listing.set)
                    go_on.wait(60)
                return listed(place, **options)

            monkeypatch.setattr(store.files, "ls", slow)
            first = await store.page("", "", None, most=2)
            cut = asyncio.create_task(store.page("", "a/2.png", first.following, most=2))
            await asyncio.wait_for(listing.wait(), 60)
            cut.cancel()
            await asyncio.wait([cut])
            go_on.set()
            again = await store.page("", "a/2.png", first.following, most=10)
        return [found.key for found in (*first.found, *again.found)]

    assert asyncio.run(after_a_cut()) == names


def test_a_kind_whose_package_is_missing_is_told() -> None:
    assert "cannot be opened here" in refusal(lambda: connect(Bucket(kind="gs", bucket="photos")))


def test_a_folder_of_a_bucket_is_looked_into_one_level_at_a_time(server: Moto) -> None:
    objects = {f"2024/{name}": b"x" for name in ("cats/a.png", "cats/deep/b.png", "dogs/c.png", "d.png", "pets.ZIP", "e.tar.gz")}
    bucket = server.filled("levels", objects | {"readme.txt": b"x", "2024/": b"", "2024//odd.png": b"x"})
    top = listed(bucket, "", LOOPBACK)
    assert (top["folders"], top["archives"], top["others"], top["more"]) == (["2024"], [], 1, False)
    below = listed(bucket, "/2024/", LOOPBACK)
    assert (below["folders"], below["archives"], below["others"]) == (["cats", "dogs"], ["e.tar.gz", "pets.ZIP"], 1)
    assert below["unnamed"] == 1 and below["message"] == "2 folders, 2 archives, 1 other object directly in levels/2024."
    within = listed(replace(bucket, prefix="2024"), "cats", LOOPBACK)
    assert (within["folders"], within["others"]) == (["deep"], 1)


@pytest.mark.parametrize(
    ("folder", "why"), [("nowhere", "nothing at shut/nowhere"), ("a/../b", "no . or .."), ("a\nb", "no control characters")]
)
def test_a_folder_that_cannot_be_looked_into_is_refused_in_words(folder: str, why: str, server: Moto) -> None:
    bucket = Bucket(bucket="shut", endpoint=server.endpoint, key="testing", secret="testing")
    with suppress(Exception):
        server.client().create_bucket(Bucket="shut")
    assert why in refusal(lambda: listed(bucket, folder, LOOPBACK))


def test_a_list_that_leads_elsewhere_is_refused(fake: Fake) -> None:
    answer = b"<ListBucketResult><Name>photos</Name><CommonPrefixes><Prefix>other/</Prefix></CommonPrefixes></ListBucketResult>"
    fake.answer = lambda key, query, headers: (200, {"Content-Type": "application/xml"}, answer) if "delimiter" in query else None
    assert "does not speak S3" in refusal(lambda: listed(fake.bucket, "mine", LOOPBACK))


def test_other_kinds_are_looked_into_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "pets.tar").write_bytes(b"x")
    store = OtherStore(Bucket(kind="sftp", bucket=str(tmp_path)))
    store.files = fsspec.filesystem("file")
    found = asyncio.run(store.level(""))
    assert (found.folders, found.objects, found.more) == (["cats"], [("pets.tar", 1)], False)
