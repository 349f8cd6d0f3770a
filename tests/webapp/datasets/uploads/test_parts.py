"""Archives in parts: what the tus 1.0.0 protocol promises, spoken to the real views, behind a token and behind a session."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.webapp.datasets.tus_kit import PART_TYPE, Program, metadata
from tests.webapp.datasets.uploads.kit import CONTENT, digest, only_dataset
from webapp.accounts.models import AuditEntry
from webapp.datasets import actions, files
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.queries import archive_path
from webapp.datasets.uploads import begin, receive
from webapp.datasets.uploads.part import opened
from webapp.datasets.uploads.refusals import Refused
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.ops import purging


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


def test_look_alikes_and_sizes_come_with_the_metadata(sender: Program) -> None:
    sender.send(sender.begun(len(CONTENT), name="Hens", alike="1", most="40"), 0, CONTENT)
    assert only_dataset().options == {"split": "70/15/15", "seed": 0, "group": None, "alike": True, "most": 40}


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
    monkeypatch.setattr(receive.Part, "tell", lambda part, *may: (tell(part, *may), told.append(part.told)))
    program.send(program.begun(len(CONTENT)), 0, CONTENT)
    assert len(told) == 2 and told == sorted(told) and told[-1] < len(CONTENT)


def test_every_answer_names_the_version(sender: Program) -> None:
    path = sender.begun(10)
    answers = [sender.head(path), sender.send(path, 3, b"x"), sender.send(path, 0, b"x"), sender.speak("DELETE", path)]
    assert [(answer.status, answer.headers["tus-resumable"]) for answer in answers] == [
        (status, "1.0.0") for status in (200, 409, 204, 204)
    ]


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


def test_while_the_dataset_is_made_nobody_else_is_let_in_though_its_request_was_cancelled(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is stopped cancels its requests, whose threads go on: another server would cut what was never told."""
    path, settle, create = program.begun(len(CONTENT)), receive.settle, actions.create
    others: list[int] = []

    def cancelled(actor: Any, part: Any) -> None:
        def create_late(*args: Any, **named: Any) -> Dataset:
            part.close()
            with pytest.raises(Refused) as refused:
                opened(Upload.objects.get())
            others.append(refused.value.status)
            return create(*args, **named)

        monkeypatch.setattr(actions, "create", create_late)
        settle(actor, part)

    monkeypatch.setattr(receive, "settle", cancelled)
    assert program.send(path, 0, CONTENT).status == 204 and others == [423] and only_dataset()


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_fails_once_the_dataset_is_made_takes_none_of_its_bytes(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive and the upload are two names of the same bytes."""
    path, create = program.begun(len(CONTENT)), actions.create

    def create_and_fail(*args: Any, **named: Any) -> Dataset:
        create(*args, **named)
        raise OSError(errno.EIO, "the disk does not answer")

    monkeypatch.setattr(actions, "create", create_and_fail)
    assert program.send(path, 0, CONTENT).status == 500
    assert program.head(path).headers["synset-dataset"] == only_dataset().id


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


def test_a_browser_that_asks_twice_for_the_same_file_gets_one_upload(from_page: Program) -> None:
    first, again = (from_page.begun(len(CONTENT), modified="1700000000000") for _ in range(2))
    assert first == again
    from_page.send(first, 0, b"x")
    assert from_page.begun(len(CONTENT), modified="1700000000000") != first  # it has begun: the page goes on with it only where it says so


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


@pytest.mark.parametrize(("sent", "kept"), [({}, True), ({"split": "80/10/10"}, None), ({"split": "80/10/10", "alike": "1"}, True)])
def test_a_form_that_replaces_an_archive_says_all_that_is_typed_and_a_program_what_it_changes(
    failed: Dataset, sender: Program, sent: dict[str, str], kept: bool | None
) -> None:
    Dataset.objects.filter(pk=failed.pk).update(options={"split": "70/15/15", "seed": 0, "group": None, "alike": True})
    sender.send(sender.begun(len(CONTENT), dataset=failed.id, **sent), 0, CONTENT)
    failed.refresh_from_db()
    assert failed.options.get("alike") == kept


@pytest.mark.parametrize("purged", [False, True])
def test_what_was_sent_for_a_dataset_that_was_deleted_meanwhile_becomes_a_new_one(
    purged: bool, failed: Dataset, program: Program, owner: Any, actor_of: Callable[[Any], Any], from_page: Program
) -> None:
    path = program.begun(len(CONTENT), dataset=failed.pk)
    program.send(path, 0, CONTENT[:1000])
    actions.delete(actor_of(owner), failed)
    if purged:
        actions.purge(failed, actor_of(owner))
        while purging.carry_on():
            pass
    assert begin.living_for(failed.team).get().offset == program.head(path).offset == 1000
    made = Dataset.objects.get(pk=program.send(path, 1000, CONTENT[1000:]).headers["synset-dataset"])
    assert made.pk != failed.pk and made.name == failed.name and digest(made) == hashlib.sha256(CONTENT).hexdigest()


def test_what_was_sent_for_a_dataset_that_was_imported_meanwhile_becomes_a_new_one(
    failed: Dataset, program: Program, editor: Any, actor_of: Callable[[Any], Any]
) -> None:
    path = program.begun(len(CONTENT), dataset=failed.pk)
    program.send(path, 0, CONTENT[:1000])
    again = actions.retry(actor_of(editor), failed)
    jobs.finish(jobs.claim(again.job_id, "host@here:1"))
    assert begin.living_for(failed.team).get().offset == 1000
    made = Dataset.objects.get(pk=program.send(path, 1000, CONTENT[1000:]).headers["synset-dataset"])
    assert made.pk != failed.pk and made.name == failed.name and digest(made) == hashlib.sha256(CONTENT).hexdigest()


def test_who_can_send_no_patch_sends_a_post_that_says_so(program: Program) -> None:
    path = program.begun(5)
    more = {"Content_Type": PART_TYPE, "Upload_Offset": "0", "Content_Length": "5", "X_HTTP_Method_Override": "PATCH"}
    assert program.speak("POST", path, [b"bytes"], **more).status == 204 and Dataset.objects.exists()


def test_pages_lead_to_what_is_unfinished(from_page: Program, editor: Any, viewer: Any, signed_in: Callable[[Any], Client]) -> None:
    from_page.send(from_page.begun(10), 0, b"half")
    assert "1 unfinished upload<" in signed_in(editor).get("/datasets/").content.decode()
    assert "unfinished" not in signed_in(viewer).get("/datasets/").content.decode()
    shown = signed_in(editor).get("/datasets/new/").content.decode()
    assert "hens.zip" in shown and "40 %" in shown and "4 bytes of 10 bytes" in shown


def test_an_unfinished_upload_is_discarded_by_its_row(from_page: Program, editor: Any, signed_in: Callable[[Any], Client]) -> None:
    from_page.send(from_page.begun(10), 0, b"half")
    upload = Upload.objects.get()
    answer = signed_in(editor).post(f"/datasets/uploads/{upload.pk}/discard/", follow=True)
    assert "is discarded" in answer.content.decode() and not Upload.objects.exists() and not upload.path.exists()


def test_unfinished_uploads_are_listed_for_programs(program: Program, editor: Any) -> None:
    path = program.begun(len(CONTENT))
    program.send(path, 0, CONTENT[:1000])
    program.send(program.begun(5), 0, b"bytes")
    listed = Client().get("/api/v1/uploads", headers=program.headers).json()["items"]
    assert [(row["url"], row["offset"], row["length"]) for row in listed] == [(path, 1000, len(CONTENT))]
