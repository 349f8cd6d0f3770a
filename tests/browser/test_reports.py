"""Reports in a real browser: two people at once, a stranger behind a link, a file without network, a sheet of paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers, settle
from tests.browser.world import TRAINING_MS, comes_to, id_in, say, strongest
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser
SOON_MS = 2_500  # two seconds, and the browser's own


def shared_link(page: Page) -> str:
    """A new link of the report."""
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("The new link, shown this once").input_value()


def test_two_browsers_see_each_others_comments(report, another, reader):
    theirs = another(reader)
    theirs.goto(report.url)
    say(theirs, "Is **blue** in it twice?")
    expect(report.locator(".comment").last).to_contain_text("Is blue in it twice?", timeout=SOON_MS)
    report.wait_for_timeout(2_000)
    say(report, "No, once.")
    expect(theirs.locator(".comment").last).to_contain_text("No, once.", timeout=SOON_MS)


def test_a_comment_is_changed_and_taken_away_in_place(report):
    say(report, "To be changed")
    last = report.locator(".comment").last
    last.get_by_text("Edit").click()
    last.get_by_label("Your comment").fill("Changed")
    last.get_by_role("button", name="Save").click()
    expect(last.locator(".prose")).to_have_text("Changed")
    count = report.locator(".comment").count()
    last.get_by_text("Edit").click()
    last.get_by_role("button", name="Delete").click()
    expect(report.locator(".comment")).to_have_count(count - 1)


MANY = """
from webapp.accounts.actor import actor_in
from webapp.accounts.models import User
from webapp.reports import actions
from webapp.reports.models import Report
for number in range(60):
    actions.comment(actor_in(User.objects.get(username="pat"), via="session"), Report.objects.get(id="{id}"), f"one of many, {{number}}")
"""
NO_MORE = """
from webapp.reports.models import Comment
Comment.everything.filter(text__startswith="one of many").delete()
"""


@pytest.fixture
def many(report: Page, stack: Stack) -> Iterator[Page]:
    """The report with more comments than are shown at once, until the test's end."""
    stack.desk.call("shell", "-c", MANY.format(id=id_in(report.url)))
    report.reload()
    yield report
    stack.desk.call("shell", "-c", NO_MORE)


def test_earlier_comments_come_on_demand_and_stay(many):
    expect(many.locator(".comment")).to_have_count(50)
    many.get_by_role("link", name="Earlier comments").click()
    expect(many.get_by_role("link", name="Earlier comments")).to_have_count(0)
    shown = many.locator(".comment").count()
    assert shown >= 60 and "one of many, 59" in many.locator(".comment").last.inner_text()
    say(many, "after all of them")
    expect(many.locator(".comment")).to_have_count(shown + 1)


def test_what_somebody_types_stays_while_others_save(report, another, complaints):
    theirs = another()
    theirs.context.add_cookies(report.context.cookies())
    theirs.goto(report.url)
    for page in (report, theirs):
        page.get_by_text("Edit title, notes and tags").click()
    report.locator("#id_notes").fill("what I was writing")
    theirs.locator("#id_notes").fill("# Theirs\n\nsaved first")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator("[data-of=words] h2")).to_have_text("Theirs")
    expect(report.locator("#edited-meanwhile")).to_be_visible(timeout=SOON_MS)
    expect(report.locator("#id_notes")).to_have_value("what I was writing")
    report.get_by_role("button", name="Save").click()
    expect(report.locator("[data-theirs]")).to_contain_text("saved first")
    expect(report.locator("#id_notes")).to_have_value("what I was writing")
    report.get_by_role("button", name="Save").click()
    expect(theirs.locator("[data-of=words]")).to_contain_text("what I was writing", timeout=SOON_MS)


def test_notes_can_be_seen_before_they_are_saved(report):
    report.get_by_text("Edit title, notes and tags").click()
    editor = report.locator(".editor")
    editor.locator("#id_notes").fill("| a |\n|--|\n| 1 |")
    editor.get_by_role("button", name="Preview").click()
    expect(editor.locator("[data-preview] td")).to_have_text("1")


def test_a_stranger_reads_it_until_the_link_is_revoked(report, another):
    address, stranger = shared_link(report), another()
    stranger.goto(address)
    expect(stranger.locator("#matrix-chart[data-drawn] .heatmaplayer")).to_be_visible()
    report.reload()
    expect(report.locator(".link").first).to_contain_text("opened 1 time")
    report.locator(".link").first.get_by_role("button", name="Revoke").click()
    expect(report.locator(".link").first).to_contain_text("revoked")
    stranger.reload()
    expect(stranger.get_by_role("heading")).to_have_text("There is nothing here")


