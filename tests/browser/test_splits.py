"""Splits cut anew by a column of the table, and a cross-validation launched with one click, in a real browser."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.test_datasets import IMPORT_MS, upload
from tests.browser.world import WAIT_MS, fill_launch, follow

pytestmark = pytest.mark.browser


def write_wards(path: Path) -> Path:
    """Forty pictures whose table names their class and one of four wards."""
    random, rows = np.random.default_rng(3), ["file,label,ward"]
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(40):
            stream = BytesIO()
            Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(stream, "PNG")
            archive.writestr(f"{number:02d}.png", stream.getvalue())
            rows.append(f"{number:02d}.png,{('well', 'ill')[number % 2]},w{number // 10}")
        archive.writestr("table.csv", "\n".join(rows))
    return path


def test_splits_are_cut_by_a_column_and_classes_brought_to_a_size(signed_in_page: Page, tmp_path: Path, complaints: list[str]) -> None:
    page = signed_in_page
    upload(page, write_wards(tmp_path / "wards.zip"))
    expect(page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    follow(page, page.get_by_role("link", name="Classes 2"))
    page.get_by_text("Cut the splits anew").click()
    expect(page.get_by_label("Keep images that look alike in one split")).to_be_checked()
    page.get_by_label("Keep in one split", exact=True).select_option(label="images of one ward")
    page.get_by_label("Most images a class").fill("15")
    page.get_by_label("Keep the test split as it is").uncheck()
    page.locator("form").filter(has_text="Group pattern").get_by_role("button", name="Put into the draft").click()
    expect(page.locator("#draft")).to_contain_text("splits to be cut anew")
    told = "by the column ward, images that look alike together, at most 15 images a class"
    expect(page.get_by_text("In the draft: train / validation / test")).to_contain_text(told)
    page.get_by_role("button", name="Seal as version 2").click()
    expect(page.get_by_text("v2, sealed")).to_be_visible(timeout=IMPORT_MS)
    expect(page.get_by_role("row").filter(has_text="well")).to_contain_text("15")
    assert complaints == []


def test_a_cross_validation_is_launched_with_one_click(dataset: str, signed_in_page: Page, complaints: list[str]) -> None:
    page = signed_in_page
    fill_launch(page, "Crossed", epochs=1)
    page.locator("summary").filter(has_text="cross-validation").click()
    page.get_by_label("Cross-validation", exact=True).select_option(label="2 folds")
    expect(page.locator("#before")).to_contain_text("2 experiments", timeout=WAIT_MS)
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Crossed, fold 1 of 2")
    card = page.locator("#cross-validation")
    expect(card.get_by_text("this one")).to_be_visible()
    expect(card.get_by_text("mean ± standard deviation of 2 folds of 2").first).to_be_visible(timeout=2 * IMPORT_MS)
    card.get_by_role("link", name="Fold 2").click()
    page.wait_for_url(re.compile(r"/experiments/[0-9a-z]{20}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Crossed, fold 2 of 2")
    assert complaints == []
