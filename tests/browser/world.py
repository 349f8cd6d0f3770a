"""What the browser's tests work with: pictures, an archive of them, and how a training is launched and awaited."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Page, expect

from tests.plugins.stack import PASSWORD, PERSON, Stack

COLOURS = {"blue": (20, 20, 200), "green": (20, 200, 20), "red": (200, 20, 20)}
KNOWN = "Applying inline style"  # Plotly's bundle brings a map's style sheet, which the policy keeps out
WAIT_MS, TRAINING_MS = 120_000, 240_000  # on a busy machine


class World(NamedTuple):
    """Ids of what is there: a set, one whose import failed, a finished training with its report and a second evaluation."""

    dataset: str
    failed: str
    experiment: str
    report: str
    evaluation: str


def picture(colour: tuple[int, int, int], shade: int = 0) -> bytes:
    """A PNG of 16 × 16 pixels of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), tuple(channel + shade for channel in colour)).save(file, "PNG")
    return file.getvalue()


def pictures(number: int) -> Iterator[tuple[str, bytes]]:
    """So many of each colour, as (path in the archive, content)."""
    return ((f"{name}/{shade}.png", picture(colour, shade)) for name, colour in COLOURS.items() for shade in range(number))


def archive_of(path: Path, files: Iterator[tuple[str, bytes]]) -> Path:
    """A zip of the files."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files:
            file.writestr(name, content)
    return path


def sign_in(page: Page, name: str = PERSON, password: str = PASSWORD) -> Page:
    """Through the form, to the home page."""
    page.goto("/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    return page


def id_in(address: str) -> str:
    """The id in a page's address."""
    found = re.search(r"/(0\w{19})/", address)
    assert found, address
    return found[1]


def upload(page: Page, archive: Path, name: str) -> str:
    """Its id, on the page that follows the import."""
    page.goto("/datasets/new/")
    page.set_input_files("#id_archive", archive)
    page.fill("#id_name", name)
    page.get_by_role("button", name="Upload and import").click()
    page.wait_for_url(re.compile(r"/datasets/0\w+/"))
    return id_in(page.url)


def launch(page: Page, name: str, epochs: int = 4) -> None:
    """Fills the form from the quick preset and sends it by keyboard."""
    page.goto("/experiments/new/")
    page.fill("[name=name]", name)
    page.fill("[name=epochs]", str(epochs))
    page.fill("[name=image_size]", "16")
    page.fill("[name=batch_size]", "8")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/experiments/0\w+/$"))


def open_dataset(page: Page, archive: Path) -> str:
    """On the page of the imported set Colours, which the first caller uploads; its address."""
    page.goto("/datasets/")
    if page.get_by_role("link", name="Colours").count():
        page.get_by_role("link", name="Colours").first.click()
    else:
        upload(page, archive, "Colours")
    expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    return page.url


def open_trained(page: Page) -> Page:
    """On the page of the finished training Shared, which the first caller launches."""
    page.goto("/experiments/?q=Shared")
    if page.get_by_role("link", name="Shared").count():
        page.get_by_role("link", name="Shared").first.click()
    else:
        launch(page, "Shared")
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    return page


def build(page: Page, stack: Stack, folder: Path, archive: Path) -> World:
    """Everything a page can show, made through the pages and the API."""
    dataset = id_in(open_dataset(page, archive))
    failed = upload(page, archive_of(folder / "few.zip", iter([("red/1.png", picture(COLOURS["red"])), ("red/2.png", b"none")])), "Few")
    expect(page.get_by_text("The import failed")).to_be_visible(timeout=WAIT_MS)
    experiment = id_in(open_trained(page).url)
    page.get_by_role("link", name="Report", exact=True).click()
    page.wait_for_url(re.compile(r"/reports/0\w+/$"))
    report = id_in(page.url)
    token = stack.manage("create_token", PERSON, "--scope", "write")
    made = stack.api(token, "POST", f"/experiments/{experiment}/evaluations", {"split": "validation"})
    page.goto(f"/evaluations/{made['id']}/")
    expect(page.get_by_role("heading", name="By class")).to_be_visible(timeout=WAIT_MS)
    return World(dataset, failed, experiment, report, made["id"])
