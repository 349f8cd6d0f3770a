"""Images go only to those who may read the dataset, and only as images."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from webapp.datasets.models import DatasetVersion

NAMES = ("thumb", "image")
SignedIn = Callable[[Any], Client]


def address(name: str, version: DatasetVersion, image: int = 0, number: int = 1) -> str:
    return reverse(f"datasets:{name}", args=[version.dataset_id, number, image])


def test_a_small_pictures_thumbnail_has_its_own_pixels(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    answer = signed_in(viewer).get(address("thumb", version))
    assert answer.headers["Content-Type"] == "image/png" and Image.open(BytesIO(answer.content)).size == (14, 14)


def test_a_photographs_thumbnail_is_a_jpeg(photos: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    answer = signed_in(viewer).get(address("thumb", photos))
    assert answer.headers["Content-Type"] == "image/jpeg" and Image.open(BytesIO(answer.content)).format == "JPEG"


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_served_without_any_right(name: str, photos: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    headers = signed_in(viewer).get(address(name, photos)).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox" and headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in headers["Cache-Control"] and "private" in headers["Cache-Control"]


@pytest.mark.parametrize("name", NAMES)
def test_an_outsider_finds_no_image(name: str, version: DatasetVersion, outsider: Any, signed_in: SignedIn) -> None:
    assert signed_in(outsider).get(address(name, version)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_an_image_needs_a_sign_in(name: str, version: DatasetVersion, client: Client) -> None:
    assert client.get(address(name, version)).status_code == 302


@pytest.mark.parametrize(("image", "number"), [(24, 1), (2**31, 1), (2**40, 1), (0, 2), (0, 10**30)])
def test_an_image_that_is_none_is_not_found(image: int, number: int, version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    assert signed_in(viewer).get(address("thumb", version, image, number)).status_code == 404


def test_in_the_place_of_a_picture_that_there_is_not_no_page_is_made(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    client = signed_in(viewer)
    told = client.get(address("thumb", version, 24), headers={"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"})
    assert (told.status_code, told["Content-Type"]) == (404, "text/plain; charset=utf-8") and b"no such image" in told.content
    opened = client.get(address("thumb", version, 24), headers={"Accept": "text/html,application/xhtml+xml,image/avif,*/*;q=0.8"})
    assert opened.status_code == 404 and b"There is nothing here" in opened.content


def test_a_thumbnail_takes_four_queries_at_most_and_does_not_read_the_classes(
    version: DatasetVersion, viewer: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(viewer)
    with django_assert_max_num_queries(4) as asked:
        assert client.get(address("thumb", version)).status_code == 200
    assert not any('"classes"' in query["sql"] for query in asked.captured_queries)


@pytest.mark.parametrize("id", ["\0", "\0" * 20, "x"])
def test_the_database_is_not_asked_for_an_image_of_what_is_no_id(
    id: str, viewer: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(50) as asked:
        assert signed_in(viewer).get(f"/datasets/{quote(id)}/versions/1/images/1").status_code == 404
    assert "datasetversion" not in str(asked.captured_queries)
