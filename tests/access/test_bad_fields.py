"""Every field that could be filled in to break something: refused in words by page, API and command line alike, never a 500."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from classifier.cli.main import main
from classifier.metrics.tally import summary
from tests.access.routes import CALLS, PAGES, Route
from tests.access.test_pages_and_calls import address, undone
from tests.classifier.box import same_signals
from webapp.datasets.models import Dataset
from webapp.experiments.forms import texts_of
from webapp.experiments.models import Experiment

# A configuration's fields, through all three doors

WRONG = {
    "learning rate NaN": ("learning_rate", "NaN"),
    "learning rate infinite": ("learning_rate", "Infinity"),
    "learning rate −1": ("learning_rate", "-1"),
    "10^9 epochs": ("epochs", "1000000000"),
    "batch of 0": ("batch_size", "0"),
    "batch of 10^6": ("batch_size", "1000000"),
    "a number of 400 digits": ("epochs", "1" + "0" * 400),
    "a word of 5,000 letters": ("model", json.dumps("m" * 5000)),
    "NUL in a word": ("model", '"small\\u0000cnn"'),
}


def as_page(text: str) -> str:
    """The JSON value as a person types it."""
    return json.loads(text) if text.startswith('"') else text


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_is_named_by_the_page(case, sides, browser_of):
    field, text = WRONG[case]
    texts = texts_of({"epochs": 1, "batch_size": 4}) | {"name": "x", "dataset": sides["own"].ids["dataset"], field: as_page(text)}
    before = Experiment.objects.count()
    answer = browser_of("owner").post("/experiments/new/", texts)
    assert answer.status_code == 422 and field in answer.context["form"].errors and Experiment.objects.count() == before


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_is_named_by_the_api(case, sides, browser_of, token_of):
    field, text = WRONG[case]
    body = f'{{"dataset": "{sides["own"].ids["dataset"]}", "name": "x", "config": {{"{field}": {text}}}}}'
    answer = sent(browser_of("nobody"), "post", "/api/v1/experiments", body, token_of("owner", "write"))
    assert answer.status_code == 422 and field in answer.json()["error"]["fields"]


@pytest.mark.parametrize("case", [case for case in WRONG if "NUL" not in case])  # no argument of a command holds one
def test_a_wrong_setting_is_named_by_the_command_line(case, tmp_path, capsys):
    field, text = WRONG[case]
    with same_signals():
        code = main(["train", str(tmp_path), "--out", str(tmp_path / "run"), "--set", f"{field}={as_page(text)}", "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 2 and list(told["fields"]) == [field] and not (tmp_path / "run").exists()


def sent(client: Client, method: str, path: str, body: str, token: str, **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", **headers}
    return client.generic(method.upper(), path, body, content_type="application/json", headers=headers)


# Names and texts, wherever one may be given

LONG = "n" * 5000
TEXTS = {
    "5,000 characters": LONG,
    "NUL": "a\0b",
    "controls": "a\x1b[31m\r\nb",
    "a number too large": "1" + "0" * 30,
    "markup": "<script>alert(1)</script>",
    "a formula": "=1+1",
    "half an emoji": "\ud83d",
}
FIELDS = re.findall(
    r"\w+",
    "about after and archived before below beside by checkpoint class cursor dataset days draft each email epoch evaluation experiment "
    "from group image is job key label limit method moves name new_password1 next notes of on password point points position positions "
    "preset q rate revision role rule said scope seed show since smooth sort split state sure team text title to tokens true username "
    "version views who why with with_model with_groups config ",
)
POSTS = {name: route for name, route in PAGES.items() if route.method == "post" or name in ("/login/", "/experiments/new/")}
del POSTS["/datasets/sample/"]  # takes no field, and much time
# uploads in parts take bytes, and what is told of them in a header
JSON_CALLS = {name: route for name, route in CALLS.items() if route.method in ("post", "patch") and not (route.file or route.headers)}
GETS = {name: route for name, route in PAGES.items() if route.method == "get"}
READS = {name: route for name, route in CALLS.items() if route.method == "get"}


def form_of(route: Route, text: str) -> bytes:
    """A form whose every field holds the text, as bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    return b"".join(part % (name.encode(), raw) for name in {*FIELDS, *route.body}) + b"--b--\r\n"


