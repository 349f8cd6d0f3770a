"""Archives in parts: what the tus 1.0.0 protocol promises, spoken to the real views, behind a token and behind a session."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.webapp.datasets.tus_kit import PART_TYPE, Program, metadata
from webapp.accounts import actions as accounts
from webapp.accounts.models import AuditEntry
from webapp.datasets import files
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.queries import archive_path
from webapp.datasets.uploads import begin, receive
from webapp.jobs.models import Job

CONTENT = random.Random(5).randbytes(3_000_000)


@pytest.fixture(autouse=True)
def no_part_is_left(settings: Any) -> Iterator[Path]:
    folder = Path(settings.SYNSET_HOME) / "uploads"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def program(editor: Any) -> Program:
    """An editor's, with a token."""
    return Program({"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}, "/api/v1/uploads")


@pytest.fixture
def from_page(editor: Any, signed_in: Callable[[Any], Client]) -> Program:
    """The same person's, on the upload page."""
    client = signed_in(editor)
    key = client.get("/datasets/new/").cookies["synset_csrf"].value
    cookies = f"synset_session={client.cookies['synset_session'].value}; synset_csrf={key}"
    return Program({"Cookie": cookies, "X-CSRFToken": key}, "/datasets/uploads/")


@pytest.fixture(params=["program", "from_page"])
def sender(request: pytest.FixtureRequest) -> Program:
    made: Program = request.getfixturevalue(request.param)
    return made


def digest(dataset: Dataset) -> str:
    path = archive_path(dataset)
    assert path
    return hashlib.sha256(path.read_bytes()).hexdigest()


def only_dataset() -> Dataset:
    """The one dataset; it waits for its one import, with the bytes that were sent."""
    dataset = Dataset.objects.get()
    assert Job.objects.count() == 1 and dataset.job.state == "queued"
    assert digest(dataset) == hashlib.sha256(CONTENT).hexdigest() and dataset.archive_bytes == len(CONTENT)
    return dataset


def test_options_tell_what_the_server_can(program: Program, settings: Any) -> None:
    answer = program.speak("OPTIONS", program.creation)
    assert answer.status == 204 and answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,termination,checksum"
    assert answer.headers["tus-max-size"] == str(settings.UPLOAD_MAX_BYTES)


def test_a_new_upload_has_an_address_and_nothing_yet(sender: Program) -> None:
    answer = sender.begin(len(CONTENT))
    head = sender.head(answer.headers["location"])
    assert (answer.status, head.status, head.offset, head.headers["upload-length"]) == (201, 200, 0, str(len(CONTENT)))
    assert "no-store" in head.headers["cache-control"] and answer.headers["upload-expires"].endswith("GMT")


def test_the_metadata_comes_back_as_it_was_sent(sender: Program) -> None:
    path = sender.begun(10, name="Hens", filetype="application/zip")
    assert sender.head(path).headers["upload-metadata"] == metadata(filename="hens.zip", name="Hens", filetype="application/zip")


def test_an_archive_in_one_part_becomes_a_dataset_that_waits_for_its_import(sender: Program) -> None:
    path = sender.begun(len(CONTENT), name="Hens", split="80/10/10", seed="7")
    answer = sender.send(path, 0, CONTENT)
    dataset = only_dataset()
    assert answer.status == 204 and answer.offset == len(CONTENT) and answer.headers["synset-dataset"] == dataset.id
    assert dataset.name == "Hens" and dataset.options == {"split": "80/10/10", "seed": 7, "group": None}
    assert dataset.archive_name == "hens.zip" and not Upload.objects.get().path.exists()


def test_the_answers_lead_to_the_dataset(program: Program, from_page: Program) -> None:
    for sender, place in ((program, "/api/v1/datasets/{}"), (from_page, "/datasets/{}/")):
        answer = sender.send(sender.begun(5), 0, b"bytes")
        assert answer.headers["location"] == place.format(answer.headers["synset-dataset"])
        assert answer.headers["synset-job"] == Dataset.objects.get(pk=answer.headers["synset-dataset"]).job_id


def test_a_name_is_made_of_the_files_where_none_is_told(program: Program) -> None:
    program.speak("POST", program.creation, Upload_Length="5", Upload_Metadata=metadata(filename="farm_animals.tar.gz"))
    assert Upload.objects.get().name == "Farm animals"


@pytest.mark.parametrize("seed", range(6))
def test_whatever_cuts_wrong_places_and_repeats_one_dataset_of_the_same_bytes_comes_of_it(seed: int, program: Program) -> None:
    chance, path, told = random.Random(seed), program.begun(len(CONTENT)), 0
    while told < len(CONTENT):
        part = CONTENT[told : told + chance.choice((1, 999, 250_000, 1_500_000))]
        wrong = chance.randrange(len(CONTENT))
        match chance.randrange(4):
            case 0 if wrong != told:  # from a wrong place: refused, with the right one
                answer = program.send(path, wrong, part[: len(CONTENT) - wrong])
                assert (answer.status, answer.offset) == (409, told)
            case 1:  # the sender is cut off in the middle: what came is kept
                program.send(path, told, part[: len(part) // 2], breaks="gone")
                now = program.head(path).offset
                assert told <= now <= told + len(part) // 2
                told = now
            case 2:  # the answer is lost, and the same part is sent again
                first, again = (program.send(path, told, part) for _ in range(2))
                assert (first.status, again.status, again.offset) == (204, 409, first.offset)
                told = first.offset
            case _:
                told = program.send(path, told, part).offset
        assert program.head(path).offset == told
    dataset = only_dataset()
    assert program.head(path).headers["synset-dataset"] == dataset.id


def test_the_last_part_sent_again_is_told_where_the_dataset_is(sender: Program) -> None:
    path = sender.begun(len(CONTENT))
    sender.send(path, 0, CONTENT)
    again, empty = sender.send(path, 0, CONTENT), sender.send(path, len(CONTENT), b"")
    dataset = only_dataset()
    assert (again.status, again.headers["synset-dataset"]) == (409, dataset.id)
    assert (empty.status, empty.headers["synset-dataset"]) == (204, dataset.id)


def test_a_sender_that_hangs_up_keeps_what_it_sent(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1_234_567], breaks="gone")
    assert program.head(path).offset == 1_234_567


def test_a_sender_that_falls_silent_is_told_how_far_it_came_and_makes_room(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "SILENT_SECONDS", 0.3)
    path = program.begun(len(CONTENT))
    answer = program.send(path, 0, CONTENT[:700_000], breaks="silent")
    assert (answer.status, answer.offset) == (408, 700_000)
    assert program.send(path, 700_000, CONTENT[700_000:]).status == 204 and only_dataset()


def test_a_sender_that_hangs_up_with_its_last_byte_has_its_dataset(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT, breaks="gone")
    assert program.head(path).headers["synset-dataset"] == only_dataset().id


def test_while_somebody_else_sends_one_is_told_to_wait(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    with Upload.objects.get().path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        answer = program.send(path, 1000, CONTENT[1000:])
        assert (answer.status, answer.headers["retry-after"], program.head(path).offset) == (423, "1", 1000)
    assert program.send(path, 1000, CONTENT[1000:]).status == 204 and only_dataset()


def test_bytes_that_were_written_and_never_told_are_cut(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    with Upload.objects.get().path.open("ab") as file:
        file.write(b"half a block of a process that was killed")
    assert program.head(path).offset == 1000
    assert program.send(path, 1000, CONTENT[1000:]).status == 204 and only_dataset()


def test_a_file_that_lost_bytes_is_gone_on_with_from_its_end(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    os.truncate(Upload.objects.get().path, 400)
    assert program.head(path).offset == 400 and program.send(path, 1000, CONTENT[1000:]).status == 409
    assert program.send(path, 400, CONTENT[400:]).status == 204 and only_dataset()


def test_a_long_part_is_told_piece_by_piece_before_its_end(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    tell = receive.Part.tell
    monkeypatch.setattr(receive, "TELL_BYTES", 1_000_000)
    monkeypatch.setattr(receive.Part, "tell", lambda part: (tell(part), told.append(part.told)))
    program.send(program.begun(len(CONTENT)), 0, CONTENT)
    assert len(told) == 2 and told == sorted(told) and told[-1] < len(CONTENT)


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_of_the_protocol_is_refused(method: str, version: str, program: Program) -> None:
    path = program.creation if method == "POST" else program.begun(10)
    answer = program.speak(method, path, Tus_Resumable=version)
    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0") and not Upload.objects.exclude(offset=0).exists()


def test_every_answer_names_the_version(sender: Program) -> None:
    path = sender.begun(10)
    answers = [sender.head(path), sender.send(path, 3, b"x"), sender.send(path, 0, b"x"), sender.speak("DELETE", path)]
    assert [(answer.status, answer.headers["tus-resumable"]) for answer in answers] == [
        (status, "1.0.0") for status in (200, 409, 204, 204)
    ]


def test_a_part_of_another_kind_is_refused(sender: Program) -> None:
    assert sender.send(sender.begun(10), 0, b"x", Content_Type="application/json").status == 415


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "9" * 30])
def test_a_place_that_is_no_number_is_refused(offset: str, program: Program) -> None:
    answer = program.send(program.begun(10), 0, b"x", Upload_Offset=offset)
    assert answer.status == 400 and "Upload-Offset" in answer.error["message"]


@pytest.mark.parametrize("length", ["", "-1", "0", "many"])
def test_a_length_that_is_none_is_refused(length: str, program: Program) -> None:
    assert program.speak("POST", program.creation, Upload_Length=length).status == 400 and not Upload.objects.exists()


def test_a_length_that_comes_later_is_refused_in_words(program: Program) -> None:
    answer = program.speak("POST", program.creation, Upload_Defer_Length="1")
    assert answer.status == 400 and "Upload-Length" in answer.error["message"]


def test_an_archive_over_the_limit_is_refused_before_its_first_byte(sender: Program, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000_000
    answer = sender.begin(1_000_001)
    assert answer.status == 413 and "1.0 MB" in answer.error["message"] and not Upload.objects.exists()


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_was_announced_is_not_kept(announced: bool, program: Program) -> None:
    path = program.begun(1_000_000)
    program.send(path, 0, CONTENT[:100])
    answer = program.send(path, 100, CONTENT, **({} if announced else {"Transfer_Encoding": "chunked"}))
    assert answer.status == 413 and program.head(path).offset == 100 and Upload.objects.get().path.stat().st_size == 100


@pytest.mark.parametrize("text", ["filename !!!", "filename /w==", "name " + "eA==" * 3000])
def test_metadata_that_is_none_is_refused(text: str, program: Program) -> None:
    assert program.speak("POST", program.creation, Upload_Length="5", Upload_Metadata=text).error["code"] == "bad_metadata"


@pytest.mark.parametrize(("field", "value"), [("name", "n" * 500), ("name", "a\0b"), ("split", "70/15/99"), ("seed", "-1"), ("group", "(")])
def test_each_wrong_field_is_named(field: str, value: str, sender: Program) -> None:
    answer = sender.begin(5, **{field: value})
    assert answer.status == 422 and set(answer.error["fields"]) == {field} and not Upload.objects.exists()


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_part_with_the_right_checksum_is_kept_and_another_is_not(name: str, program: Program) -> None:
    path, part = program.begun(len(CONTENT)), CONTENT[:1_100_000]
    fits = base64.b64encode(hashlib.new(name, part).digest()).decode()
    wrong = program.send(path, 0, b"X" + part[1:], Upload_Checksum=f"{name} {fits}")
    assert (wrong.status, wrong.offset, program.head(path).offset) == (460, 0, 0)
    assert program.send(path, 0, part, Upload_Checksum=f"{name} {fits}").offset == len(part)


@pytest.mark.parametrize("text", ["md4 AAAA", "sha1 !!", "sha1"])
def test_a_checksum_that_is_none_is_refused(text: str, program: Program) -> None:
    answer = program.send(program.begun(10), 0, b"x", Upload_Checksum=text)
    assert answer.status in (400, 460) and Upload.objects.get().offset == 0


def test_half_a_part_with_a_checksum_is_not_kept(program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:500_000], breaks="gone", Upload_Checksum=f"sha1 {base64.b64encode(bytes(20)).decode()}")
    assert program.head(path).offset == 0


def test_a_discarded_upload_is_gone_with_its_bytes(sender: Program) -> None:
    path = sender.begun(len(CONTENT))
    sender.send(path, 0, CONTENT[:1000])
    file = Upload.objects.get().path
    assert file.exists() and sender.speak("DELETE", path).status == 204
    assert not file.exists() and sender.head(path).status == 404 and sender.send(path, 1000, b"x").status == 404
    assert AuditEntry.objects.get(verb="dataset.discard").subject == "Hens"


@pytest.mark.parametrize("number", [1000, len(CONTENT)])
def test_what_is_discarded_while_it_is_sent_ends_with_nothing(number: int, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path, settle = program.begun(len(CONTENT)), receive.settle

    def after_a_discard(actor: Any, part: Any) -> None:
        begin.discard(actor, Upload.objects.get())
        settle(actor, part)

    monkeypatch.setattr(receive, "settle", after_a_discard)
    answer = program.send(path, 0, CONTENT[:number])
    assert answer.status == 410 and not Upload.objects.exists() and not Dataset.objects.exists() and not Job.objects.exists()
    assert not list((settings.SYNSET_HOME / "uploads").iterdir())


def test_an_archive_in_parts_stands_in_the_log_once_it_is_whole(sender: Program) -> None:
    path = sender.begun(len(CONTENT))
    sender.send(path, 0, CONTENT[:1000])
    assert not AuditEntry.objects.filter(verb__startswith="dataset.").exists()
    sender.send(path, 1000, CONTENT[1000:])
    assert list(AuditEntry.objects.filter(verb__startswith="dataset.").values_list("verb", "subject")) == [("dataset.create", "Hens")]


def test_a_whole_upload_is_not_discarded(program: Program) -> None:
    path = program.begun(5)
    program.send(path, 0, b"bytes")
    assert program.speak("DELETE", path).status == 409 and Dataset.objects.exists()


def test_an_upload_over_its_term_is_gone(sender: Program, settings: Any) -> None:
    path = sender.begun(10)
    settings.UPLOAD_DAYS = 0
    assert sender.head(path).status == 410 and sender.send(path, 0, b"x").status == 410


def test_a_team_has_so_many_unfinished_uploads_at_most(sender: Program, settings: Any) -> None:
    settings.UPLOADS_A_TEAM = 2
    path, _ = sender.begun(5), sender.begun(5)
    answer = sender.begin(5)
    assert answer.status == 409 and "2 unfinished uploads" in answer.error["message"]
    sender.send(path, 0, b"bytes")
    assert sender.begin(5).status == 201


def test_a_browser_that_asks_twice_for_the_same_file_gets_one_upload(from_page: Program) -> None:
    first, again = (from_page.begun(len(CONTENT), modified="1700000000000") for _ in range(2))
    assert first == again
    from_page.send(first, 0, b"x")
    assert from_page.begun(len(CONTENT), modified="1700000000000") != first  # it has begun: the page goes on with it only where it says so


def test_a_disk_without_room_is_said_before_the_first_byte(sender: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5_000_000}))
    answer = sender.begin(3_000_000)
    assert answer.status == 507 and "needs 6.0 MB" in answer.error["message"] and "5.0 MB are free" in answer.error["message"]


def test_what_other_uploads_will_bring_counts_as_taken(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.begun(4_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 9_000_000}))
    answer = program.begin(3_000_000)
    assert answer.status == 507 and "other uploads will take 4.0 MB" in answer.error["message"]


def test_a_disk_that_fills_keeps_what_was_told_and_nothing_else(sender: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sender.begun(len(CONTENT))
    sender.send(path, 0, CONTENT[:1_000])
    write = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr("webapp.datasets.uploads.part.os.pwrite", lambda *words: write(*words) if words[2] < 1_500_000 else full())
        answer = sender.send(path, 1_000, CONTENT[1_000:])
    assert (answer.status, answer.offset) == (507, 1_000) and "disk is full" in answer.error["message"]
    assert Upload.objects.get().path.stat().st_size == 1_000
    assert sender.send(path, 1_000, CONTENT[1_000:]).status == 204 and only_dataset()


def test_a_disk_that_fills_at_the_end_makes_no_dataset_and_can_be_gone_on_with(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program.begun(len(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr("webapp.datasets.files.sync", lambda _: full())
        assert program.send(path, 0, CONTENT).status == 507
    assert not Dataset.objects.exists() and program.send(path, 0, CONTENT).status == 204 and only_dataset()


def full() -> int:
    raise OSError(28, "No space left on device")


def test_a_crash_between_the_file_and_the_rows_leaves_an_upload_to_go_on_with(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program.begun(len(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr("webapp.datasets.actions.wait_for_import", lambda *_: full())
        program.send(path, 0, CONTENT)
    assert program.head(path).offset < len(CONTENT) and not Dataset.objects.exists()
    program.send(path, program.head(path).offset, CONTENT[program.head(path).offset :])
    assert only_dataset()


def test_a_whole_archive_is_moved_and_not_copied(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "copy", lambda *_: pytest.fail("was copied"))
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:-1])
    inode = Upload.objects.get().path.stat().st_ino
    program.send(path, len(CONTENT) - 1, CONTENT[-1:])
    kept = archive_path(only_dataset())
    assert kept and kept.stat().st_ino == inode


def test_the_archive_of_a_failed_import_is_replaced_in_parts(failed: Dataset, sender: Program) -> None:
    path = sender.begun(len(CONTENT), dataset=failed.id)
    answer = sender.send(path, 0, CONTENT)
    failed.refresh_from_db()
    assert (
        answer.headers["synset-dataset"] == failed.id and failed.job.state == "queued" and digest(failed) == digest(Dataset.objects.get())
    )


def test_a_dataset_that_is_imported_takes_no_other_archive(dataset: Dataset, sender: Program) -> None:
    answer = sender.begin(10, dataset=dataset.id)
    assert answer.status == 409 and "imported already" in answer.error["message"]


def test_who_lost_the_right_meanwhile_sends_no_more(editor: Any, program: Program) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    editor.memberships.update(role="viewer")
    assert program.send(path, 1000, CONTENT[1000:]).status == 403 and not Dataset.objects.exists()


def test_a_page_without_its_key_sends_nothing(from_page: Program) -> None:
    path = from_page.begun(10)
    stranger = Program({"Cookie": from_page.headers["Cookie"]}, from_page.creation)
    assert stranger.begin(10).status == 403 and stranger.send(path, 0, b"x").status == 403 and stranger.speak("DELETE", path).status == 403
    assert Upload.objects.get().offset == 0


def test_a_body_that_nobody_signed_in_sends_is_not_read(db: None) -> None:
    nobody, pieces = Program({"Sec-Fetch-Mode": "cors"}, "/datasets/uploads/"), iter([b"x"] * 10)
    for path in ("/datasets/uploads/01k00000000000000000/", "/api/v1/uploads/01k00000000000000000"):
        answer = nobody.speak("PATCH", path, pieces, Content_Type=PART_TYPE, Upload_Offset="0", Content_Length="10")
        assert answer.status in (401, 403)


def test_who_can_send_no_patch_sends_a_post_that_says_so(program: Program) -> None:
    path = program.begun(5)
    more = {"Content_Type": PART_TYPE, "Upload_Offset": "0", "Content_Length": "5", "X_HTTP_Method_Override": "PATCH"}
    assert program.speak("POST", path, [b"bytes"], **more).status == 204 and Dataset.objects.exists()


def test_unfinished_uploads_are_listed_for_programs(program: Program, editor: Any) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    program.send(program.begun(5), 0, b"bytes")
    listed = Client().get("/api/v1/uploads", headers=program.headers).json()["items"]
    assert [(row["url"], row["offset"], row["length"]) for row in listed] == [(path, 1000, len(CONTENT))]
