"""The classes of mistakes that products of this kind had advisories for; docs/security.md names each with its test."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
from django.conf import settings

from tests.access.routes import CALLS, PAGES
from tests.access.test_pages_and_calls import address, call
from tests.plugins.stack import Stack, processes_of
from webapp.accounts.models import Team, Token, User
from webapp.core.home import redis_socket
from webapp.datasets.models import Dataset
from webapp.experiments.models import Experiment
from webapp.reports.models import Report

ROOT = Path(__file__).resolve().parents[2]
LISTS = [name for name, route in PAGES.items() if not route.about and route.method == "get" and name not in ("/healthz", "/readyz")]
ESCAPES = ["..%2f..%2f..%2fetc%2fpasswd", "../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..\\..\\etc\\passwd", "/etc/passwd", "%00"]
MARKUP = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'{{7*7}}"
FORMULA = "=cmd|'/c calc'!A1"


def sources(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


# --- Paths


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_address_leads_to_a_file_of_the_server(escape, sides, browser_of):
    client, own = browser_of("owner"), sides["own"].ids
    tried = [
        f"/static/{escape}",
        f"/datasets/{escape}/",
        f"/datasets/{own['dataset']}/versions/1/images/{escape}",
        f"/reports/{own['report']}/{escape}",
        f"/reports/{escape}/predictions.csv",
        f"/experiments/{escape}/log/",
    ]
    answers = {path: client.get(path, follow=True) for path in tried}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 404} == {}


@pytest.mark.parametrize("weights", ["/etc/passwd", "../../etc/passwd", "run:../../etc", "file:///etc/passwd", "http://127.0.0.1/w.pth"])
def test_weights_are_a_choice_and_never_a_path_or_an_address(weights, sides, browser_of, token_of):
    body = {"dataset": sides["own"].ids["dataset"], "name": "x", "config": {"weights": weights}}
    headers = {"Authorization": f"Bearer {token_of('owner', 'write')}"}
    answer = browser_of("nobody").post("/api/v1/experiments", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 422 and "weights" in str(answer.json()["error"]["fields"])


# --- Unpickling


LOADERS = re.compile(r"(pickle|torch|dill|joblib|marshal|shelve|yaml|np|numpy)\.(load|loads|open)$")
LAST = {"load", "loads", "open"}  # what is called by any other name is not written out to be matched: most calls are
SAFE = re.compile(r"weights_only=True|np\.load\((?!.*allow_pickle=True)")


def test_nothing_is_unpickled_that_could_run_code():
    calls = [node for _, tree in sources("classifier", "webapp", "worker") for node in ast.walk(tree) if isinstance(node, ast.Call)]
    last = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in LAST]
    loads = [ast.unparse(node) for node in last if LOADERS.search(ast.unparse(node.func))]
    assert loads and [load for load in loads if not SAFE.search(load)] == []


# --- Server-side requests

CLIENTS = re.compile(r"^(urllib\.request|urllib3|http\.client|requests|httpx|aiohttp|fsspec|boto3|ftplib)\b")


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_web_asks_no_other_server():
    asking = {str(path) for path, tree in sources("webapp") if any(CLIENTS.match(name) for name in imported(tree))}
    assert asking == {"webapp/ops/demo/client.py", "webapp/ops/supervisor.py"}  # both ask their own server, by its own address


# --- Stored scripts


@pytest.fixture
def renamed(sides, cast) -> None:
    """Everything that a member can name is called by markup."""
    Team.objects.filter(pk=sides["own"].team.pk).update(name=MARKUP[:80])
    Dataset.objects.update(name=MARKUP, archive_name=MARKUP)
    Experiment.objects.update(name=MARKUP)
    Report.objects.update(title=MARKUP, notes=MARKUP)
    Token.objects.update(name=MARKUP[:80])
    User.objects.filter(pk=cast["editor"].pk).update(username=MARKUP)
    for dataset in Dataset.objects.all():
        version = dataset.versions.get()
        version.classes = [{**entry, "name": MARKUP} for entry in version.classes]
        version.save()
        version.samples.update(path=MARKUP)
        dataset.problems.create(file=MARKUP, rule=MARKUP[:40], message=MARKUP, taken=False)


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.method == "get"])
def test_a_name_is_text_on_every_page(name, sides, browser_of, renamed):
    answer = call(browser_of("owner"), name, PAGES[name], sides["own"])
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        text = answer.getvalue().decode()
        assert "<script>alert" not in text and "<img src=x" not in text and "'49" not in text


# --- Side doors


def test_only_the_web_port_listens_and_only_on_loopback(stack):
    ports = {
        (connection.laddr.ip, connection.laddr.port)
        for pid in processes_of(stack.home)
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert ports == {("127.0.0.1", stack.port)}


def test_the_redis_asks_for_its_password(stack):
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(redis_socket(stack.home))).ping()


# --- Default secrets and accounts


def test_a_new_installation_has_no_account(tmp_path):
    fresh = Stack(tmp_path)
    fresh.manage("migrate", "-v0")
    count = "from webapp.accounts.models import User, Team; print(User.objects.count(), Team.objects.count())"
    assert fresh.manage("shell", "-v0", "-c", count).split() == ["0", "0"]


@pytest.mark.parametrize("password", ["admin", "password", "synset", "changeme", "", "owner"])
def test_no_usual_password_opens_an_account(password, browser_of):
    for name in ("admin", "root", "owner", "synset"):
        assert browser_of("nobody").post("/login/", {"name": name, "password": password}).status_code == 422


def test_the_secret_key_is_this_installations_own():
    assert len(settings.SECRET_KEY) >= 50 and (settings.SYNSET_HOME / "secrets" / "django").read_text().strip() == settings.SECRET_KEY


# --- Filters that reach into the database


@pytest.mark.parametrize("asked", ["owner__password__startswith=p", "created_by__password__startswith=p", "team__name=Fungi", "team=Fungi"])
@pytest.mark.parametrize("name", LISTS)
def test_no_filter_reaches_into_rows(name, asked, sides, browser_of):
    client = browser_of("owner")
    with_it, without = (client.get(f"{name}{query}") for query in (f"?{asked}", ""))
    assert with_it.status_code == without.status_code
    if not without.streaming:
        assert len(with_it.content) == pytest.approx(len(without.content), abs=400)  # the form's key, the address in links


# --- Addresses that lead away


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example"]
)
def test_a_login_leads_to_no_foreign_page(next, sides, browser_of):
    assert browser_of("owner").get("/login/", {"next": next})["Location"] == "/"


# --- Large bodies


@pytest.mark.parametrize("name", [name for name, route in CALLS.items() if route.method == "post" and route.about])
def test_a_call_that_is_no_json_is_refused_with_a_sentence(name, sides, browser_of, token_of):
    headers = {"Authorization": f"Bearer {token_of('owner', 'write')}"}
    answer = browser_of("nobody").post(
        address(name, CALLS[name], sides["own"]), b"[" * 100_000, content_type="application/json", headers=headers
    )
    assert answer.status_code < 500 and answer.headers["Content-Type"].startswith("application/json")