@pytest.mark.parametrize("name", POSTS)
def test_a_form_full_of_any_text_is_answered_in_words(name, sides, browser_of):
    route = POSTS[name]
    for said, text in TEXTS.items():
        with undone():
            answer = browser_of("owner").generic(
                "POST", address(name, route, sides["own"]), form_of(route, text), content_type="multipart/form-data; boundary=b"
            )
        assert answer.status_code < 500, said
        assert b"<script>alert(1)" not in answer.content or answer["Content-Type"] == "application/json", said


@pytest.mark.parametrize("name", JSON_CALLS)
@pytest.mark.parametrize("said", TEXTS)
def test_a_body_full_of_any_text_is_refused_by_its_fields(name, said, sides, browser_of, token_of):
    route = JSON_CALLS[name]
    body = json.dumps(route.body | dict.fromkeys(route.body or {"nonsense": ""}, TEXTS[said]))
    with undone():
        answer = sent(browser_of("nobody"), route.method, address(name, route, sides["own"]), body, token_of("owner", "write"))
    assert answer.status_code < 500
    if said in ("5,000 characters", "NUL", "half an emoji"):
        assert answer.status_code in (400, 404, 409, 422) and answer.json()["error"]["message"]


NAMED = {  # a form that names something, with its other fields
    "name": ("/datasets/upload/", {"split": "70/15/15", "seed": "0", "group": ""}),
    "team": ("/team/name/", {}),
    "title": ("/reports/{report}/edit/", {"notes": "", "tags": "", "revision": "0"}),
    "text": ("/reports/{report}/comments/", {}),
}


def named(browser: Client, field: str, name: str, ids: dict[str, str]) -> Any:
    path, others = NAMED[field]
    return browser.post(path.format(**ids), {**others, field: name, "archive": SimpleUploadedFile("a.zip", b"PK")})


@pytest.mark.parametrize("field", NAMED)
@pytest.mark.parametrize(
    "name", ["\u200b\u200b", "\ufeff", "\u202e \u2069", "\u3164\u2800"], ids=["zero width", "byte order mark", "turns alone", "fillers"]
)
def test_a_name_of_which_nothing_can_be_seen_is_refused(field, name, sides, browser_of):
    with undone():
        assert named(browser_of("owner"), field, name, sides["own"].ids).status_code == 422


def test_a_name_turns_nothing_around_that_stands_behind_it(sides, browser_of):
    with undone():
        named(browser_of("owner"), "name", "\u202egpj.exe \u0633\u06af\u200c\u0647\u0627", sides["own"].ids)
        assert Dataset.objects.latest("id").name == "gpj.exe \u0633\u06af\u200c\u0647\u0627"


