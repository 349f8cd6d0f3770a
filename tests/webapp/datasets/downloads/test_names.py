"""Names of what is given out are taken by every file system, and no two of them are the same on any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.datasets.downloads import names


@pytest.mark.parametrize("name", ["ant", "Ameise groß", "貓", "n01440764", "a.b (2)", "hot-dog", "_x"])
def test_a_harmless_name_is_kept(name: str) -> None:
    assert names.safe(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b", "a_b"),
        ("..", "_"),
        ("", "_"),
        (" ant. ", "ant"),
        ("con", "_con"),
        ("LPT1.tar", "_LPT1.tar"),
        ('a:b*?"<>|', "a_b______"),
        (".hidden", "_.hidden"),
        ("a\0b\n", "a_b_"),
        ("a\u202eb", "a_b"),
        ("\u3000a\u3000. ", "a"),
    ],
)
def test_what_a_file_system_refuses_is_replaced(name: str, safe: str) -> None:
    assert names.safe(name) == safe


@given(st.text())
def test_no_name_leads_anywhere_or_is_refused(name: str) -> None:
    made = names.safe(name)
    assert made and "/" not in made and "\\" not in made and made not in (".", "..") and made == made.strip()
    assert len(made.encode()) <= names.MOST_BYTES + 1 and not names.DEVICES.fullmatch(made)


@given(st.lists(st.text(max_size=4), max_size=30))
def test_no_two_folders_are_the_same_on_a_file_system_without_case(labels: list[str]) -> None:
    assert len({names.folded(name) for name in names.folders(labels)}) == len(labels)


def test_folders_that_differ_in_case_alone_are_told_apart() -> None:
    assert names.folders(["Ant", "ant", "ANT"]) == ["Ant", "ant-2", "ANT-3"]


def test_a_folder_is_not_called_like_a_file_beside_it() -> None:
    assert names.folders(["readme.md", "ant"], ["README.md"]) == ["readme.md-2", "ant"]
