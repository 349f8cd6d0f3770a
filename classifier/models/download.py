"""A published weights file, fetched once: whole and of its hash, or not there.

It tells how far it is, for a worker ends a training that says nothing for long; it stops when asked; and it waits for no
server for ever.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.request import Request, urlopen

from classifier.spec.errors import Interrupted
from classifier.spec.events import OnEvent, ShouldStop, ignore, never

WAIT_SECONDS = 30.0  # for an answer, and for each piece of it
TELL_SECONDS = 15.0  # between two words on how far it is
PIECE_BYTES = 1 << 17
AGENT = {"User-Agent": "torch.hub"}  # as torch's own downloads call themselves


def fetch(url: str, target: Path, sha256: str, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> None:
    """Puts the file at `url` to `target`; sha256: how its hash begins.

    Raises OSError where it cannot be had whole, or is another file, and Interrupted when asked to stop; nothing is left then.
    """
    temporary, digest = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp"), hashlib.sha256()
    try:
        with urlopen(Request(url, headers=AGENT), timeout=WAIT_SECONDS) as answer, temporary.open("wb") as file:
            for piece in told(answer, target.name, on_event):
                if should_stop():
                    raise Interrupted("Interrupted while weights were downloaded; nothing was trained yet. Run the same command again.")
                file.write(piece)
                digest.update(piece)
        if not digest.hexdigest().startswith(sha256):
            raise OSError(f"its sha256 begins with {digest.hexdigest()[: len(sha256) or 8]}, not with {sha256}")
        temporary.replace(target)
    except HTTPException as error:
        raise OSError(f"the server's answer broke off: {error!r}") from None
    finally:
        temporary.unlink(missing_ok=True)


def told(answer: HTTPResponse, name: str, on_event: OnEvent) -> Iterator[bytes]:
    """The pieces of an answer as they come; OSError where there are fewer bytes than it said."""
    size, done, newest = int(answer.headers.get("Content-Length") or 0), 0, time.monotonic()
    while piece := answer.read1(PIECE_BYTES):
        done += len(piece)
        yield piece
        if time.monotonic() - newest >= TELL_SECONDS:
            newest = time.monotonic()
            of = f" of {size / 1e6:,.0f}" if size else ""
            message = f"Downloading {name}: {done / 1e6:,.0f}{of} MB so far"
            on_event({"event": "stage", "stage": "downloading", "message": message})
    if done < size:
        raise OSError(f"the line broke off after {done:,} of {size:,} bytes")
