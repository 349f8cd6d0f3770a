"""The API's pages in a browser: old links, the search, and the list at the side."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import DESK, barriers
from tests.browser.pages import SIGNED_OUT
from tests.browser.test_steady import OBSERVE
from tests.browser.widths import wrong_at
from tests.plugins.stack import Stack
from webapp.api.operations import TAGS

pytestmark = pytest.mark.browser
INDEX = "/api/v1/docs"


@pytest.fixture
def cancel(stack: Stack, page: Page) -> str:
    """What the call that cancels a job is called in addresses."""
    schema = page.request.get(f"{stack.base}/api/v1/openapi.json").json()
    name: str = schema["paths"]["/api/v1/jobs/{id}/cancel"]["post"]["operationId"]
    return name


def test_a_link_to_a_call_from_when_all_stood_on_one_page_leads_to_it(page: Page, cancel: str) -> None:
    page.goto(f"{INDEX}#{cancel}")
    expect(page).to_have_url(re.compile(rf"{INDEX}/jobs#{cancel}$"))
    expect(page.locator(f"#{cancel}")).to_be_in_viewport()


def test_going_back_from_an_old_link_leaves_the_pages_of_the_api(page: Page, cancel: str) -> None:
    page.goto("/login/")
    page.goto(f"{INDEX}#{cancel}")
    expect(page).to_have_url(re.compile(rf"/jobs#{cancel}$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/login/$"))


def test_an_anchor_of_the_first_page_stays_there(page: Page, stack: Stack) -> None:
    page.goto(f"{INDEX}#errors")
    expect(page.locator("#errors")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(rf"{INDEX}#errors$"))


def test_a_call_is_found_by_keyboard_from_the_page_of_another_resource(page: Page, cancel: str) -> None:
    page.goto(f"{INDEX}/datasets")
    page.keyboard.press("/")
    page.keyboard.type("cancel a job")
    expect(page.get_by_role("status").filter(has_text="call")).to_have_text(re.compile("calls found"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"{INDEX}/jobs#{cancel}$"))
    expect(page.get_by_role("heading", name="Cancel a job")).to_be_in_viewport()


def test_a_search_that_is_emptied_gives_the_list_back(page: Page, stack: Stack) -> None:
    page.goto(f"{INDEX}/jobs")
    field = page.get_by_label("Find a call")
    field.fill("metrics")
    expect(page.get_by_role("list", name="What was found")).to_be_visible()
    field.fill("")
    expect(page.get_by_role("navigation", name="Pages of the API").locator("[aria-current=page]")).to_have_text("Jobs")


def test_the_list_marks_the_call_that_is_read_and_keeps_it_in_sight(page: Page, stack: Stack) -> None:
    page.set_viewport_size({"width": 1440, "height": 700})
    page.goto(f"{INDEX}/evaluations")
    last = page.locator("[data-section]").nth(-2)
    last.evaluate("(section) => section.scrollIntoView()")
    marked = page.locator(".apidocs__sub [aria-current=location]")
    expect(marked).to_have_attribute("href", f"#{last.get_attribute('id')}")
    expect(marked).to_be_in_viewport()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", [INDEX, f"{INDEX}/evaluations"])
def test_nothing_moves_while_a_page_comes(page: Page, stack: Stack, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(OBSERVE)
    page.goto(path, wait_until="networkidle")
    assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize("name", [name for name in TAGS if f"{INDEX}/{name}" not in SIGNED_OUT])
def test_the_page_of_a_resource_has_no_barrier_and_fits_a_small_phone(page: Page, stack: Stack, name: str) -> None:
    page.set_viewport_size(DESK)
    page.goto(f"{INDEX}/{name}")
    assert not barriers(page) and not wrong_at(page, 360)