def test_neither_the_open_forms_nor_the_page_for_others_have_a_barrier(report, another):
    address, stranger = shared_link(report), another()
    report.get_by_text("Edit title, notes and tags").click()
    say(report, "A comment to look at")
    report.locator(".comment").last.get_by_text("Edit").click()
    assert not barriers(report)
    for place in (address, "/shared/nothing/"):
        stranger.goto(place)
        settle(stranger)
        assert not barriers(stranger)


COUNTED = """() => {
  const { react } = window.Plotly;
  window.drawings = 0;
  window.Plotly.react = (...asked) => { window.drawings += 1; return react(...asked); };
}"""


@pytest.mark.parametrize("who", ["team", "stranger"])
def test_another_theme_has_each_chart_drawn_once(report, another, who):
    page = report
    if who == "stranger":
        address, page = shared_link(report), another()
        page.goto(address)
    settle(page)
    page.evaluate(COUNTED)
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert page.evaluate("window.drawings") == page.locator("[data-drawn]").count() > 0


def shown_in_head(page: Page) -> list[str]:
    """The buttons of the page's head that can be seen."""
    every = page.locator("#actions").locator("a, button, summary").all()
    return [part.inner_text().split("\n")[0].strip() for part in every if part.is_visible()]


def test_on_a_phone_the_head_has_its_main_button_and_a_menu_with_the_others(report):
    assert shown_in_head(report)[0] == "Share" and "Model card" in shown_in_head(report) and "More" not in shown_in_head(report)
    report.set_viewport_size({"width": 390, "height": 844})
    assert shown_in_head(report) == ["Share", "More"]
    assert report.locator("#actions").bounding_box()["height"] < 60  # one row
    report.locator("#actions summary").focus()
    report.keyboard.press("Enter")
    items = report.locator("#actions .menu__item")
    assert [item.inner_text().split(",")[0] for item in items.all()] == [
        "HTML file",
        "PDF",
        "Model card",
        "Evaluation",
        "Groups",
        "Classify",
    ]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for item in items.all() if (box := item.bounding_box()))
    with report.expect_download() as download:
        items.first.click()
    assert download.value.suggested_filename.endswith(".html")
    report.get_by_role("link", name="Model card").click()
    expect(report.get_by_role("heading", level=1)).to_be_visible()
    assert "/card/" in report.url


@pytest.fixture
def kept(report: Page, tmp_path: Path) -> Path:
    """The file that stands alone."""
    with report.expect_download() as download:
        report.get_by_role("link", name=re.compile("^HTML")).first.click()
    path = tmp_path / "report.html"
    download.value.save_as(path)
    return path


def test_the_file_opens_without_network_and_looks_like_the_page(kept, another):
    page, asked, complaints = another(offline=True), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(kept.as_uri())
    expect(page.locator("#matrix-chart[data-drawn] .heatmaplayer image").first).to_be_visible()
    page.get_by_role("button", name="by row").click()
    page.get_by_role("button", name="Recall").click()
    expect(page.locator("th[aria-sort]")).to_have_text("Recall")
    assert page.locator(".card").first.evaluate("element => getComputedStyle(element).borderRadius") == "10px"
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert complaints == []


def test_the_file_runs_nothing_that_is_not_its_own(kept, another):
    page = another(offline=True)
    page.goto(kept.as_uri())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = true\">')")
    page.evaluate("const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)")
    assert page.evaluate("window.ran") is None


def test_a_snapshot_is_read_anywhere_and_printed_without_what_works_on_a_screen_alone(report, complaints):
    report.get_by_role("button", name="Freeze").click()
    stood = report.get_by_text(re.compile("^As it stood"))
    expect(stood).to_be_visible()
    expect(report.locator("#matrix-chart[data-drawn]")).to_be_attached()
    settle(report)
    assert not barriers(report)
    ways = [report.locator(".notice__ways").get_by_text(words, exact=True) for words in ("PDF", "manifest.json")]
    ways.append(report.locator("#delete"))
    for way in ways:
        expect(way).to_be_visible()
    report.emulate_media(media="print")
    for way in ways:
        expect(way).to_be_hidden()
    expect(stood).to_be_visible()
    report.emulate_media(media="screen")
    report.set_viewport_size({"width": 390, "height": 844})
    assert report.evaluate("document.documentElement.scrollWidth") <= 390
    report.get_by_text("Delete this snapshot…").click()
    report.get_by_role("button", name="Delete for good").click()
    expect(report.get_by_text("The snapshot is deleted.")).to_be_visible()
    assert not complaints