@pytest.mark.parametrize("key", ["name", "filename", "split", "seed", "dataset"])
@pytest.mark.parametrize("said", TEXTS)
def test_any_text_about_an_upload_is_taken_as_a_name_or_refused_in_words(key, said, browser_of, token_of):
    told = {"name": "birds", "filename": "birds.zip", key: TEXTS[said]}
    pairs = ",".join(f"{name} {base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode()}" for name, text in told.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": pairs}
    with undone():
        answer = sent(browser_of("nobody"), "post", "/api/v1/uploads", "", token_of("owner", "write"), **headers)
    assert answer.status_code in (201, 400, 404, 422)
    assert answer.status_code == 201 or answer.json()["error"]["message"]


# Addresses

QUERIES = {
    "a limit of 10^30": "limit=" + "1" + "0" * 30,
    "what nobody offers": "owner__password__startswith=a&created_by__password__startswith=b&team=1&team_id=1&id__in=1&order_by=password",
    "NUL everywhere": "&".join(f"{field}=%00" for field in FIELDS),
    "no UTF-8 anywhere": "&".join(f"{field}=%ED%A0%80" for field in FIELDS),
    "5,000 letters everywhere": "&".join(f"{field}={'n' * 200}" for field in FIELDS) + "&q=" + LONG,
    "huge numbers everywhere": "&".join(f"{field}={10**30}" for field in FIELDS),
    "NaN everywhere": "&".join(f"{field}=NaN" for field in FIELDS),
}


@pytest.mark.parametrize("name", GETS)
def test_a_page_takes_any_query_without_breaking(name, sides, browser_of):
    client, path = browser_of("owner"), address(name, GETS[name], sides["own"])
    for said, query in QUERIES.items():
        answer = client.get(f"{path}?{query}")
        assert answer.status_code < 500 or answer.status_code == GETS[name].opens, (said, answer.status_code)


@pytest.mark.parametrize("name", READS)
def test_a_call_takes_any_query_without_breaking(name, sides, browser_of, token_of):
    client, path, token = browser_of("nobody"), address(name, READS[name], sides["own"]), token_of("owner", "read")
    plain = sent(client, "get", path, "", token)
    for said, query in QUERIES.items():
        answer = sent(client, "get", f"{path}?{query}", "", token)
        assert answer.status_code in (plain.status_code, 422), (said, answer.status_code)
        if said == "what nobody offers":
            assert whole(answer) == whole(plain)
        if answer.status_code == 422:
            assert answer.json()["error"]["fields"]


@pytest.mark.parametrize("name", ["/datasets/", "/experiments/", "/reports/", "/queue/", "/team/audit/", "/search/"])
def test_a_list_is_not_narrowed_by_what_nobody_offers(name, sides, browser_of):
    client = browser_of("owner")
    plain, asked = (steady(client.get(f"{name}?{query}").content.decode()) for query in ("", QUERIES["what nobody offers"]))
    assert plain == asked


def whole(answer: Any) -> bytes:
    """Its body, also where that comes in pieces."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def steady(page: str) -> str:
    """A page without the keys of its forms, its times, and the address it was asked for."""
    return re.sub(r'(nonce|value|token|datetime|href|data-[\w-]+)="[^"]*"|CSRFToken": "\w+"|owner__[\w=&;]*|>\d+ (s|min) ago<', "", page)


# Files

FILES = {
    "page, datasets": ("/datasets/upload/", "archive", 101, "One archive at a time makes a dataset; 101 files came."),
    "page, classify": ("/classify/run/", "images", 101, "Expected 1 to 100 images in one call, 101 came."),
    "api, datasets": ("/api/v1/datasets", "archive", 101, "One archive at a time makes a dataset; 101 files came."),
    "api, classify": ("/api/v1/experiments/{experiment}/classify", "images", 1001, "too many parts"),  # up to 1,000 are taken
}


@pytest.mark.parametrize("case", FILES)
def test_too_many_files_in_a_form_are_answered_in_words(case, sides, browser_of, token_of):
    path, field, count, words = FILES[case]
    ids, by_token = sides["own"].ids, "/api/" in path
    files = [SimpleUploadedFile(f"{number}.png", b"no") for number in range(count)]
    headers = {"Authorization": f"Bearer {token_of('owner', 'write')}"} if by_token else {"Accept": "application/json"}
    with undone():
        client = browser_of("nobody" if by_token else "owner")
        answer = client.post(path.format(**ids), {"name": "x", "experiment": ids["experiment"], field: files}, headers=headers)
    assert answer.status_code in (400, 413, 422) and words in answer.content.decode()


# Numbers that are none


def test_a_figure_that_is_not_finite_is_null_and_said_so():
    import numpy as np

    logits = np.array([[np.nan, 1.0], [0.0, 1.0]], np.float32)
    figures = summary(np.array([0, 1]), logits, ["cat", "dog"])
    text = json.dumps(figures, allow_nan=False)
    assert figures["loss"] is None and "loss" in figures["not_finite"] and "NaN" not in text
