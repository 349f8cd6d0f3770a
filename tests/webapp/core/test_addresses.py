"""Addresses of many images."""

from __future__ import annotations

import pytest
from django.urls import reverse

from webapp.core.addresses import MARK, numbered

ID = f"{MARK}{MARK}ab"  # as long as an id is, with what stands for the number in it


@pytest.mark.parametrize("number", [0, 7, int(MARK), 4_000_000_000])
@pytest.mark.parametrize(
    ("name", "places"),
    [("datasets:thumb", (ID, 3)), ("datasets:image", (ID, 918273645)), ("evaluations:image", (ID,)), ("evaluations:image-about", (ID,))],
)
def test_an_address_is_the_one_that_leads_there(name, places, number):
    assert numbered(name, *places, number) == reverse(name, args=[*places, number])


def test_it_is_looked_up_once_for_all_numbers(monkeypatch):
    numbered("datasets:thumb", "another", 1, 0)
    monkeypatch.setattr("webapp.core.addresses.reverse", None)
    assert numbered("datasets:thumb", "another", 1, 5) == reverse("datasets:thumb", args=["another", 1, 5])
