"""The few of MATLAB's version 5 files that are read: a struct's numbers and texts, as ILSVRC's meta.mat lists its classes, and arrays.

MathWorks, "MAT-File Format", 2023: elements of a type, a length and data, some of them packed by zlib.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT, CHAR = 1, 2, 4
MOST_BYTES, MOST_DEPTH = 16 << 20, 4
MOST_CELLS = 5_000_000  # of lists of images; some kilobytes unfold to many more
MAT_ERRORS = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, StopIteration, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
TYPES = {1: "<i1", 2: "<u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8", 16: "<u1", 17: "<u2"}


class Element(NamedTuple):
    kind: int
    data: bytes


def elements(data: bytes, at: int = 0) -> Iterator[Element]:
    """The elements that follow each other; raises ValueError where one is cut."""
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<2I", data, at)
        if kind >> 16:  # a small one: its length stands in the type, its data in the length's place
            yield Element(kind & 0xFFFF, data[at + 4 : at + 4 + (kind >> 16)])
            at += 8
            continue
        if at + 8 + length > len(data):
            raise ValueError("an element is cut short")
        yield Element(kind, data[at + 8 : at + 8 + length])
        at += 8 + length + (-length % 8 if kind != COMPRESSED else 0)


def read_structs(data: bytes) -> dict[str, list[Any]]:
    """{field: its value in each element} of the first struct array in a file; raises ValueError where there is none."""
    for content in matrices(data):
        if isinstance(found := matrix(content), dict):
            return found
    raise ValueError("no struct array")


def read_arrays(data: bytes) -> dict[str, np.ndarray]:
    """{name: its numbers, in one row} of the arrays of numbers in a file."""
    found = {}
    for content in matrices(data):
        _, _, name = itertools.islice(elements(content), 3)
        if isinstance(numbers := matrix(content), np.ndarray):
            found[name.data.decode("latin-1")] = numbers
    return found


def read_rows(data: bytes) -> tuple[list[str], list[list[str]]]:
    """(columns, rows) of what a file lists of images: a struct array of texts and single numbers (Stanford's cars), or lists of texts and
    numbers as long as each other (its dogs). Without columns for a file of anything else."""
    columns: dict[str, list[str]] = {}
    cells = 0
    for content in matrices(data):
        _, _, name = itertools.islice(elements(content), 3)
        found = matrix(content)
        for title, values in (found if isinstance(found, dict) else {name.data.decode("latin-1"): found}).items():
            cells += len(values) if isinstance(values, (list, np.ndarray)) else 0
            if cells > MOST_CELLS:
                raise ValueError("more cells than a list of images has")
            words = [as_word(value) for value in values] if isinstance(values, (list, np.ndarray)) else []
            if len(words) > 1 and not any(word is None for word in words):
                columns[title] = [word or "" for word in words]
    rows = max((len(words) for words in columns.values()), default=0)
    kept = {title: words for title, words in columns.items() if len(words) == rows}
    return list(kept), [list(row) for row in zip(*kept.values(), strict=True)]


def as_word(value: Any) -> str | None:
    """A text, or a single number, also where they lie in a cell of their own."""
    while isinstance(value, (list, np.ndarray)) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return value
    return f"{value:.15g}" if isinstance(value, np.number) else None


def matrices(data: bytes) -> Iterator[bytes]:
    """What each array of a file holds."""
    for element in elements(data, HEADER_BYTES):
        if element.kind == COMPRESSED:
            element = next(elements(zlib.decompressobj().decompress(element.data, MOST_BYTES)))
        if element.kind == MATRIX:
            yield element.data


def matrix(data: bytes, depth: int = 0) -> Any:
    """A struct array as a dictionary, cells as a list, characters as text, numbers as an array; None for anything else."""
    if depth > MOST_DEPTH:
        raise ValueError("structs in structs in structs")
    parts = elements(data)
    flags, _, _ = next(parts), next(parts), next(parts)  # flags, dimensions, name
    kind = flags.data[0]
    if kind == STRUCT:
        width = int.from_bytes(next(parts).data, "little")
        packed = next(parts).data
        names = [packed[at : at + width].split(b"\0")[0].decode("latin-1") for at in range(0, len(packed), max(1, width))]
        values = [matrix(part.data, depth + 1) for part in parts]
        return {name: values[place :: len(names)] for place, name in enumerate(names)}
    if kind == CELL:
        return [matrix(part.data, depth + 1) for part in parts]
    content = next(parts, None)
    if content is None or content.kind not in TYPES:
        return "" if kind == CHAR else None
    numbers = np.frombuffer(content.data, TYPES[content.kind])
    return whole_letters("".join(map(chr, numbers))) if kind == CHAR else numbers


def whole_letters(text: str) -> str:
    """Of UTF-16's halves of letters; one alone is no letter, and could be written nowhere."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
