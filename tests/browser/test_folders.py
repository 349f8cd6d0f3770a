"""A folder picked or dropped as it is: the browser makes one archive of it while it sends, and it goes on where it stopped."""

from __future__ import annotations

import base64
import gzip
import io
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import WAIT_MS, pictures
from tests.classifier.data.test_boxes import grey, mnist

pytestmark = pytest.mark.browser
LONG = f"blue/{'of a very long way down ' * 5}/käse (1).png"
# Makes a Tar of [[path, size in bytes, seconds]], reads it in parts of that size, and gives its bytes.
MAKE_TAR = """async ([files, part]) => {
  const address = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /\\/tar[.\\w]*\\.js$/.test(name));
  const { Tar } = await import(address);
  const made = files.map(([path, size, seconds]) => (
    { path, file: new File([new Uint8Array(size).fill(size % 251)], "any", { lastModified: 1000 * seconds }) }));
  const tar = new Tar("made.tar", made);
  let bytes = [];
  for (let at = 0; at < tar.size; at += part) bytes.push(new Uint8Array(await (await tar.slice(at, at + part)).arrayBuffer()));
  return [tar.size, tar.lastModified, btoa(bytes.map((block) => String.fromCharCode(...block)).join(""))];
}"""
READ_ONE_PART = """async (count) => {
  const address = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /\\/tar[.\\w]*\\.js$/.test(name));
  const { Tar } = await import(address);
  let read = 0;
  const slice = (from, to) => { read += 1; return new Blob([new Uint8Array(to - from)]); };
  const file = { size: 4000, lastModified: 0, slice };
  const files = Array.from({ length: count }, (_, place) => ({ path: `class ${place % 1000}/${place}.jpg`, file }));
  const tar = new Tar("many.tar", files);
  const part = await tar.slice(tar.size / 2, tar.size / 2 + 8388608);
  return [part.size, read];
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures of each of three colours, one of them far down under a long and foreign name."""
    root = tmp_path / "colour cards"
    files = list(pictures(4))
    files[0] = (LONG, files[0][1])
    for name, content in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def pick(page: Page, folder: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(folder)


def drop(page: Page, *paths: Path, onto: str = "[data-drop]") -> None:
    """What a hand drops from the desktop onto the place for it."""
    page.locator(onto).scroll_into_view_if_needed()
    box = page.locator(onto).bounding_box()
    assert box
    tools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        tools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def send(page: Page) -> None:
    look = page.get_by_label("Show me first how it is understood")
    if look.is_enabled():  # not where an upload goes on
        look.uncheck()
    page.locator("[data-start]").click()


def expect_dataset(page: Page, name: str) -> None:
    """On its page, imported with all its images."""
    page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"), timeout=WAIT_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[data-tile]")).to_have_count(12, timeout=WAIT_MS)


def test_a_picked_folder_becomes_a_dataset(upload_page: Page, folder: Path, complaints: list[str]) -> None:
    pick(upload_page, folder)
    expect(upload_page.locator("[data-file-size]")).to_contain_text("12 files, ")
    send(upload_page)
    expect_dataset(upload_page, "Colour cards")
    expect(upload_page.locator('[data-path$="käse (1).png"]')).to_have_count(1)
    assert complaints == []


def test_a_dropped_folder_becomes_a_dataset(upload_page: Page, folder: Path) -> None:
    drop(upload_page, folder)
    expect(upload_page.locator("[data-file-name]")).to_have_text("colour cards.tar")
    send(upload_page)
    expect_dataset(upload_page, "Colour cards")


def test_class_folders_that_are_dropped_together_become_one_dataset(upload_page: Page, folder: Path) -> None:
    drop(upload_page, *sorted(folder.iterdir()))
    expect(upload_page.get_by_label("Name", exact=True)).to_have_value("Blue and 2 more")
    send(upload_page)
    expect_dataset(upload_page, "Blue and 2 more")


