"""An upload outlives the web process that takes it: no byte that was told is lost, and one dataset comes of it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests.faults.house import House, wait_for
from tests.plugins.stack import free_port, no_answer
from tests.webapp.datasets.tus_kit import PART_TYPE, metadata
from webapp.accounts import actions as accounts
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.queries import archive_path

pytestmark = pytest.mark.faults
CONTENT = random.Random(32).randbytes(40_000_000)
BLOCK = 100_000


class Web:
    """The house's web server, which can be killed and started again at the same address."""

    def __init__(self, house: House) -> None:
        self.house, self.port = house, free_port()
        self.headers = {"Authorization": f"Bearer {accounts.create_token(house.actor.user, 'write', None)}", "Tus-Resumable": "1.0.0"}
        self.process: subprocess.Popen[bytes]

    def start(self, largest_file: int = 0) -> None:
        """With `largest_file` its disk takes files of so many KiB alone: more fails as on a full one."""
        limit = ("bash", "-c", f'ulimit -f {largest_file}; exec "$@"', "bash") if largest_file else ()
        options = ("--port", str(self.port), "--lifespan", "off", "--timeout-graceful-shutdown", "1")
        self.process = self.house.start(*limit, sys.executable, "-m", "uvicorn", "webapp.asgi:application", *options, log="web")
        answer = no_answer(f"http://127.0.0.1:{self.port}/healthz", self.process)
        assert not answer, f"{answer}\n{self.house.logs()}"

    def end(self, number: int) -> None:
        os.killpg(self.process.pid, number)
        self.process.wait(30)

    def open(self, method: str, path: str, length: int = 0, **headers: str) -> http.client.HTTPConnection:
        """A request whose body is still to be sent."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.putrequest(method, path)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {**self.headers, "Content-Length": str(length), **named}.items():
            line.putheader(name, value)
        line.endheaders()
        return line

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        return self.open(method, path, **headers).getresponse()

    def begun(self) -> str:
        """The address of a new upload."""
        answer = self.ask("POST", "/api/v1/uploads", Upload_Length=str(len(CONTENT)), Upload_Metadata=metadata(filename="pets.zip"))
        assert answer.status == HTTPStatus.CREATED, answer.read()
        return str(json.load(answer)["url"])

    def sending(self, path: str, offset: int, until: int) -> http.client.HTTPConnection:
        """All that is missing is announced; the bytes before `until` are sent."""
        line = self.open("PATCH", path, len(CONTENT) - offset, Upload_Offset=str(offset), Content_Type=PART_TYPE)
        for at in range(offset, until, BLOCK):
            line.send(CONTENT[at : min(at + BLOCK, until)])
        return line

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path)
        assert answer.status == HTTPStatus.OK, answer.status
        return int(answer.headers["Upload-Offset"])


@pytest.fixture
def web(house: House) -> Iterator[Web]:
    made = Web(house)
    made.start()
    yield made
    Upload.objects.all().delete()


def told_at_least(path: str, number: int, house: House) -> None:
    rows = Upload.objects.filter(pk=path.rsplit("/", 1)[1], offset__gte=number)
    wait_for(rows.exists, 60, lambda: f"nothing was told\n{house.logs()}")


def made_of(path: str) -> Dataset:
    """The one dataset that came of it, with the bytes that were sent."""
    upload = Upload.objects.get(pk=path.rsplit("/", 1)[1])
    dataset = Dataset.objects.get(name="Pets")
    archive = archive_path(dataset)
    assert upload.dataset == dataset and archive and not upload.path.exists()
    assert hashlib.sha256(archive.read_bytes()).digest() == hashlib.sha256(CONTENT).digest()
    return dataset


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_upload_goes_on_after_its_web_process_ended_in_the_middle(number: int, web: Web) -> None:
    path = web.begun()
    line = web.sending(path, 0, len(CONTENT) * 3 // 5)
    told_at_least(path, 1_000_000, web.house)
    web.end(number)
    line.close()
    told = Upload.objects.get(pk=path.rsplit("/", 1)[1]).offset
    web.start()
    assert web.offset(path) == told > 0
    assert web.sending(path, told, len(CONTENT)).getresponse().status == HTTPStatus.NO_CONTENT
    assert made_of(path).job.state == "queued"


def test_an_upload_that_is_killed_again_and_again_comes_to_its_end(web: Web) -> None:
    path = web.begun()
    for _ in range(3):
        at = web.offset(path)
        line = web.sending(path, at, min(at + 11_000_000, len(CONTENT) - 1))
        told_at_least(path, at + 1, web.house)
        web.end(signal.SIGKILL)
        line.close()
        web.start()
    assert web.sending(path, web.offset(path), len(CONTENT)).getresponse().status == HTTPStatus.NO_CONTENT
    made_of(path)


def test_a_server_that_dies_at_the_last_byte_makes_one_dataset(web: Web) -> None:
    path = web.begun()
    line = web.sending(path, 0, len(CONTENT))
    web.end(signal.SIGKILL)  # before its answer was read: nobody knows how far it came
    line.close()
    web.start()
    head = web.ask("HEAD", path)
    if "Synset-Dataset" not in head.headers:
        assert web.sending(path, int(head.headers["Upload-Offset"]), len(CONTENT)).getresponse().status == HTTPStatus.NO_CONTENT
    assert web.ask("HEAD", path).headers["Synset-Dataset"] == made_of(path).id


def test_of_two_that_send_at_once_one_is_told_to_wait(web: Web) -> None:
    path = web.begun()
    first = web.sending(path, 0, 12_000_000)
    told_at_least(path, 8_000_000, web.house)
    told = web.offset(path)
    assert web.sending(path, told, told).getresponse().status == HTTPStatus.LOCKED
    for at in range(12_000_000, len(CONTENT), BLOCK):
        first.send(CONTENT[at : at + BLOCK])
    assert first.getresponse().status == HTTPStatus.NO_CONTENT
    assert web.sending(path, 0, 0).getresponse().status == HTTPStatus.CONFLICT
    made_of(path)


def test_a_disk_that_fills_in_the_middle_keeps_what_was_told_and_the_upload_goes_on(web: Web) -> None:
    web.end(signal.SIGTERM)
    web.start(largest_file=20_000)
    path = web.begun()
    answer = web.sending(path, 0, len(CONTENT)).getresponse()
    said = json.load(answer)["error"]
    upload = Upload.objects.get(pk=path.rsplit("/", 1)[1])
    assert (answer.status, said["code"], answer.headers["Upload-Offset"]) == (507, "storage_full", str(upload.offset))
    assert "disk is full" in said["message"] and 8_000_000 < upload.offset == upload.path.stat().st_size <= 20_000 * 1024
    web.end(signal.SIGTERM)
    web.start()
    assert web.sending(path, upload.offset, len(CONTENT)).getresponse().status == HTTPStatus.NO_CONTENT
    made_of(path)


def test_others_are_answered_while_an_upload_waits_for_its_bytes(web: Web) -> None:
    path = web.begun()
    lines = [web.sending(web.begun(), 0, 3_000_000) for _ in range(12)]
    assert web.ask("GET", "/api/v1/datasets").status == HTTPStatus.OK and web.offset(path) == 0
    for line in lines:
        line.close()
