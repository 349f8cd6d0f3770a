"""A card as Markdown: for a repository, and as README.md in what is downloaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.datasets.cards.card import Card, Section, Table

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")


def written(card: Card) -> str:
    """The whole text."""
    return "\n".join(lines(card)) + "\n"


def lines(card: Card) -> Iterator[str]:
    yield from (f"# {plain(card.title)}", "")
    if card.description:
        yield from (card.description.replace("\r\n", "\n"), "")
    yield from (f"Licence: {plain(card.licence) if card.licence else 'not stated'}", "")
    for section in card.sections:
        yield from of_section(section)


def of_section(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "")
    if section.facts:
        yield from (*(f"- {name}: {plain(value)}" for name, value in section.facts), "")
    for sentence in section.sentences:
        yield from (plain(sentence), "")
    for table in section.tables:
        yield from of_table(table)
    if section.commands:
        yield from (*(f"    {line}" for line in section.commands), "")


def of_table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (f"### {plain(table.title)}", "")
    yield row(table.head)
    yield f"|{' --- |' * table.texts}{' ---: |' * (len(table.head) - table.texts)}"
    yield from map(row, table.rows)
    yield ""
    if table.note:
        yield from (plain(table.note), "")


def row(cells: list[str]) -> str:
    return f"| {' | '.join(map(plain, cells))} |"


def plain(text: str) -> str:
    """The text as Markdown shows it: names of classes and people are no markup."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
