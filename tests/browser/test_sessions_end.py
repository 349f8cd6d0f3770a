"""A session that ended: nothing typed is lost, nothing read stays behind, and the page says what happened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.world import comes_to, say, sign_in
from tests.plugins.stack import PASSWORD, PERSON

pytestmark = pytest.mark.browser
PUT_BACK = "Your unsaved text was put back."


def end_session(page: Page) -> None:
    """As if its two weeks were over."""
    page.context.clear_cookies(name="synset_session")


def sign_in_here(page: Page) -> None:
    """On the login page that one was led to."""
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft '))")


def write_notes(page: Page, text: str) -> None:
    page.get_by_text("Edit title, notes and tags").click()
    page.locator("#id_notes").fill(text)


def sign_out(page: Page) -> None:
    page.locator(".who").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/login/"))


def test_back_shows_nothing_after_signing_out(trained):
    trained.goto("/experiments/")
    expect(trained.get_by_role("link", name="Shared").first).to_be_visible()
    sign_out(trained)
    for _ in range(2):  # the list, and the experiment before it
        trained.go_back()
        expect(trained.get_by_role("button", name="Sign in")).to_be_visible()
        expect(trained.get_by_text("Shared")).to_have_count(0)


def test_back_from_a_thing_leads_to_the_list_as_it_was(training, signed_in_page):
    page = signed_in_page
    page.set_viewport_size({"width": 1440, "height": 300})
    page.goto("/experiments/?q=Shared&state=succeeded")
    page.evaluate("scrollTo(0, 120)")
    scrolled = page.evaluate("scrollY")
    page.get_by_role("link", name="Shared").first.evaluate("link => link.click()")
    page.wait_for_url(re.compile(r"/experiments/0\w+/$"))
    page.go_back()
    expect(page.get_by_role("searchbox").or_(page.locator("[name=q]")).first).to_have_value("Shared")
    comes_to(page, lambda: abs(page.evaluate("scrollY") - scrolled) < 40, True)
    assert scrolled > 0 and "q=Shared" in page.url


def test_notes_outlive_a_session_that_ended_and_are_forgotten_once_saved(report):
    write_notes(report, "written while the session ended")
    end_session(report)
    report.locator(".editor").get_by_role("button", name="Save").click()
    sign_in_here(report)
    expect(report.get_by_text(PUT_BACK)).to_be_visible()
    expect(report.locator("#id_notes")).to_have_value("written while the session ended")
    report.locator(".editor").get_by_role("button", name="Save").click()
    expect(report.locator("[data-of=words]")).to_contain_text("written while the session ended")
    comes_to(report, lambda: drafts(report), [])
    expect(report.get_by_text(PUT_BACK)).to_have_count(0)


def test_a_comment_outlives_it_too_by_the_link_of_the_notice(report):
    report.get_by_label("Say something").fill("said while the session ended")
    end_session(report)
    report.get_by_role("button", name="Comment").click()
    expect(report.locator(".comment-form")).to_contain_text("You are signed out. What you wrote is kept.")
    report.get_by_role("link", name="Sign in again").click()
    sign_in_here(report)
    expect(report.get_by_label("Say something")).to_have_value("said while the session ended")
    report.get_by_role("button", name="Comment").click()
    expect(report.locator(".comment").last).to_contain_text("said while the session ended")
    comes_to(report, lambda: drafts(report), [])


def test_a_changed_comment_is_put_back_into_its_open_form(report):
    say(report, "To be changed at leisure")
    last = report.locator(".comment").last
    last.get_by_text("Edit").click()
    last.get_by_label("Your comment").fill("Half changed")
    report.reload()
    expect(last.get_by_label("Your comment")).to_have_value("Half changed")
    last.get_by_role("button", name="Discard").click()
    expect(last.get_by_label("Your comment")).to_have_value("To be changed at leisure")
    comes_to(report, lambda: drafts(report), [])


def test_text_put_back_over_a_newer_one_says_so_and_still_meets_it(report, another):
    write_notes(report, "my older draft")
    theirs = another()
    theirs.context.add_cookies(report.context.cookies())
    theirs.goto(report.url)
    write_notes(theirs, "their newer text")
    theirs.locator(".editor").get_by_role("button", name="Save").click()
    expect(theirs.locator("[data-of=words]")).to_contain_text("their newer text")
    report.reload()
    expect(report.get_by_text("What is saved on the server has changed since you wrote it")).to_be_visible()
    report.locator(".editor").get_by_role("button", name="Save").click()
    expect(report.locator("[data-theirs]")).to_contain_text("their newer text")
    expect(report.locator("#id_notes")).to_have_value("my older draft")


def test_who_signs_out_leaves_no_draft_and_another_person_sees_none(report, another, reader):
    address = report.url
    report.get_by_label("Say something").fill("not for the next one")
    end_session(report)
    sign_in(report, reader)
    report.goto(address)
    expect(report.get_by_label("Say something")).to_have_value("")
    comes_to(report, lambda: drafts(report), [])
    report.get_by_label("Say something").fill("mine")
    comes_to(report, lambda: len(drafts(report)), 1)
    sign_out(report)
    comes_to(report, lambda: drafts(report), [])


def test_the_launch_form_says_that_one_is_signed_out_and_keeps_what_was_typed(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    end_session(page)
    page.fill("[name=name]", "Kept while away")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.locator("#before").get_by_label("Password")).to_have_count(0)
    page.get_by_role("link", name="Sign in again").click()
    sign_in_here(page)
    expect(page.locator("[name=name]")).to_have_value("Kept while away")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[name=name]")).to_have_value("")


@pytest.mark.parametrize(("path", "act"), [("/", "/"), ("/experiments/", "search")])
def test_no_login_page_lands_in_a_part_of_another(path, act, training, signed_in_page):
    page = signed_in_page
    page.goto(path)
    end_session(page)
    if act == "search":
        page.keyboard.press("Control+k")
    else:
        page.evaluate("document.body.dispatchEvent(new CustomEvent('synset:nudge'))")
    expect(page.locator("[data-signed-out]")).to_contain_text("You are signed out. Sign in again")
    expect(page.get_by_label("Password")).to_have_count(0)


def test_an_answer_that_was_under_way_does_not_take_the_notice_away(training, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/")
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/experiments/?**", lambda route: late.append((route, route.fetch())))
    page.evaluate("void window.htmx.ajax('GET', '/experiments/?q=Shared', {target: 'main', swap: 'none'})")
    comes_to(page, lambda: len(late), 1)
    end_session(page)
    page.keyboard.press("Control+k")
    notice = page.locator("[data-signed-out]")
    expect(notice).to_be_visible()
    with page.expect_response("**/experiments/?**"):
        late[0][0].fulfill(response=late[0][1])
    page.evaluate("new Promise(resolve => setTimeout(resolve, 200))")
    expect(notice).to_be_visible()


def test_the_notice_goes_once_somebody_signed_in_elsewhere(training, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/")
    cookies = page.context.cookies()
    end_session(page)
    page.keyboard.press("Control+k")
    expect(page.locator("[data-signed-out]")).to_be_visible()
    page.context.add_cookies(cookies)
    page.get_by_role("combobox", name="Search").fill("Shared")
    expect(page.locator("[data-signed-out]")).to_have_count(0)


def test_a_lost_right_is_said(trained, another, reader):
    theirs = another(reader)
    theirs.goto(trained.url)
    theirs.evaluate("window.htmx.ajax('POST', '/experiments/preview/', {target: 'h1'})")
    expect(theirs.locator("[data-not-allowed]")).to_contain_text("Your role does not allow this")
    assert theirs.locator("h1").inner_text() != ""
