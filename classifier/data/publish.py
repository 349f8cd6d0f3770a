"""Writing a dataset folder so that it appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted  # what json.dumps makes of a text, at a tenth of its cost
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.dataset import SAMPLE_DTYPE
from classifier.data.samples import Samples
from classifier.data.together import write_groups
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.faults import fault
from classifier.spec.packfile import JOURNAL_FILE

AT_ONCE = 1 << 16  # rows that are written in one piece


@contextlib.contextmanager
def staging(source: Path, out: Path, *, keep: Callable[[BaseException], bool] = lambda error: False) -> Iterator[Path]:
    """A folder beside `out` to write into; becomes `out` at the end, and is gone after any error but those of which `keep` is true.

    What an earlier one left for the same `out` is the caller's to take or remove.
    Raises InputError where `out` holds something already or lies inside the source.
    """
    check_out(source, out)
    out = out.resolve()
    made = make_parents(out)
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix_of(out), dir=out.parent))
    except OSError as error:
        raise cannot_write(out, error) from None
    try:
        with owned(folder):  # to the end: to bring it to the disk may take minutes, and what nobody owns is swept
            yield folder
            publish(folder, out)
    except BaseException as error:
        if keep(error):
            raise
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise cannot_write(out, error) from error
        raise


def check_out(source: Path, out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is not empty; give --out a folder that is missing or empty.")
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise InputError(f"{out} lies inside {source}, the folder to import; give --out a place beside it.")


def cannot_write(out: Path, error: OSError) -> ClassifierError:
    if error.errno == errno.EFBIG:
        what = f"The images of this source take more than one file in {out} may have. Nothing was kept."
        return InputError(f"{what} Raise the limit on file sizes (ulimit -f), or import them in parts.", code="too_large")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = f"The disk has no space left for {out}; nothing was kept. Free some, then try again."
        return ClassifierError(message, retry=True, code="disk_full")
    return ClassifierError(f"Cannot write {out}: {error.strerror or error}. Nothing was kept.", retry=True, code="cannot_write")


def make_parents(out: Path) -> list[Path]:
    """The folders above `out` that had to be made, deepest first."""
    missing = [parent for parent in out.parents if not parent.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Cannot make {out.parent}: {error.strerror}; give --out another place.") from None
    return missing


def prefix_of(out: Path) -> str:
    return f".{out.name}.importing-"


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Marks the folder as in use for as long as this process lives."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        lock(descriptor)
        yield
    finally:
        unlock(descriptor)


def lock(descriptor: int) -> bool:
    """Takes the lock that ends with its process; False where another holds it."""
    import fcntl  # Unix, like the rest of the platforms served

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    locked.add(descriptor)
    return True


def unlock(descriptor: int) -> None:
    """Closes the descriptor, and so gives its lock back, where it has one."""
    locked.discard(descriptor)
    os.close(descriptor)


def leave_to_parent() -> None:
    """A lock lives as long as any process has it open: one that is forked must not hold its parent's when that has died."""
    while locked:
        os.close(locked.pop())


locked: set[int] = set()
os.register_at_fork(after_in_child=leave_to_parent)


def staged_for(out: Path) -> list[Path]:
    """The folders that imports to that place write, or wrote, into."""
    return sorted(out.parent.glob(glob_escape(prefix_of(out)) + "*"))


def abandoned(out: Path) -> list[Path]:
    """Of those the ones whose import was killed."""
    return [folder for folder in staged_for(out.resolve()) if is_free(folder)]


def is_free(folder: Path) -> bool:
    """Whether it is there, and no living process has it as its own."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # it was swept since it was listed
        return False
    try:
        return lock(descriptor)
    finally:
        unlock(descriptor)


def remove_abandoned(out: Path) -> None:
    """What an import to the same place left when it was killed."""
    for folder in abandoned(out):
        shutil.rmtree(folder, ignore_errors=True)


def glob_escape(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def publish(folder: Path, out: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        sync(path)
    folder.chmod(0o777 & ~current_umask())  # mkdtemp's is private
    fault("publish")
    with contextlib.suppress(FileNotFoundError):  # what is no import has none
        (folder / "pack" / JOURNAL_FILE).unlink()  # last: until then a killed import is gone on with
        sync(folder / "pack")
    folder.rename(out)  # replaces an empty folder in one step
    sync(out.parent)


def current_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_dataset(
    folder: Path,
    about: dict[str, Any],
    samples: Samples,
    metadata: Callable[[str], Sequence[str]] | None = None,
    stays: np.ndarray | None = None,
) -> None:
    """dataset.json, samples.bin, paths.txt, where there are any metadata.jsonl and groups.bin, beside the pack that is there."""
    number = {label: position for position, label in enumerate(about["classes"])}
    labels = np.array([number.get(label, 0) for label in samples.classes], np.uint32)
    with (folder / "samples.bin").open("wb") as file:
        for start in range(0, len(samples), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            table = np.zeros(len(samples.rows[part]), SAMPLE_DTYPE)
            table["image"], table["label"], table["split"] = samples.rows[part], labels[samples.labels[part]], samples.splits[part]
            file.write(table.tobytes())
    with (folder / "paths.txt").open("w", encoding="utf-8") as lines:
        lines.writelines(f"{quoted(path)}\n" for path in samples.paths)
    if metadata is not None and about.get("columns"):
        with (folder / "metadata.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(list(metadata(path))) + "\n" for path in samples.paths)
    if stays is not None:
        write_groups(folder, stays)
    write_about(folder, about)


def write_about(folder: Path, about: dict[str, Any]) -> None:
    """dataset.json."""
    with (folder / "dataset.json").open("w", encoding="utf-8") as file:
        file.writelines(about_pieces(about))


def about_pieces(about: dict[str, Any]) -> Iterator[str]:
    """dataset.json's text, a piece at a time: a line a key, and a line a problem, for of those there may be a million."""
    before = "{\n"
    for key, value in about.items():
        yield f"{before} {json.dumps(key)}: "
        yield from listed(value) if key == "problems" else (json.dumps(value, ensure_ascii=False),)  # indented by json: slow
        before = ",\n"
    yield "\n}\n"


def listed(problems: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """As `classifier.spec.aboutfile` reads them."""
    before = "[\n"
    for problem in problems:
        yield f"{before}  {json.dumps(problem, ensure_ascii=False)}"
        before = ",\n"
    yield "[]" if before == "[\n" else "\n ]"
