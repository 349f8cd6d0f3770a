"""CIFAR's python batches, read without running a pickle: its opcodes are walked, and only what such a batch needs is understood.

Nothing that a pickle names is ever imported or called. The two things of NumPy that a batch holds, an array and the
type of its items, are put together here from their parts.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.data.problems import Unreadable

REFUSED = "is a pickle that holds more than a CIFAR batch does ({}); it was not run. Save the images as PNG files"
ARRAY_MAKERS = {
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype"),
    ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"), ("_codecs", "encode"),
}  # fmt: skip
MARK = object()
PLAIN = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
}
CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
MOST_ITEMS = 5_000_000


@dataclass
class Name:
    """Something that the pickle would import: only its name."""

    module: str
    name: str


@dataclass
class ItemType:
    """NumPy's type of an array's items, as its code ("u1")."""

    code: str


@dataclass
class Array:
    """An array in the making."""

    values: np.ndarray | None = None


def refuse(what: str) -> Unreadable:
    return Unreadable("pickle", REFUSED.format(what))


class Walk:
    """A stack and a memory, as a pickle machine has, that know plain values and NumPy's arrays alone."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """The value of a pickle; raises Unreadable for one that is damaged or holds anything else."""
        try:
            for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
                if count > MOST_ITEMS:
                    raise refuse(f"over {MOST_ITEMS:,} items")
                if opcode.name == "STOP":
                    return self.stack.pop()
                self.step(opcode.name, argument)
        except Unreadable:
            raise
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError, OverflowError, MemoryError, EOFError):
            raise Unreadable("damaged", "is a damaged pickle: it breaks off, or its parts do not fit together") from None
        raise Unreadable("truncated", "is a pickle without its end; copy it again")

    def step(self, name: str, argument: Any) -> None:
        if name in PLAIN:
            self.stack.append(argument)
        elif name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name not in ("PROTO", "FRAME"):
            act: Callable[[Any], None] | None = getattr(self, f"do_{name.lower()}", None)
            if act is None:
                raise refuse(f"the instruction {name}")
            act(argument)

    def to_mark(self) -> list[Any]:
        """What was put on the stack since its last mark."""
        place = max(place for place, value in enumerate(self.stack) if value is MARK)
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def do_mark(self, _: Any) -> None:
        self.stack.append(MARK)

    def do_empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def do_empty_list(self, _: Any) -> None:
        self.stack.append([])

    def do_dict(self, _: Any) -> None:
        items = self.to_mark()
        self.stack.append({})
        self.hold(items)

    def do_list(self, _: Any) -> None:
        self.stack.append(self.to_mark())

    def do_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self.to_mark()))

    def do_tuple1(self, _: Any) -> None:
        self.tuple_of(1)

    def do_tuple2(self, _: Any) -> None:
        self.tuple_of(2)

    def do_tuple3(self, _: Any) -> None:
        self.tuple_of(3)

    def tuple_of(self, count: int) -> None:
        items = tuple(self.stack[-count:])
        if len(items) < count:
            raise IndexError
        self.stack[-count:] = [items]

    def do_append(self, _: Any) -> None:
        value = self.stack.pop()
        self.listed().append(value)

    def do_appends(self, _: Any) -> None:
        items = self.to_mark()
        self.listed().extend(items)

    def listed(self) -> list[Any]:
        if not isinstance(self.stack[-1], list):
            raise TypeError
        return self.stack[-1]

    def do_setitem(self, _: Any) -> None:
        items = self.stack[-2:]
        del self.stack[-2:]
        self.hold(items)

    def do_setitems(self, _: Any) -> None:
        items = self.to_mark()
        self.hold(items)

    def hold(self, items: list[Any]) -> None:
        """Keys and values in turn, into the dictionary on top. Keys are plain, since to hash nested tuples may take for ever."""
        keys = items[::2]
        if not isinstance(self.stack[-1], dict) or not all(isinstance(key, str | bytes | int) for key in keys):
            raise TypeError
        self.stack[-1].update(zip(keys, items[1::2], strict=True))

    def do_put(self, place: int) -> None:
        self.memory[place] = self.stack[-1]

    do_binput = do_long_binput = do_put

    def do_memoize(self, _: Any) -> None:
        self.memory[len(self.memory)] = self.stack[-1]

    def do_get(self, place: int) -> None:
        self.stack.append(self.memory[place])

    do_binget = do_long_binget = do_get

    def do_global(self, argument: str) -> None:
        self.named(*argument.split(" ", 1))

    def do_stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.named(module, name)

    def named(self, module: str, name: str) -> None:
        if (module, name) not in ARRAY_MAKERS:
            raise refuse(f"it names {str(module)[:40]}.{str(name)[:40]}")
        self.stack.append(Name(module, name))

    def do_reduce(self, _: Any) -> None:
        """A call of the pickle: only the beginning of an array, of an item type, or of bytes that were written as text."""
        given, made = self.stack.pop(), self.stack.pop()
        if not isinstance(made, Name):
            raise refuse("a call")
        if made.name == "_reconstruct":
            self.stack.append(Array())
        elif made.name == "dtype":
            self.stack.append(ItemType(str(given[0])))
        elif made.name == "_frombuffer":
            raw, items, shape, order = given
            self.stack.append(Array(array_of((1, shape, items, order == "F", raw))))
        elif made.name == "encode" and given[1] == "latin1":
            self.stack.append(given[0].encode("latin-1"))
        else:
            raise refuse(f"a call of {made.name}")

    def do_build(self, _: Any) -> None:
        state, made = self.stack.pop(), self.stack[-1]
        if isinstance(made, Array):
            made.values = array_of(state)
        elif not isinstance(made, ItemType):
            raise refuse("an object's state")


def array_of(state: Any) -> np.ndarray:
    """uint8 in its shape, from NumPy's (version, shape, item type, whether column by column, bytes)."""
    _, shape, items, by_column, data = state
    if not isinstance(items, ItemType) or items.code not in ("u1", "|u1"):
        raise refuse("an array of other items than bytes")
    raw = data.encode("latin-1") if isinstance(data, str) else bytes(data)
    values = np.frombuffer(raw, np.uint8)
    return values.reshape(tuple(int(side) for side in shape), order="F" if by_column else "C")


def read_batch(data: bytes) -> dict[str, Any]:
    """The dictionary of a CIFAR batch, keys as text and arrays as uint8; raises Unreadable for anything else."""
    found = Walk().run(data)
    if not isinstance(found, dict):
        raise refuse("no dictionary")
    plain = {text_of(key): value.values if isinstance(value, Array) else value for key, value in found.items() if not isinstance(key, int)}
    return {key: value for key, value in plain.items() if value is not None}


def text_of(value: Any) -> str:
    if not isinstance(value, str | bytes):
        raise refuse("names that are no text")
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")  # half a letter, which a pickle can hold, is no text
    return raw.decode("utf-8", "replace")
