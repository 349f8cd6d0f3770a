"""Any exception as a sentence with an exit code; tracebacks go to a log file, never to the terminal."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from classifier.spec.errors import EXIT_FAILURE, ClassifierError, InputError, Interrupted, is_device_lost, is_out_of_memory
from classifier.spec.words import shortened

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_NAMES = (errno.ENAMETOOLONG, errno.ELOOP)
BUSY = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EIO, errno.ESTALE)  # may pass by themselves


def sentence_of(error: BaseException) -> ClassifierError:
    """The error that a user reads in place of any exception."""
    if isinstance(error, ClassifierError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("Interrupted.")
    if is_out_of_memory(error):
        return ClassifierError("Out of memory: try a smaller batch_size or image_size, or end other programs.", code="out_of_memory")
    if is_device_lost(error):
        said = shortened(str(error).splitlines()[0], 200)
        return ClassifierError(f"The GPU stopped working ({said}); it takes a reset, or another device.", retry=True, code="device_lost")
    if isinstance(error, OSError) and error.errno is not None:
        return of_system(error)
    return unexpected(error)


def of_system(error: OSError) -> ClassifierError:
    """What the operating system refused, with the file it was about."""
    about = f" ({error.filename})" if error.filename else ""
    if error.errno in FULL:
        return ClassifierError(f"No space left on the disk{about}: free some and run the same command again.", retry=True, code="disk_full")
    wrong = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError | PermissionError | FileExistsError)
    if wrong or error.errno in NO_NAMES:
        return InputError(f"{error.strerror}{about}: name a path that exists and that you may use.", code="path")
    return ClassifierError(f"{error.strerror}{about}.", retry=error.errno in BUSY, code="system")


def unexpected(error: BaseException) -> ClassifierError:
    """A fault of ours: its kind in the sentence, its traceback in the log."""
    kind = f"{type(error).__name__}: {error}".strip(": ")
    return ClassifierError(f"Unexpected error, a fault of Synset ({shortened(kind, 300)}). {write_traceback(error)}", code="unexpected")


def log_folder() -> Path:
    """Where the engine logs: under SYNSET_HOME, else under the user's cache."""
    home = os.environ.get("SYNSET_HOME")
    return Path(home) / "logs" if home else Path.home() / ".cache" / "synset" / "logs"


def write_traceback(error: BaseException) -> str:
    """Appends the traceback to the log and says where it is."""
    text = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sys.argv[1:]}\n{''.join(traceback.format_exception(error))}\n"
    for folder in (log_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "engine-errors.log").open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
        except OSError:
            continue
        return f"The details are in {folder / 'engine-errors.log'}."
    return "The details could not be written anywhere."


def broken_pipe() -> int:
    """Ends quietly: what is still buffered goes nowhere, so that closing stdout does not complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_FAILURE
