"""The engine's own errors: a sentence for the user, and whether trying again can help."""

from __future__ import annotations

from itertools import islice
from typing import Final

EXIT_OK: Final = 0
EXIT_FAILURE: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_INTERRUPTED: Final = 130

MEMORY_WORDS: Final = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the processor's or the GPU's memory ran out (torch says so by text alone)."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and any(words in text for words in MEMORY_WORDS))


# of what CUDA and its driver say when the device itself is gone or broken, not merely what one kernel was asked
LOST_WORDS: Final = (
    "unspecified launch failure",
    "device is lost",
    "gpu is lost",
    "fallen off the bus",
    "uncorrectable ecc",
    "hardware stack error",
    "busy or unavailable",
    "no cuda-capable device",
)


def is_device_lost(error: BaseException) -> bool:
    """Whether the GPU stopped working (torch says so by text alone)."""
    text = str(error).lower()
    return isinstance(error, RuntimeError) and "cuda" in text and any(words in text for words in LOST_WORDS)


class ClassifierError(Exception):
    """Something a user should read: `message` is a whole sentence (what was expected, what came, what to do).

    `retry` says whether the same call may succeed later (a full disk may, a wrong value may not).
    `code` is a short stable word that programs can branch on ("nan_loss", "out_of_memory", …).
    """

    exit_code: int = EXIT_FAILURE

    def __init__(self, message: str, *, retry: bool = False, code: str = "failure") -> None:
        super().__init__(message)
        self.message = message
        self.retry = retry
        self.code = code


class InputError(ClassifierError):
    """What the user gave cannot be used as it is: a wrong file, folder or value."""

    exit_code = EXIT_BAD_INPUT

    def __init__(self, message: str, *, code: str = "bad_input") -> None:
        super().__init__(message, retry=False, code=code)


MOST_NAMED: Final = 50  # more than any form or configuration has fields


def named(fields: dict[str, str]) -> str:
    """One line about wrong fields; of more than a person reads, the first and how many more there are."""
    first = "; ".join(f"{name}: {text}" for name, text in islice(fields.items(), MOST_NAMED))
    rest = len(fields) - MOST_NAMED
    return f"{first}; and {rest:,} more wrong field{'s' * (rest > 1)}" if rest > 0 else first


class ConfigError(InputError):
    """Wrong configuration fields: `fields` maps each field's name to a sentence."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(named(fields), code="bad_config")
        self.fields = fields


class Interrupted(ClassifierError):
    """The user or the worker asked to stop; a checkpoint was kept where one could be."""

    exit_code = EXIT_INTERRUPTED

    def __init__(self, message: str = "Interrupted; a checkpoint was kept. Run the same command again to go on.") -> None:
        super().__init__(message, retry=True, code="interrupted")
