"""What the browser's tests work with: pictures, an archive of them, and how a training is launched and awaited."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.plugins.stack import PASSWORD, PERSON, Stack

COLOURS = {"blue": (20, 20, 200), "green": (20, 200, 20), "red": (200, 20, 20)}
PATIENCE_MS = 30_000  # for what comes at once on a quiet machine
WAIT_MS, TRAINING_MS = 120_000, 240_000  # on a busy machine


class World(NamedTuple):
    """Ids of what is there: a set, one whose import failed, a finished training with its report and a second evaluation,
    one that failed; then the codes of links: to a report, one that was taken back, an invitation, a new password;
    a round of labelling and its review; and many images that were classified.
    """

    dataset: str
    failed: str
    experiment: str
    report: str
    evaluation: str
    broken: str
    shared: str
    ended: str
    invitation: str
    reset: str
    round: str
    review: str
    classification: str


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


def enter(page: Page, name: str = PERSON, password: str = PASSWORD) -> Page:
    """Signs its browser in by the form's two requests, with a session of its own; the page stays as it was."""
    browser = page.context.request
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/login/").text())
    assert token
    answer = browser.post("/login/", form={"csrfmiddlewaretoken": token[1], "name": name, "password": password}, max_redirects=0)
    assert answer.headers["location"] == "/", answer.text()
    return page


SESSIONS: dict[str, list[Any]] = {}  # by name, the cookies of who has signed in


def come_back(page: Page, name: str = PERSON) -> Page:
    """Signs its browser in with the session of an earlier test, as long as that lasts, which spares the server a slow password check."""
    page.context.add_cookies(SESSIONS.get(name, []))
    if page.context.request.get("/login/", max_redirects=0).status == 200:  # who is signed in is sent on
        page.context.clear_cookies()
        SESSIONS[name] = enter(page, name).context.cookies()
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
    page.get_by_label("Show me first how it is understood").uncheck()
    page.get_by_role("button", name="Upload and import").click()
    page.wait_for_url(re.compile(r"/datasets/0\w+/"))
    return id_in(page.url)


def launch(page: Page, name: str, epochs: int = 4, **more: float) -> None:
    """Fills the form and sends it by keyboard."""
    fill_launch(page, name, epochs, **more)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/experiments/0\w+/$"))


def fill_launch(page: Page, name: str, epochs: int = 4, **more: float) -> None:
    """Fills the form from the quick preset, with more fields out of its folds."""
    page.goto("/experiments/new/")
    page.fill("[name=name]", name)
    page.fill("[name=epochs]", str(epochs))
    page.fill("[name=image_size]", "16")
    page.fill("[name=batch_size]", "8")
    if more:
        page.evaluate("document.querySelectorAll('details.fold').forEach((fold) => { fold.open = true; })")
    for field, value in more.items():
        page.fill(f"[name={field}]", str(value))


def open_dataset(page: Page, archive: Path) -> str:
    """On the page of the imported set Colours, which the first caller uploads; its address."""
    page.goto("/datasets/")
    if page.get_by_role("link", name="Colours", exact=True).count():
        page.get_by_role("link", name="Colours", exact=True).first.click()
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


def comes_to(page: Page, look: Callable[[], object], wanted: object, timeout: int = PATIENCE_MS) -> None:
    """Looks until it sees what is wanted: for what Playwright has no expectation of. It looks from here, for the page's policy
    forbids Playwright's own waiting for a function."""
    for _ in range(timeout // 100):
        if look() == wanted:
            return
        page.wait_for_timeout(100)
    assert look() == wanted


def follow(page: Page, link: Locator) -> None:
    """Goes to another page by a link, until whose scripts hear keys and clicks: it is seen before that."""
    with page.expect_navigation():
        link.click()


def discard_uploads(page: Page) -> None:
    """Leaves none that can be gone on with."""
    page.goto("/datasets/new/")
    while page.locator("[data-unfinished]").count():
        page.get_by_role("button", name="Discard").first.click()
        follow(page, page.get_by_role("dialog").get_by_role("button", name="Discard"))  # a page half there would have none


def strongest(page: Page) -> str:
    """The colour that the fullest cell of the matrix has where it was right."""
    return page.evaluate("document.getElementById('matrix-chart').data[1].colorscale.at(-1)[1]")


def touching(page: Page) -> Callable[..., None]:
    """What a touch screen tells: the event's kind, then where each finger is."""
    tools = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(places)]
        tools.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    return fingers


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".comment").last).to_contain_text(text)


def code_in(address: str) -> str:
    """The code at the end of a link."""
    return address.rstrip("/").rsplit("/", 1)[1]


def break_training(stack: Stack, token: str, dataset: str) -> str:
    """A training whose loss becomes infinite at once: so large a rate and decay that the weights grow with each step."""
    config = {"model": "small_cnn", "epochs": 20, "image_size": 16, "batch_size": 8, "warmup_epochs": 0}
    config |= {"optimizer": "sgd", "learning_rate": 100, "weight_decay": 1}
    made = stack.api(token, "POST", "/experiments", {"dataset": dataset, "name": "Diverges", "config": config})
    return str(made["id"])


def links_of(stack: Stack, token: str, report: str) -> tuple[str, str]:
    """The codes of two links to the report: one that works, one that was taken back."""
    kept, ended = (stack.api(token, "POST", f"/reports/{report}/links", {"days": 7, "with_model": True}) for _ in range(2))
    stack.api(token, "DELETE", f"/reports/{report}/links/{ended['id']}")
    return code_in(kept["url"]), code_in(ended["url"])


