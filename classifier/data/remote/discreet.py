"""What packages of others say of their errors, without what opens a store: it is shown to a team, kept in rows, and logged.

Each package words its errors as it likes: the whole address with its signature, the options that it was given, the header that it sent.
So too much is taken out rather than too little.
"""

from __future__ import annotations

import html
import json
import logging
import re
import sys
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

GONE = "…"
LONGEST = 4_000  # characters that are looked at; of what is longer nothing else is shown
LAST = 200  # characters at the end of those, among which a word ends
SHORT = 3  # a value of fewer characters opens nothing
WORD = 8  # a value of fewer is taken out where it stands by itself alone: "us" is a part of many words
SECRET_NAME = r"[\w.-]{0,40}(?:sig|token|secret|passw|pwd|key|auth|credential|session)[\w.-]{0,40}"
ADDRESS = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]{0,20}://)([^\s'\"<>?#]*@)?([^\s'\"<>?#]*)([?#][^\s'\"<>]*)?")
QUERY = re.compile(r"\?[\w.%~+-]{1,80}=[^\s'\"<>]*")
SCHEME = re.compile(r"\b(Bearer|Basic|Digest|SharedKey\w*)[\s:]+[^\s'\"<>,;]+", re.IGNORECASE)
EQUALS = re.compile(rf"\b({SECRET_NAME})\s{{0,3}}=\s{{0,3}}('[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)|[^\s&;,'\")]+)", re.IGNORECASE)
QUOTED = re.compile(rf"(['\"]{SECRET_NAME}['\"]\s{{0,3}}:\s{{0,3}})(b?'[^']*(?:'|\Z)|b?\"[^\"]*(?:\"|\Z)|[^\s,'\"}}]+)", re.IGNORECASE)
HEADER = re.compile(
    r"\b((?:proxy-)?authorization|x-[a-z-]{0,40}(?:token|key|auth)[a-z-]{0,20}|cookie)\s{0,3}:\s{0,3}[^\r\n'\"]+", re.IGNORECASE
)
BLOCK = re.compile(r"-----BEGIN .*", re.DOTALL)
LONG = re.compile(r"[A-Za-z0-9_~%+=-]{20,}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")


def scrubbed(text: str, known: Iterable[str] = ()) -> str:
    """The text without addresses' queries and names, without what looks like a key, and without the values of `known`."""
    told = beginning(text, list(known))
    told = BLOCK.sub(GONE, told)
    told = ADDRESS.sub(lambda found: f"{found[1]}{found[3]}{f'?{GONE}' if found[4] else ''}", told)
    told = QUERY.sub(f"?{GONE}", told)
    told = HEADER.sub(rf"\1: {GONE}", told)
    told = SCHEME.sub(rf"\1 {GONE}", told)
    told = QUOTED.sub(rf"\1{GONE}", told)
    told = EQUALS.sub(rf"\1={GONE}", told)
    told = BASE64.sub(lambda found: GONE if is_mixed(found[0]) else found[0], told)
    return LONG.sub(lambda found: GONE if has_both(found[0]) else found[0], told)


def beginning(text: str, known: list[str]) -> str:
    """So much of the text as is looked at, without the values of `known`. What is cut off begins with a whole word and a whole value:
    half of a key is known by no pattern."""
    beyond = max(map(len, known), default=0)
    told = text[: LONGEST + beyond]
    for value in known:
        edge = (r"(?<!\w)", r"(?!\w)") if len(value) < WORD else ("", "")
        told = re.sub(f"{edge[0]}{re.escape(value)}{edge[1]}", GONE, told)
    if len(text) <= LONGEST:
        return told
    whole = told[: len(told) - beyond] if len(text) > LONGEST + beyond else told  # at its end half a value may stand
    end = whole.rfind(" ", LONGEST - LAST, LONGEST)  # what is one word for longer is long enough to be known for a key
    return f"{whole[: end if end > 0 else LONGEST]} {GONE}"


def has_both(text: str) -> bool:
    """Letters and digits: a long word of both is nobody's language."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def is_mixed(text: str) -> bool:
    """Digits and letters of both cases, as random bytes have them and most paths have not."""
    return has_both(text) and text.lower() != text and text.upper() != text


def values(options: dict[str, Any]) -> list[str]:
    """What an option holds at any depth, in the forms in which it is sent, the longest first."""
    found = {form for value in leaves(options) for form in forms(value) if len(form) >= SHORT}
    return sorted(found, key=lambda form: (-len(form), form))


def leaves(value: Any) -> Iterator[str]:
    """Texts and numbers; of a text of several lines, such as a key in a file, each line."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif value is not None and not isinstance(value, bool):
        text = str(value)
        yield text
        yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= WORD)


def forms(value: str) -> Iterator[str]:
    """As it is, as a part of an address, as Python, JSON and a page print it, JSON within JSON too, and in base64."""
    raw = value.encode(errors="surrogatepass")
    yield value
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw), html.escape(value), html.escape(value, quote=False))
    yield from (repr(value)[1:-1], ascii(value)[1:-1], repr(raw)[2:-1], value.replace("'", "\\'"))
    for as_json in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield from (as_json, json.dumps(as_json)[1:-1])
    yield b64encode(raw).decode().rstrip("=")


class Discreet(logging.Handler):
    """What packages log, scrubbed, and no traceback of theirs: the log of a job is its team's to read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.known: set[str] = set()

    def listen(self, known: Iterable[str]) -> None:
        """From now on, also to their warnings, and to errors in their threads and finalizers, which Python would print in full."""
        self.known.update(known)
        logging.getLogger().addHandler(self)  # once, however often it is asked for
        logging.captureWarnings(True)
        if threading.excepthook is threading.__excepthook__:
            threading.excepthook = self.lost
        if sys.unraisablehook is sys.__unraisablehook__:
            sys.unraisablehook = self.lost

    def emit(self, record: logging.LogRecord) -> None:
        self.say(record.levelname, record.getMessage())

    def lost(self, found: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
        """An error that came to nobody."""
        if found.exc_type is not SystemExit:  # by which a thread may end
            self.say("ERROR", f"{found.exc_type.__name__}: {found.exc_value}")

    def say(self, level: str, words: str) -> None:
        known = sorted(self.known, key=lambda value: (-len(value), value))
        sys.stderr.write(f"{level}: {scrubbed(words, known)}\n")


LOG = Discreet()
