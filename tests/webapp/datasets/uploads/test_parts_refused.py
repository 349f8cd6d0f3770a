"""Parts of archives that are not taken: in words, with nothing half kept, and so that one can go on."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from typing import Any

import pytest
from django.utils import timezone

from tests.webapp.datasets.tus_kit import PART_TYPE, Program
from tests.webapp.datasets.uploads.kit import CONTENT, only_dataset
from webapp.accounts.models import Membership, Role, Token
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.uploads import receive


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_of_the_protocol_is_refused(method: str, version: str, program: Program) -> None:
    path = program.creation if method == "POST" else program.begun(10)
    answer = program.speak(method, path, Tus_Resumable=version)
    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0") and not Upload.objects.exclude(offset=0).exists()


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


def removed(editor: Any) -> None:
    Membership.objects.filter(user=editor).delete()


def may_only_read(editor: Any) -> None:
    Membership.objects.filter(user=editor).update(role=Role.VIEWER)


def token_revoked(editor: Any) -> None:
    Token.objects.filter(user=editor).update(revoked_at=timezone.now())


@pytest.mark.parametrize("left", [0, 1000])
@pytest.mark.parametrize("loses", [removed, may_only_read, token_revoked])
def test_who_lost_the_right_while_a_part_was_on_its_way_leaves_nothing_by_it(
    loses: Any, left: int, program: Program, editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settle = program.begun(len(CONTENT)), receive.settle

    def after_it_came(actor: Any, part: Any) -> None:
        loses(editor)
        settle(actor, part)

    monkeypatch.setattr(receive, "settle", after_it_came)
    answer = program.send(path, 0, CONTENT[: len(CONTENT) - left])
    assert answer.status == 403 and "a moment ago" in answer.error["message"]
    assert Upload.objects.get().offset == 0 and not Dataset.objects.exists()
