"""How an archive is to be imported: shares of the splits, seed, what stays in one split, sizes of classes, and corrections of its layout.

Form, API and actions check them here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from classifier.spec.encodings import ENCODINGS
from classifier.spec.errors import ConfigError
from classifier.spec.exif import chosen as chosen_notes
from classifier.spec.faces import MISSING, detector_file

DEFAULTS: dict[str, Any] = {"split": "70/15/15", "seed": 0, "group": None}
MAX_SEED = 2**32 - 1
MAX_PATTERN = 200
MAX_CHOICE = 20_000
MOST_LEFT = 1000  # folders that are left out
MOST_COUNT = 1_000_000_000
TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "": False, "0": False, "false": False, "no": False, "off": False}
KNOWN = (*DEFAULTS, "alike", "least", "most", "blur_faces", "exif", "encoding")  # as forms and headers bring them
CHOSEN = frozenset(["kind", "table", "path", "label", "split", "group", "level", "leave", "labels", "encoding"])  # as `--choose` takes them


def checked(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Every option, clean; ConfigError names all that are wrong."""
    given = {**DEFAULTS, **(options or {})}
    readers: dict[str, Callable[[Any], Any]] = {"split": split, "seed": seed, "group": group}
    readers |= {name: read for name, read in MORE.items() if name in given}
    wrong = {name: f"is not an option of an import; there are {', '.join(KNOWN)}" for name in given if name not in readers}
    values: dict[str, Any] = {}
    for name, read in readers.items():
        try:
            values[name] = read(given[name])
        except ValueError as error:
            wrong[name] = str(error)
    if (values.get("least") or 0) > (values.get("most") or MOST_COUNT):
        wrong["most"] = f"expected at least {values['least']:,}, the least images a class; {values['most']:,} came"
    if wrong:
        raise ConfigError(wrong)
    if named := values.pop("encoding", ""):  # a correction as others are, which an API's client may know beforehand
        values["choose"] = values.get("choose", {}) | {"encoding": named}
    return {name: value for name, value in values.items() if name in DEFAULTS or value not in (None, False)}


def choose(value: Any) -> dict[str, Any]:
    """What was corrected of the layout, by its names; the import itself judges whether it fits the archive."""
    if not isinstance(value, dict) or value.keys() - CHOSEN:
        raise ValueError(f"expected an object of {', '.join(sorted(CHOSEN))}")
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:  # which no database keeps in JSON
        raise ValueError("holds a number that is not finite (NaN or infinity); leave it out") from None
    if len(text) > MAX_CHOICE:
        raise ValueError(f"expected at most {MAX_CHOICE:,} characters")
    if "\\u0000" in text:  # which PostgreSQL keeps in no JSON
        raise ValueError("holds a NUL character; leave it out")
    if isinstance(left := value.get("leave"), list) and len(left) > MOST_LEFT:
        raise ValueError(f"expected at most {MOST_LEFT:,} folders to leave out; {len(left):,} came")
    return dict(value) | ({"encoding": encoding(value["encoding"])} if value.get("encoding") else {})


def encoding(value: Any) -> str:
    """Of names in the archive that do not say theirs."""
    text = str(value or "").strip().lower()
    if text and text not in ENCODINGS:
        raise ValueError(f'expected one of {", ".join(ENCODINGS)}; "{text[:40]}" came')
    return text


def split(value: Any) -> str:
    """ "70/15/15": percent of train, validation and test."""
    parts = str(value).replace(" ", "").split("/")
    expected = f'expected three shares of 100 such as 70/15/15; "{str(value)[:40]}" came'
    try:
        shares = [float(part) for part in parts]
    except ValueError:
        raise ValueError(expected) from None
    if len(shares) != 3 or not all(0 <= share <= 100 for share in shares) or shares[0] == 0:
        raise ValueError(expected + "; train needs a share above 0")
    if abs(sum(shares) - 100) > 0.01:
        raise ValueError(f"the shares must add up to 100; they add up to {sum(shares):g}")
    return "/".join(f"{share:g}" for share in shares)


def seed(value: Any) -> int:
    """A whole number from 0 to 4,294,967,295."""
    try:
        number = int(str(value).strip() or 0)
    except ValueError:
        number = -1
    if not 0 <= number <= MAX_SEED:
        raise ValueError(f'expected a whole number from 0 to {MAX_SEED:,}; "{str(value)[:40]}" came')
    return number


def group(value: Any) -> str | None:
    """A regular expression over paths, or None: what it matches stays in one split."""
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    if len(text) > MAX_PATTERN:
        raise ValueError(f"expected at most {MAX_PATTERN} characters; {len(text):,} came")
    if "\0" in text:
        raise ValueError("holds a NUL character; leave it out")
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return text


def truth(value: Any) -> bool:
    """Yes or no, also as a form or a header says it."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in TRUTHS:
        raise ValueError(f'expected true or false; "{str(value)[:40]}" came')
    return TRUTHS[word]


def faces(value: Any) -> bool:
    """As `truth`; yes only where faces can be found."""
    wanted = truth(value)
    if wanted and detector_file() is None:
        raise ValueError(MISSING)
    return wanted


def exif(value: Any) -> str | None:
    """ "date,camera": what of a camera's notes is kept as columns, or None."""
    return ",".join(chosen_notes(str(value or ""))) or None


def count(value: Any) -> int | None:
    """A number of images from 1, or None."""
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
    if not 1 <= number <= MOST_COUNT:
        raise ValueError(f'expected a whole number of images from 1 to {MOST_COUNT:,}, or nothing; "{text[:40]}" came')
    return number


def words(chosen: Mapping[str, Any]) -> list[str]:
    """What stays together by looks, how many images a class keeps, whether faces are blurred and what of EXIF is kept, where chosen."""
    told = ["images that look alike together"] if chosen.get("alike") else []
    told += [f"classes of at least {chosen['least']:,} images"] if chosen.get("least") else []
    told += [f"at most {chosen['most']:,} images a class"] if chosen.get("most") else []
    told += ["faces blurred"] if chosen.get("blur_faces") else []
    return told + ([f"{' and '.join(chosen['exif'].split(','))} of EXIF"] if chosen.get("exif") else [])


# Given now and then; what says nothing is not kept. `look`: somebody wants to see how the archive is understood before it is imported.
MORE: dict[str, Callable[[Any], Any]] = {
    "alike": truth, "least": count, "most": count, "blur_faces": faces, "exif": exif, "choose": choose, "look": truth, "encoding": encoding,
}  # fmt: skip