# Pixels between what is drawn and the end of its card; the table beside it takes a height, as of another window.
BELOW = """() => {
  const bottom = (name) => document.querySelector(name).getBoundingClientRect().bottom;
  return bottom(".card:has(> #matrix-chart)") - bottom("#matrix-chart .main-svg");
}"""
GROW = "height => { document.getElementById('class').style.height = `${height}px`; dispatchEvent(new Event('resize')); }"


def test_the_matrix_is_as_high_as_the_table_beside_it(report):
    report.set_viewport_size({"width": 1440, "height": 900})
    expect(report.locator("#matrix-chart[data-drawn]")).to_be_attached()
    for height in (900, 600):  # as of more classes, and of fewer again
        report.evaluate(GROW, height)
        assert round(report.locator(".card:has(> #matrix-chart)").bounding_box()["height"]) == height
        comes_to(report, lambda: report.evaluate(BELOW) < 40, True)


def test_while_sheets_are_printed_the_page_says_so_and_takes_no_second_click(report, complaints):
    asked: list[str] = []
    report.on("request", lambda request: asked.append(request.url) if request.url.endswith("report.pdf") else None)
    button = report.get_by_role("link", name="PDF").first
    with report.expect_download(timeout=TRAINING_MS) as got:
        button.click()
        expect(report.get_by_text("Printing it on sheets of A4")).to_be_visible()
        expect(button).to_have_attribute("aria-busy", "true")
        button.click()
    assert got.value.suggested_filename.endswith(".pdf") and got.value.path().read_bytes().startswith(b"%PDF-") and len(asked) == 1
    expect(report.get_by_text("Printing it on sheets of A4")).to_be_hidden()
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert not complaints


def test_what_the_server_cannot_print_is_said(report):
    said = "<div id='toasts'><span class='toast__words'>No Chromium here.</span></div>"
    report.route("**/report.pdf", lambda route: route.fulfill(content_type="text/html", body=said))
    report.locator("a[data-printed]").first.click()
    expect(report.locator(".toast--bad")).to_contain_text("No Chromium here.")


def test_behind_a_link_the_page_says_that_it_prints(report, another):
    address, stranger = shared_link(report), another()
    stranger.goto(address)
    button = stranger.get_by_role("link", name="PDF")
    with stranger.expect_download(timeout=TRAINING_MS) as got:
        button.click()
        expect(stranger.get_by_text("Printing it on sheets of A4")).to_be_visible()
        expect(button).to_have_attribute("aria-busy", "true")
    assert got.value.suggested_filename.endswith(".pdf") and got.value.path().read_bytes().startswith(b"%PDF-")
    expect(stranger.get_by_text("Printing it on sheets of A4")).to_be_hidden()
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_behind_a_link_that_ended_meanwhile_the_page_says_why_nothing_is_printed(report, another):
    address, stranger = shared_link(report), another()
    stranger.goto(address)
    report.reload()
    report.locator(".link").first.get_by_role("button", name="Revoke").click()
    expect(report.locator(".link").first).to_contain_text("revoked")
    stranger.get_by_role("link", name="PDF").click()
    said = stranger.locator(".toast--bad")
    expect(said).to_contain_text("This link has ended, was taken back, or never was.")
    said.get_by_role("button", name="Dismiss").click()
    expect(said).to_have_count(0)


SECTIONS = ["Confusion matrix", "By class", "mistake", "How to get the same figures again", "Comments"]


@pytest.fixture
def paper(report: Page, tmp_path: Path) -> Iterator[Page]:
    """The report as it lies on a sheet, from a dark screen: what the browser paints between the two events of printing."""
    report.emulate_media(color_scheme="dark")
    expect(report.locator("#matrix-chart[data-drawn]")).to_be_attached()
    report.evaluate("dispatchEvent(new Event('beforeprint'))")
    report.set_viewport_size({"width": 688, "height": 1000})
    report.emulate_media(media="print", color_scheme="dark")
    yield report
    report.evaluate("dispatchEvent(new Event('afterprint'))")


