"""Very many problems in little memory: a million of them as Python's own dicts take 500 MB, and so some 50."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from classifier.data.problems import Problem
from classifier.data.texts import Column, Texts


class Problems:
    """Problems in the order in which they are told; equal to any list of the same."""

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.files, self.rules, self.messages, self.taken = Texts(), Column(), Column(), bytearray()
        self.extend(problems)

    def append(self, problem: Problem) -> None:
        self.files.append(problem["file"])
        self.rules.append(problem["rule"])
        self.messages.append(problem["message"])
        self.taken.append(problem["taken"])

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.append(problem)

    def __iadd__(self, problems: Iterable[Problem]) -> Self:
        self.extend(problems)
        return self

    def __len__(self) -> int:
        return len(self.taken)

    def __getitem__(self, place: int) -> Problem:
        taken = bool(self.taken[place])
        return Problem(file=self.files[place], rule=self.rules[place], message=self.messages[place], taken=taken)

    def __iter__(self) -> Iterator[Problem]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problems | list) and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return repr(list(self))