def begin_upload(stack: Stack, token: str, name: str = "wood_mice.tar.gz") -> str:
    """The address of an upload of which four of ten bytes came."""
    spoken = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    told = {"Upload-Length": "10", "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    with urlopen(Request(f"{stack.base}/api/v1/uploads", b"", {**spoken, **told}, method="POST")) as answer:
        address = stack.base + answer.headers["Location"]
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    urlopen(Request(address, b"half", {**spoken, **part}, method="PATCH")).close()
    return address


def fill_trash(page: Page, stack: Stack, token: str, dataset: str) -> None:
    """Puts an experiment that was cancelled there."""
    config = {"model": "small_cnn", "epochs": 1, "image_size": 16}
    made = stack.api(token, "POST", "/experiments", {"dataset": dataset, "name": "A mistake", "config": config})
    stack.api(token, "POST", f"/jobs/{made['job']}/cancel")
    page.goto(f"/experiments/{made['id']}/")
    expect(page.locator("[data-region=pill]")).to_have_text("Cancelled", timeout=WAIT_MS)
    stack.api(token, "DELETE", f"/experiments/{made['id']}")


def invite(page: Page, role: str = "viewer") -> str:
    """The link of a new invitation, made on the team's page."""
    page.goto("/team/")
    page.get_by_label("Joins as").select_option(role)
    page.get_by_role("button", name="Make an invitation").click()
    return page.get_by_label("The invitation's link, shown this once").input_value()


def reset_code(stack: Stack) -> str:
    """Of a link with which somebody sets a new password."""
    stack.desk.call("create_user", "forgetful", "--team", "Stack", "--role", "viewer", SYNSET_PASSWORD=PASSWORD)
    return code_in(stack.desk.call("reset_link", "forgetful"))


def classify_many(page: Page, *files: Path) -> str:
    """Sends them to the first network of the list; the address of what was said of them."""
    page.goto("/classify/many/")
    page.locator("#id_archive").set_input_files([*files])
    page.get_by_role("button", name="Upload and classify").click()
    page.wait_for_url(re.compile(r"/classify/0\w+/$"), timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="By class")).to_be_visible(timeout=TRAINING_MS)
    page.wait_for_load_state()
    return page.url


def label_some(page: Page, dataset: str) -> tuple[str, str]:
    """The ids of a round of labelling, in which one label was confirmed, and of its review."""
    page.goto(f"/datasets/{dataset}/label/")
    page.get_by_role("button", name="Begin a round").click()
    page.wait_for_url(re.compile(r"/label/0\w+/$"))
    made = code_in(page.url.rstrip("/"))
    page.get_by_role("button", name="blue").click()
    expect(page.locator("[data-far-words]")).to_have_text(re.compile("^1 of"))
    page.goto(f"/datasets/{dataset}/label/")
    page.get_by_label("Share to review").first.select_option("100")
    page.get_by_role("button", name=re.compile("^Review Labelling")).first.click()
    page.wait_for_url(lambda url: "/label/0" in url and made not in url)
    return made, code_in(page.url.rstrip("/"))


def connect(page: Page, **fields: str) -> None:
    """A connection to a bucket, made and tested on the team's page; `fields` by their ids."""
    page.goto("/team/connections/")
    form = page.locator("#new")
    for name, words in fields.items():
        form.locator(f"[name={name}]").fill(words)
    form.get_by_role("button", name="Save and test").click()
    expect(page.get_by_role("row", name=fields["name"])).to_contain_text(re.compile("ago|just now"), timeout=WAIT_MS)


def build(page: Page, stack: Stack, folder: Path, archive: Path) -> World:
    """Everything a page can show, made through the pages and the API."""
    token = stack.desk.call("create_token", PERSON, "--scope", "write")
    dataset = id_in(open_dataset(page, archive))
    failed = upload(page, archive_of(folder / "few.zip", iter([("red/1.png", picture(COLOURS["red"])), ("red/2.png", b"none")])), "Few")
    expect(page.get_by_text("The import failed")).to_be_visible(timeout=WAIT_MS)
    experiment = id_in(open_trained(page).url)
    page.get_by_role("link", name="Report", exact=True).click()
    page.wait_for_url(re.compile(r"/reports/0\w+/$"))
    report = id_in(page.url)
    made = stack.api(token, "POST", f"/experiments/{experiment}/evaluations", {"split": "validation"})
    page.goto(f"/evaluations/{made['id']}/")
    expect(page.get_by_role("heading", name="By class")).to_be_visible(timeout=WAIT_MS)
    broken = break_training(stack, token, dataset)
    fill_trash(page, stack, token, dataset)
    page.goto(f"/experiments/{broken}/")
    expect(page.locator("[data-region=pill]")).to_have_text("Failed", timeout=TRAINING_MS)
    shared, ended = links_of(stack, token, report)
    codes = (shared, ended, code_in(invite(page)), reset_code(stack))
    rounds = label_some(page, dataset)
    files = [*pictures(4), ("red/broken.png", b"none"), ("notes.txt", b"of a trip")]
    classification = id_in(classify_many(page, archive_of(folder / "trip.zip", iter(files))))
    return World(dataset, failed, experiment, report, made["id"], broken, *codes, *rounds, classification)
