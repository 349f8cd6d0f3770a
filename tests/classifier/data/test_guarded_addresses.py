"""No address leads to this server's own network, however it is written, whatever its name means, wherever it redirects."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from classifier.data.remote import line
from classifier.data.remote.download import Wanted, download
from classifier.data.remote.line import asked, number_of
from classifier.spec.addresses import is_let, networks, parsed
from classifier.spec.errors import InputError
from tests.classifier.server import LOOPBACK, Served, serving

OWN = ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "192.0.0.192"]
OWN += ["168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "::1", "::", "fd00:ec2::254", "fe80::1", "fec0::1"]
OWN += ["ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1"]
OWN += ["2001:0:4136:e378:8000:63bf:3fff:fdd2"]  # Teredo, whose client is 192.0.2.45
WRITTEN = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(Served(b"PK of this server's own network")) as told:
        yield told


def resolving(monkeypatch: pytest.MonkeyPatch, *numbers: list[str]) -> list[str]:
    """Each look-up of a name gives the next numbers; the names that were looked up."""
    looked, answers = [], list(numbers)

    def look(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in answers.pop(0)]

    monkeypatch.setattr(line.socket, "getaddrinfo", look)
    return looked


@pytest.mark.parametrize("number", OWN)
def test_no_number_of_an_own_network_is_let(number: str) -> None:
    assert not is_let(ip_address(number))


@pytest.mark.parametrize("number", PUBLIC)
def test_public_numbers_are_let(number: str) -> None:
    assert is_let(ip_address(number))


def test_an_administrator_lets_a_network_through_and_no_other() -> None:
    let = networks(["10.1.0.0/16", "192.168.1.20"])
    assert is_let(ip_address("10.1.2.3"), let) and is_let(ip_address("192.168.1.20"), let) and is_let(ip_address("::ffff:10.1.2.3"), let)
    assert not is_let(ip_address("10.2.0.1"), let) and not is_let(ip_address("192.168.1.21"), let)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_server_is_not_asked_however_it_is_written(host: str) -> None:
    with pytest.raises(InputError, match="of a private network or of this server itself"):
        number_of(parsed(f"http://{host}/images.zip"), ())


def test_a_name_is_refused_where_any_of_its_numbers_is_of_an_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(InputError, match="of a private network"):
        number_of(parsed("https://example.org/x"), ())


def test_a_name_that_means_another_server_a_moment_later_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = resolving(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected: list[Any] = []

    def connect(address: Any, *_: Any) -> None:
        connected.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(line.socket, "create_connection", connect)
    with pytest.raises(line.Passing):
        asked("http://rebinding.example/images.zip", {}, ())
    assert (looked, connected) == (["rebinding.example"], [("8.8.8.8", 80)])


def test_a_redirect_into_an_own_network_is_refused(served: Served, tmp_path: Path) -> None:
    served.leads["/images.zip"] = "http://169.254.169.254/latest/meta-data/"
    with pytest.raises(InputError, match=r"169\.254\.169\.254 is of a private network"):
        download(Wanted(served.address, 1000, LOOPBACK), tmp_path / "archive")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["ftp://example.org/x", "file:///etc/passwd", "gopher://127.0.0.1:70/x"])
def test_a_redirect_to_another_protocol_is_refused(served: Served, place: str) -> None:
    served.leads["/images.zip"] = place
    with pytest.raises(InputError, match="begins with https:// or http://"):
        asked(served.address, {}, LOOPBACK)


def test_nothing_that_tells_who_asks_is_sent(served: Served) -> None:
    asked(served.address, {}, LOOPBACK).close()
    assert {name.lower() for name in served.asked[0][1]} == {"host", "user-agent", "accept-encoding"}


def test_what_is_refused_was_not_asked(served: Served, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        download(Wanted(served.address, 1000), tmp_path / "archive")
    assert served.asked == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("images.zip", "begins with https:// or http://"),
        ("ftp://example.org/images.zip", "begins with https:// or http://"),
        ("https:///images.zip", "names a server"),
        ("https://me:secret@example.org/images.zip", "holds a name or a password"),
        ("https://example.org:99999/", "cannot be read"),
        ("https://example.org:0/", "no port 0"),
        ("https://[::1/", "cannot be read"),
        ("https://example.org/a b.zip", "without spaces"),
        ("https://example.org/a\r\nHost: other", "without spaces"),
        ("https://example.org/" + "x" * 4_000, "at most 4,000 characters"),
        (f"https://{'x' * 70}.org/", "cannot be read"),
    ],
)
def test_what_is_no_address_is_told(address: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parsed(address)


def test_an_address_is_taken_apart_and_shown_without_its_query() -> None:
    place = parsed("https://bücher.example./daten/käse%20(1).zip?key=a/b+c&sig=%2F")
    assert place == ("https", "xn--bcher-kva.example", 443, "/daten/k%C3%A4se%20(1).zip?key=a/b+c&sig=%2F")
    assert (place.name, place.shown) == ("käse (1).zip", "xn--bcher-kva.example/daten/käse (1).zip")


@pytest.mark.parametrize("code", ["%00", "%0A", "%1B", "%E2%80%AE"])
def test_letters_that_cannot_be_seen_stay_as_codes_where_an_address_is_shown(code: str) -> None:
    place = parsed(f"https://example.org/a{code}b.zip")
    assert (place.name, place.shown) == (f"a{code}b.zip", f"example.org/a{code}b.zip")
