"""Public ids: 20 characters that sort by time and cannot be guessed."""

from __future__ import annotations

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
LENGTH = 20
RANDOM_BITS, STEP_BITS = 50, 40
rising = threading.Lock()
newest = 0


def encode(number: int, length: int) -> str:
    """The number in base 32, padded with zeros to `length`."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def new_id() -> str:
    """Ten characters of milliseconds since 1970, ten of randomness (50 bits). Those of one process rise also within a millisecond, by
    a random step of up to 40 bits, so that what is queued first is first."""
    global newest
    drawn = time.time_ns() // 1_000_000 << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    with rising:
        newest = drawn if drawn > newest else newest + 1 + secrets.randbits(STEP_BITS)
        return encode(newest, LENGTH)


def is_id(text: str) -> bool:
    """Whether the text looks like one. The database is asked for nothing else: PostgreSQL raises on NUL."""
    return len(text) == LENGTH and text.isascii() and text.isalnum()