def test_the_files_of_mnist_that_are_dropped_together_become_one_dataset(upload_page: Page, tmp_path: Path) -> None:
    for name, data in mnist(grey(12), grey(4)).items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data))
    drop(upload_page, *sorted(tmp_path.glob("*.gz")))
    expect(upload_page.locator("[data-file-size]")).to_contain_text("4 files, ")
    send(upload_page)
    upload_page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"), timeout=WAIT_MS)
    expect(upload_page.locator("[data-tile]")).to_have_count(16, timeout=WAIT_MS)


def test_an_empty_folder_is_said_at_the_field(upload_page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    drop(upload_page, tmp_path / "empty")
    expect(upload_page.get_by_role("alert")).to_contain_text("no files in this folder")


def test_the_same_folder_goes_on_where_a_closed_page_stopped(upload_page: Page, folder: Path) -> None:
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "litter.bin").write_bytes(bytes(20_000_000))
    counted = {"let": 1, "sent": 0}

    def part(route: Route) -> None:
        if route.request.method == "PATCH":
            if counted["sent"] >= counted["let"]:
                return route.abort("internetdisconnected")
            counted["sent"] += 1
        return route.continue_()

    upload_page.route(re.compile(r"/datasets/uploads/\w+/$"), part)
    pick(upload_page, folder)
    send(upload_page)
    expect(upload_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    upload_page.once("dialog", lambda dialog: dialog.accept())  # one is asked whether to leave
    upload_page.goto("/datasets/new/")
    counted["let"] = 1000
    with upload_page.expect_file_chooser() as chooser:
        upload_page.get_by_role("button", name="Pick the folder again").click()
    chooser.value.set_files(folder)
    expect(upload_page.locator("[data-file-size]")).to_contain_text("8.4 MB of 20 MB are here already")
    send(upload_page)
    expect_dataset(upload_page, "Colour cards")
    assert counted["sent"] == 3


def test_a_file_that_changes_after_it_was_picked_is_named(upload_page: Page, folder: Path) -> None:
    pick(upload_page, folder)
    expect(upload_page.locator("[data-file-size]")).to_contain_text("12 files, ")
    (folder / "red" / "2.png").write_bytes(b"another picture by now")
    send(upload_page)
    expect(upload_page.get_by_role("alert")).to_contain_text("The file colour cards/red/2.png was changed", timeout=WAIT_MS)


@pytest.mark.parametrize("part", [700, 5_000, 10_000_000])
def test_the_archive_is_a_tar_of_all_files_in_whatever_parts_it_is_read(upload_page: Page, part: int) -> None:
    wanted: dict[str, tuple[int, int]] = {
        "b/empty.txt": (0, 0),
        "b/block.bin": (512, 1_700_000_000),
        "a/画像 (2).png": (1_300, 1_600_000_000),
        f"{'c' * 120}/{'d' * 140}.png": (3, 5),
        "a/with = and\nnewline": (513, 7),
    }
    files = [[path, size, seconds] for path, (size, seconds) in wanted.items()]
    size, _, text = upload_page.evaluate(MAKE_TAR, [files, part])
    content = base64.b64decode(text)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found: dict[str, Any] = {member.name: (member.size, int(member.mtime)) for member in tar}
        assert all(extracted.read() == bytes([member.size % 251]) * member.size for member in tar if (extracted := tar.extractfile(member)))
    assert (found, list(found), len(content)) == (wanted, sorted(wanted), size)


def test_another_choice_of_files_has_another_mark(upload_page: Page) -> None:
    files = [["a.png", 10, 1], ["b.png", 10, 1]]
    others = [files[::-1], [["a.png", 10, 2], files[1]], [["a.png", 11, 1], files[1]], [["c.png", 10, 1], files[1]]]
    marks = [upload_page.evaluate(MAKE_TAR, [chosen, 10_000])[1] for chosen in [files, *others]]
    assert marks[0] == marks[1] and len(set(marks)) == 4


def test_of_a_hundred_thousand_files_a_part_reads_its_own_alone(upload_page: Page) -> None:
    size, read = upload_page.evaluate(READ_ONE_PART, 100_000)
    assert size == 8 * 1024 * 1024 and read < 2_000
