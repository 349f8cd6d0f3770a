"""Groups of an evaluation, probes of its network and learning curves, clicked through on a real run."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.world import COLOURS, TRAINING_MS, WAIT_MS, comes_to, upload
from tests.plugins.stack import PERSON, Stack

pytestmark = pytest.mark.browser
CONFIG = {"model": "small_cnn", "epochs": 2, "image_size": 16, "batch_size": 8, "device": "cpu"}


def sites(path: Path) -> Path:
    """Colours from two sites: the south's pictures are noise, and twice as wide."""
    lines = "file,label,site\n"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(120):
            label, south = list(COLOURS)[number % 3], number % 2
            pixels = np.full((16, 32 if south else 16, 3), COLOURS[label], np.uint8)
            pixels = np.random.default_rng(number).integers(0, 256, pixels.shape, np.uint8) if south else pixels + np.uint8(number % 30)
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            archive.writestr(f"{number}.png", file.getvalue())
            lines += f"{number}.png,{label},{'south' if south else 'north'}\n"
        archive.writestr("table.csv", lines)
    return path


def test_groups_probes_and_learning_curves_are_clicked_through(
    signed_in_page: Page, stack: Stack, tmp_path: Path, complaints: list[str]
) -> None:
    page = signed_in_page
    dataset = upload(page, sites(tmp_path / "sites.zip"), "Sites")
    expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    token = stack.desk.call("create_token", PERSON, "--scope", "write")
    experiment = stack.api(token, "POST", "/experiments", {"dataset": dataset, "name": "By site", "config": CONFIG})["id"]
    page.goto(f"/experiments/{experiment}/")
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("link", name="Groups", exact=True).click()

    ways = page.locator("#ways")
    expect(ways.get_by_role("link", name="site")).to_be_visible()
    ways.get_by_role("link", name="site").click()
    expect(page.locator("#slice-chart[data-drawn]")).to_be_visible()
    page.get_by_label("and by").select_option("@size")
    page.wait_for_url(re.compile("and=%40size"))
    expect(page.locator("#slice")).to_contain_text("south · 32 px")
    page.get_by_label("Images of").select_option("red")
    page.wait_for_url(re.compile("of=red"))
    page.locator("#slice").get_by_role("link", name="south").first.click()
    expect(page.locator("#slice-mistakes")).to_contain_text("south")

    page.get_by_role("button", name="Probe the network").click()
    expect(page.locator("#probes")).to_contain_text("Centre blurred", timeout=WAIT_MS)
    page.goto(f"/experiments/{experiment}/")
    page.get_by_text("Study", exact=True).click()
    page.get_by_role("link", name="Which class needs more images?").click()
    page.get_by_role("button", name="Make learning curves").click()
    expect(page.locator("#classes")).to_contain_text("blue", timeout=WAIT_MS)
    page.locator("#classes").get_by_role("link", name="blue").click()
    expect(page.get_by_text("blue beside the mean of the classes")).to_be_visible()
    comes_to(page, lambda: page.evaluate("document.getElementById('growing-chart').data?.length ?? 0"), 6)
    assert complaints == []
