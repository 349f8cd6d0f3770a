"""One request to another server, which is none of our own network's: its name is resolved once, judged, and that number alone is asked.

So a name that means another server a moment later leads nowhere. Each redirect is judged in the same way. No credentials are
ever sent, neither to the first server nor to one that it leads to.
"""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from urllib.parse import urljoin

from classifier.spec.addresses import Place, is_let, parsed
from classifier.spec.errors import InputError
from classifier.spec.words import shortened

MOST_REDIRECTS = 5
WAIT_SECONDS = 15.0  # less than a cancelled job is given to end; for a connection, an answer, and each piece of it
WHOLE_SECONDS = 45.0  # for an answer's head, and for each piece, however busily a server sends what is none
LOOK_SECONDS = 1.0
REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (408, 425, 429, 500, 502, 503, 504)
RANGE_NOT_THERE = 416
AGENT = "Synset"


class Passing(Exception):
    """What another try may cure: a line that broke off, a server that is busy."""


class Slow(Passing):
    """A line that hardly moves; another one may be quicker, but not for ever."""


class Watch:
    """Ends a connection that is due. A socket's own timeout begins anew with each byte, so that a byte now and then, headers without
    end, or what stands around the chunks of a body, would hold us for as long as somebody likes."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.due = math.inf  # on the monotonic clock
        self.over = threading.Event()
        self.ended = False  # by us
        threading.Thread(target=self.look, daemon=True).start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """What is done meanwhile has WHOLE_SECONDS; raises Slow where that was not enough."""
        self.due = time.monotonic() + WHOLE_SECONDS
        try:
            yield
        except (OSError, HTTPException, ValueError):
            if not self.ended:
                raise
        finally:
            self.due = math.inf
        if self.ended:
            raise Slow(f"no whole answer came within {WHOLE_SECONDS:.0f} s")

    def look(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            if time.monotonic() > self.due and self.socket is not None:
                self.ended = True
                with suppress(OSError):
                    socket.socket.shutdown(self.socket, socket.SHUT_RDWR)  # not TLS's own, which another thread is busy with
                return


class Line(HTTPConnection):
    """A connection to one number, whatever its name means by now."""

    def __init__(self, place: Place, number: str) -> None:
        super().__init__(place.host, place.port, timeout=WAIT_SECONDS)
        self.place, self.number = place, number
        self.default_port = 443 if place.scheme == "https" else 80  # so that the Host header names no usual port
        self.watch = Watch()

    def connect(self) -> None:
        self.sock = socket.create_connection((self.number, self.port), self.timeout)
        if self.place.scheme == "https":
            secure = ssl.create_default_context()
            self.sock = secure.wrap_socket(self.sock, server_hostname=self.place.host, do_handshake_on_connect=False)
        self.watch.socket = self.sock
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def end(self) -> None:
        """Closes it for good; http.client's own close leaves an answer to be read."""
        self.watch.over.set()
        self.close()


class Answer:
    """A server's answer, to be closed."""

    def __init__(self, place: Place, line: Line, response: HTTPResponse) -> None:
        self.place, self.line, self.response = place, line, response

    @property
    def status(self) -> int:
        return self.response.status

    def header(self, name: str) -> str:
        return self.response.headers.get(name, "")

    def piece(self, size: int) -> bytes:
        """The next bytes, empty at the end; raises Passing where the line breaks off."""
        try:
            with self.line.watch.watching():
                return self.response.read1(size)
        except (OSError, HTTPException) as error:
            raise Passing(words_of(error)) from None

    def close(self) -> None:
        self.response.close()
        self.line.end()


def asked(address: str, headers: Mapping[str, str], let: Sequence[str]) -> Answer:
    """The answer to a GET, of the server that the redirects end at. Raises InputError for what is refused, Passing for what may pass."""
    secure = False
    for _ in range(MOST_REDIRECTS + 1):
        place = parsed(address)
        if secure and place.scheme == "http":
            raise InputError(f"{place.host} is asked in clear after an encrypted address; that is refused.", code="address")
        answer = one(place, headers, let)
        if answer.status not in REDIRECTS:
            return answer
        answer.close()
        secure, address = place.scheme == "https", urljoin(address, answer.header("Location"))
    raise InputError(f"The address leads on more than {MOST_REDIRECTS} times; give the one that it ends at.", code="address")


def one(place: Place, headers: Mapping[str, str], let: Sequence[str]) -> Answer:
    """The answer of that very place."""
    line = Line(place, number_of(place, let))
    try:
        with line.watch.watching():
            line.request("GET", place.target, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **headers})
            return Answer(place, line, line.getresponse())
    except Slow:
        line.end()
        raise
    except ssl.SSLCertVerificationError as error:
        line.end()
        raise InputError(
            f"The certificate of {place.host} does not hold ({error.verify_message}); it is not asked.", code="address"
        ) from None
    except (OSError, HTTPException) as error:
        line.end()
        raise Passing(f"{place.host} does not answer ({words_of(error)})") from None


def number_of(place: Place, let: Sequence[str]) -> str:
    """The one number to connect with; InputError where the name is unknown, or any number of its is not to be asked."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Passing(f"the name {place.host} cannot be looked up at the moment") from None
        raise InputError(f"There is no server of the name {place.host}; look at the address again.", code="address") from None
    except (UnicodeError, OSError):
        raise InputError(f"{place.host[:80]} is no server's name; look at the address again.", code="address") from None
    numbers = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not numbers or not all(is_let(ip_address(number), let) for number in numbers):
        raise own_network(place.host)
    return numbers[0]


def own_network(host: str) -> InputError:
    """One sentence for all that is refused, which tells nothing of what is there."""
    return InputError(
        f"{host} is of a private network or of this server itself, and is not asked. Give a public address; whoever runs this server "
        "can let a network through (SYNSET_FETCH_NETWORKS).",
        code="address",
    )


def words_of(error: Exception) -> str:
    """A connection's end in a few words."""
    if isinstance(error, TimeoutError):
        return f"silent for {WAIT_SECONDS:.0f} s"
    return shortened(str(getattr(error, "strerror", None) or error or type(error).__name__), 120)


def refusal(answer: Answer) -> Exception:
    """Why an answer is none of the file."""
    host, status = answer.place.host, answer.status
    if status in BUSY:
        return Passing(f"{host} is busy (status {status})")
    if status in (401, 403):
        words = f"{host} asks for a sign-in (status {status}). Synset sends none; give an address that opens without one."
    elif status in (404, 410):
        words = f"There is nothing at this address of {host} (status {status}); look at it again."
    else:
        words = f"{host} gives no file at this address (status {status})."
    return InputError(words, code="address")
