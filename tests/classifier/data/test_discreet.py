"""What packages of other stores say of their errors names nothing that opens the store."""

from __future__ import annotations

import html
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from classifier.data.remote.connecting import connect
from classifier.data.remote.discreet import scrubbed, values
from classifier.spec.buckets import Bucket
from classifier.spec.errors import ClassifierError

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nw0BAQEFAASC\n-----END PRIVATE KEY-----\n"
OPTIONS = {"token": {"client_email": "me@example.org", "private_key": PEM}, "password": "p@ss/w0rd", "pin": 4711, "anon": False}


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("GET https://host.example/box/a.jpg?sv=2020&sig=abc%2Fdef&se=1 failed", "abc"),
        ("GET https://host.example/a#access_token=abcdef failed", "abcdef"),
        ("cannot reach sftp://someone:hunter2@host.example:22/box", "hunter2"),
        ("cannot reach ftp://someone:hun/ter@2@host.example/box", "ter"),
        ("url='/box/a.jpg?X-Goog-Signature=short'", "short"),
        ("AccountName=photos;AccountKey=c2hvcnQ=;EndpointSuffix=core", "c2hvcnQ"),
        ("login failed: password = 'letmein'", "letmein"),
        ("{'account': 'photos', 'sas_token': 'letmein'}", "letmein"),
        ('{"client_secret": "letmein"}', "letmein"),
        ("Authorization: Bearer letmein", "letmein"),
        ("headers: Basic bGV0bWVpbg==", "bGV0bWVpbg"),
        ("x-amz-security-token: letmein", "letmein"),
        ("refused ya29.a0AfH6SMBx1234567890abcdefgh", "a0AfH6SMBx1234567890abcdefgh"),
        ("refused wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "K7MDENG"),
        (f"bad key {PEM}", "MIIEv"),
    ],
)
def test_what_opens_a_store_is_taken_out(said: str, secret: str) -> None:
    assert secret in said and secret not in scrubbed(said)


@pytest.mark.parametrize(
    "said",
    [
        "[Errno 111] Connect call failed ('10.1.2.3', 443)",
        "No module named 'gcsfs'",
        "NoSuchKey: The specified key does not exist. /box/2024/summer/IMG_0001.jpg",
        "The bucket photos-of-everybody is not there: https://host.example/box/a.jpg",
        "401 Unauthorized, Invalid Credentials",
    ],
)
def test_what_helps_stays(said: str) -> None:
    assert scrubbed(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "me@example.org may not",
        "p@ss/w0rd is wrong",
        "user:p%40ss%2Fw0rd",
        "user:p%40ss/w0rd",
        "cEBzcy93MHJk",
        "wrong pin 4711.",
        repr(OPTIONS["token"]),
        "line 2: w0BAQEFAASC",
    ],
)
def test_no_value_of_an_option_is_shown_in_whatever_form(said: str) -> None:
    told = scrubbed(said, values(OPTIONS))
    assert not [part for part in ("example.org", "w0rd", "cEBzc", "4711", "BEGIN", "w0BAQ") if part in told]


@pytest.mark.parametrize(
    "printed",
    [repr, ascii, json.dumps, html.escape, lambda text: repr(text.encode()), lambda text: json.dumps(json.dumps([text]))],
)
def test_a_value_of_quotes_and_foreign_letters_is_known_as_programs_print_it(printed: Callable[[str], str]) -> None:
    secret = "pa\"s's/wörd&x"
    told = scrubbed(f"refused: {printed(secret)}", values({"password": secret}))
    assert "pa" not in told and "rd&" not in told


def test_a_value_with_half_a_letter_is_taken_out_too() -> None:
    assert scrubbed("refused: p\ud800word", values({"password": "p\ud800word"})) == "refused: …"


def test_a_short_value_is_no_part_of_words() -> None:
    assert scrubbed("status of the bus: eu", values({"region": "eu", "kind": "bus"})) == "status of the …: eu"


def test_a_long_text_takes_no_time_and_shows_its_beginning() -> None:
    assert scrubbed("key" * 400_000).startswith("key")


class Telling(MemoryFileSystem):
    """A store that tells all it knows."""

    protocol = "telling"

    def ls(self, path: str, detail: bool = True, **_: Any) -> Any:
        logging.getLogger("telling").warning("GET https://host.example/%s?sig=%s", path, self.storage_options["password"])
        raise self.storage_options["raises"](f"403 for https://host.example/{path}?sig=xyz, user:{self.storage_options['password']}")

    info = ls


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be connected to, by a command whose log nobody else writes."""
    fsspec.register_implementation("telling", Telling, clobber=True)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


@pytest.mark.parametrize("raises", [PermissionError, ValueError])
@pytest.mark.usefixtures("telling")
def test_neither_an_error_nor_a_log_of_a_package_tells_the_password(raises: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClassifierError) as caught:
        connect(Bucket(kind="telling", bucket="photos", options={"password": "p@ss/w0rd", "raises": raises}))
    told = caught.value.message + capsys.readouterr().err
    assert "403 for https://host.example/photos?… user:…" in caught.value.message
    assert "w0rd" not in told and "xyz" not in told and "GET https://host.example/photos?…" in told


CARELESS = """
import threading, warnings
from classifier.data.remote import discreet

def fail(*_):
    raise ValueError("403 for https://host.example/a?sig=xyz, user:p@ss/w0rd")

discreet.LOG.listen(["p@ss/w0rd"])
warnings.warn("the password p@ss/w0rd is weak")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
type("File", (), {"__del__": fail})()
"""


def test_warnings_and_errors_that_reach_nobody_tell_no_password_either() -> None:
    told = subprocess.run([sys.executable, "-c", CARELESS], capture_output=True, text=True, check=True).stderr
    assert "w0rd" not in told and "xyz" not in told
    assert "the password … is weak" in told and told.count("ERROR: ValueError: 403 for https://host.example/a?… user:…") == 2


@pytest.mark.parametrize("before", range(3985, 4001))
def test_no_half_of_a_key_stands_where_a_long_text_is_cut(before: int) -> None:
    known = scrubbed("x " * (before // 2) + "y" * (before % 2) + " pass-phrase!" + " and more" * 50, ["pass-phrase!"])
    quoted = scrubbed("x " * (before // 2 - 12) + "y" * (before % 2) + " password = 'open se same' " + "and more " * 50)
    assert "pass" not in known and len(known) <= 4002 and known.endswith("…")
    assert "open" not in quoted and "same" not in quoted


def test_what_stands_behind_many_keys_is_not_half_of_one() -> None:
    said = scrubbed(("secret-word " * 400)[:-3], ["secret-word"])
    assert "secret" not in said and said.endswith("…")