def test_paper_has_every_section_and_no_frame(paper):
    for words in SECTIONS:
        expect(paper.locator(".card__title", has_text=words).first).to_be_visible()
    expect(paper.get_by_text('"epochs": 4')).to_be_visible()
    for part in (".side", ".actions", "#share", ".comment-form", ".editor"):
        expect(paper.locator(part).first).to_be_hidden()


def test_paper_is_light_and_nothing_leaves_it(paper):
    expect(paper.locator("#matrix-chart .heatmaplayer")).to_be_visible()
    comes_to(paper, lambda: strongest(paper), "#3450d6")
    comes_to(paper, lambda: paper.evaluate("getComputedStyle(document.body).color"), "rgb(22, 26, 33)")
    comes_to(paper, lambda: paper.evaluate("document.documentElement.scrollWidth") <= 688, True)


WIDTHS = """() => {
  const host = document.getElementById("matrix-chart");
  return [host.querySelector(".main-svg").getBoundingClientRect().width, host.getBoundingClientRect().width];
}"""


def test_paper_is_used_in_its_whole_width_and_heads_of_tables_are_painted_on_each_sheet(paper):
    drawn, room = paper.evaluate(WIDTHS)
    assert room - 10 <= drawn <= room
    assert paper.locator("#class button.sort").first.evaluate("head => getComputedStyle(head).display") == "contents"
    assert paper.locator("#class td.end").first.evaluate("cell => getComputedStyle(cell).whiteSpace") == "normal"
    decoration = "card => getComputedStyle(card).boxDecorationBreak"
    assert paper.locator("#class").evaluate(decoration) == "clone"  # a card that goes over two sheets has a frame on both
    breaks = "row => getComputedStyle(row).breakAfter"
    assert [paper.locator(f"#class tbody tr:{place}").evaluate(breaks) for place in ("first-child", "nth-last-child(2)")] == ["avoid"] * 2
    assert paper.locator(".fold .log").first.evaluate("log => getComputedStyle(log).columnCount") == "3"


# Sixty blocks in place of the report's: galleries and tables of few and of more, each image and row with an address of its own.
BLOCKS = """() => {
  const link = (number, at) => `<a href="https://kept.example/${number}-${at}">it</a>`;
  const cells = (number, parts, wrap) => Array.from({ length: parts }, (_, at) => wrap(link(number, at))).join("");
  const head = (number) => `<header class="card__head"><h2 class="card__title">${number}</h2></header>`;
  const card = (number, inside) => `<section class="card">${head(number)}${inside}</section>`;
  const table = (number) => `<div class="table-box"><table class="table"><thead><tr><th>Head</th></tr></thead><tbody>${
    cells(number, 1 + (number >> 1) % 5, (link) => `<tr><td>${link}</td></tr>`)}</tbody></table></div>`;
  const shots = (number) => `<ul class="shots">${cells(number, 1 + (number >> 1) % 8,
    (link) => `<li class="shot"><span class="shot__frame" style="display: block; height: 100px"></span><p>${link}</p></li>`)}</ul>`;
  const blocks = Array.from({ length: 60 }, (_, number) => card(number, number % 2 ? table(number) : shots(number)));
  document.querySelector(".content").innerHTML = `<div class="blocks">${blocks.join("")}</div>`;
  return [...document.querySelectorAll(".blocks a")].map((link) => link.href);
}"""


def test_each_block_is_on_some_sheet(report, tmp_path):
    """A card that nothing of had room below its head was on none."""
    wanted = report.evaluate(BLOCKS)
    report.pdf(path=tmp_path / "blocks.pdf", prefer_css_page_size=True)
    printed = {found.decode() for found in re.findall(rb"https://kept\.example/[0-9-]+", (tmp_path / "blocks.pdf").read_bytes())}
    assert len(wanted) == 219 and set(wanted) - printed == set()


def test_a_pdf_is_made_and_the_screen_is_as_before(report, tmp_path):
    report.emulate_media(color_scheme="dark")
    report.evaluate("window.seen = []; for (const at of ['beforeprint', 'afterprint']) addEventListener(at, () => window.seen.push(at))")
    report.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    pages = (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n")
    assert 1 <= pages <= 4 and report.evaluate("window.seen") == ["beforeprint", "afterprint"]
    comes_to(report, lambda: strongest(report), "#bcc8ff")
    assert report.evaluate("document.documentElement.dataset.theme") is None
