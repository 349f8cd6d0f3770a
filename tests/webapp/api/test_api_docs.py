"""The API's pages: one about what holds for every call, one for each resource with all of its calls."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from webapp.api.docs import ERRORS
from webapp.api.operations import TAGS, find

RELAXED = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:|https?://(?!testserver|www\.w3\.org)", re.IGNORECASE)
INDEX = "/api/v1/docs"
EVERY_PAGE = [INDEX, *(f"{INDEX}/{name}" for name in TAGS)]
BROWSER = {"Accept": "text/html"}


def shown(path: str, **headers: str) -> str:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def calls(db):
    """Every call of the schema, with its address and method."""
    schema = Client().get("/api/v1/openapi.json").json()
    return [(path, method.upper(), call) for path, methods in schema["paths"].items() for method, call in methods.items()]


def test_the_first_page_leads_to_every_call(calls):
    page = shown(INDEX)
    missing = [call["operationId"] for _, _, call in calls if f'href="{INDEX}/{call["tags"][0]}#{call["operationId"]}"' not in page]
    assert len(calls) > 100 and missing == []


def test_an_old_link_to_a_call_meets_it_on_the_first_page(calls):
    named = set(re.findall(r'<a class="apidocs__call" id="(\w+)" data-call href=', shown(INDEX)))
    assert named == {call["operationId"] for _, _, call in calls}


def test_the_first_page_lists_every_call_with_its_address_and_what_it_does(calls):
    page = shown(INDEX)
    assert [path for path, _, call in calls if f"<code>{path}</code>" not in page or call["summary"] not in page] == []


@pytest.mark.parametrize("name", TAGS)
def test_a_resource_has_a_page_with_all_of_its_calls_and_no_other(name, calls):
    sections = re.findall(r'aria-labelledby="(\w+)-title" id="\w+" data-section', page := shown(f"{INDEX}/{name}"))
    assert sections == [call["operationId"] for _, _, call in calls if call["tags"] == [name]] and sections
    assert page.count("Authorization: Bearer $TOKEN") == len(sections)


@pytest.mark.parametrize("name", TAGS)
def test_a_call_tells_its_values_and_all_of_its_answers(name, calls):
    page = shown(f"{INDEX}/{name}")
    sections = dict(re.findall(r'id="(\w+)" data-section(.*?)</section>', page, re.DOTALL))
    for path, _, call in (told for told in calls if told[2]["tags"] == [name]):
        said = sections[call["operationId"]]
        assert f"<code>{path}</code>" in said
        assert [each["name"] for each in call["parameters"] if f"<code>{each['name']}</code>" not in said] == []
        assert [status for status in call["responses"] if status not in said] == []


def test_a_field_says_what_it_is_and_whether_it_is_needed(db):
    row = re.search(r"<tr><th[^>]*><code>archive</code>.*?</tr>", shown(f"{INDEX}/datasets"))
    assert row and "required" in row[0] and "file" in row[0]


def test_a_value_says_what_it_is_held_to_and_what_it_is_unless_given(db):
    assert '<code>limit</code> <span class="note">whole number, 1 to 200, 50 unless given, in the query</span>' in shown(f"{INDEX}/jobs")
    assert '<code>split</code> <span class="note">text, up to 40 characters, 70/15/15 unless given</span>' in shown(f"{INDEX}/datasets")


def test_an_answer_that_is_a_file_says_of_which_type(db):
    assert "A file: image/jpeg, image/png" in shown(f"{INDEX}/datasets")


def test_a_command_has_no_braces_in_its_address(db):
    commands = [command for page in EVERY_PAGE for command in re.findall(r'<code id="curl-[^>]*>(.*?)</code>', shown(page), re.DOTALL)]
    addresses = [re.search(r"http://testserver(/\S+)$", command) for command in commands]
    assert (
        len(commands) > 100 and [command for command, found in zip(commands, addresses, strict=True) if not found or "{" in found[1]] == []
    )


def test_a_command_sends_what_its_form_asks_for(db):
    assert "-F file=@weights.safetensors" in shown(f"{INDEX}/weights") and "-F network=ID" in shown(f"{INDEX}/classifications")
    assert not any("TEXT" in command for page in EVERY_PAGE for command in re.findall(r'<code id="curl-[^>]*>([^<]*)', shown(page)))


def test_words_that_name_a_call_lead_to_it(db):
    assert re.search(rf'<a href="{INDEX}/datasets#\w+"><code>GET /datasets/{{id}}/preview</code></a>', shown(f"{INDEX}/datasets"))


def test_every_page_has_a_list_of_the_resources_and_marks_its_own(db):
    for path in EVERY_PAGE:
        links = re.findall(r'<a class="apidocs__page" href="([^"]+)"( aria-current="page")?', shown(path))
        assert [link for link, _ in links] == EVERY_PAGE and [link for link, marked in links if marked] == [path]


def test_the_first_page_explains_every_status_of_an_error(calls):
    named = {int(status) for _, _, call in calls for status in call["responses"] if int(status) >= 400}
    assert named <= set(ERRORS) and [status for status in ERRORS if f"<code>{status}</code>" not in shown(INDEX)] == []


def test_the_first_page_tells_the_limits_of_this_server(db, settings):
    settings.UPLOAD_MAX_BYTES = 123_000_000_000
    assert "123 GB" in shown(INDEX) and "50 unless given and 200 at most" in shown(INDEX)


def test_the_first_example_goes_from_an_archive_to_a_report(db):
    steps = shown(INDEX).split('id="first-example"')[1].split("</section>")[0]
    asked = re.findall(r"http://testserver/api/v1(/[\w/]+)", steps)
    assert asked == ["/datasets", "/jobs/ID", "/experiments", "/experiments/ID/report"]


def test_a_search_finds_calls_of_every_resource_by_all_of_its_words(db):
    page = shown(f"{INDEX}/account?q=post+CANCEL", **{"HX-Request": "true"})
    found = re.findall(r'<a class="apidocs__jump apidocs__jump--found" href="[^"]+/(\w+)#\w+"><span[^>]*>(\w+)</span><span>([^<]+)', page)
    assert ("jobs", "POST", "Cancel a job") in found and {method for _, method, _ in found} == {"POST"}
    assert f"{len(found)} call{'s' if len(found) > 1 else ''} found" in page and "<html" not in page


def test_a_search_works_without_scripts(db):
    page = shown(f"{INDEX}/account?q=cancel+a+job")
    assert "<h1>Account</h1>" in page and re.search(r"\d calls found", page)
    assert re.findall(r"apidocs__jump--found.*?</span><span>([^<]+)", page)[0] == "Cancel a job"  # the one that is called so


def test_what_is_called_as_was_asked_is_found_before_what_mentions_it(db):
    called = ["report" in call.summary.lower() for call in find("report")]
    assert called == sorted(called, reverse=True) and set(called) == {True, False}


def test_a_search_that_finds_nothing_says_what_to_look_for(db):
    page = shown(f"{INDEX}?q=nothing+is+called+so")
    assert "0 calls found" in page and "No call has all of these words." in page


def test_an_unknown_resource_is_no_page_and_says_which_there_are(db):
    answer = Client().get(f"{INDEX}/nothing", headers=BROWSER)
    page = unescape(answer.content.decode())
    assert answer.status_code == 404 and "The API has no resource called “nothing”. It has datasets, drafts," in page
    assert f'href="{INDEX}/jobs"' in page


def test_an_unknown_resource_is_an_error_like_any_other_to_a_program(db):
    answer = Client().get(f"{INDEX}/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"
    assert "It has datasets, drafts," in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_keeps_to_the_strict_policy(path, db):
    answer = Client().get(path)
    assert RELAXED.findall(answer.content.decode()) == [] and "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", [INDEX, f"{INDEX}/jobs"])
def test_a_page_takes_only_reads(path, db):
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_asks_the_database_for_nothing(path, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get(path)
