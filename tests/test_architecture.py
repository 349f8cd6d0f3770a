"""The rooms and who may know whom (the tables in ARCHITECTURE.md), read from the imports themselves."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("classifier", "webapp", "worker")
TORCH = ("torch", "torchvision", "timm", "captum")
MODULES = {room: sorted(path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts) for room in ROOMS}
# An app may import those to its right.
ORDER = ("ops", "api", "reports", "predictions", "evaluations", "experiments", "datasets", "jobs", "accounts", "core")
LINES = 300


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """Absolute names of the modules that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    return (*whole, *parts)


def knows(path: Path, *modules: str) -> list[str]:
    """Which of the modules a file imports."""
    return [name for name in imports(path) if any(name == module or name.startswith(f"{module}.") for module in modules)]


def broken(paths: list[Path], *modules: str) -> dict[str, list[str]]:
    """Every file that imports one of the modules, with what it imports."""
    return {str(path.relative_to(ROOT)): found for path in paths if (found := knows(path, *modules))}


def tracked(*patterns: str) -> list[Path]:
    """Files under version control, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in sorted(set(listed.stdout.split("\n"))) if name and (path := ROOT / name).is_file()]


def test_the_engine_knows_neither_the_web_nor_the_worker():
    assert not broken(MODULES["classifier"], "webapp", "worker", "django", "celery", "channels")


@pytest.mark.parametrize("part", ["spec", "metrics"])
def test_the_light_parts_of_the_engine_know_no_torch(part):
    light = [path for path in MODULES["classifier"] if path.parent.name == part]
    assert light
    assert not broken(light, *TORCH)


def test_one_module_decodes_what_the_pack_stores():
    """torchvision's decoders are on their way out: another one is a change in one place."""
    assert set(broken([path for room in ROOMS for path in MODULES[room]], "torchvision.io", "torchcodec")) == {"classifier/data/jpegs.py"}


def test_the_web_knows_no_torch_and_no_worker():
    assert not broken(MODULES["webapp"], *TORCH, "worker")


def test_the_web_knows_only_the_light_parts_of_the_engine():
    found = broken(MODULES["webapp"], "classifier")
    assert not {
        path: names
        for path, names in found.items()
        if any(not name.startswith(("classifier.spec", "classifier.metrics")) for name in names)
    }


def test_the_web_has_one_door_to_celery():
    assert set(broken(MODULES["webapp"], "celery", "kombu")) <= {"webapp/jobs/queue.py"}


def test_the_worker_reaches_torch_only_through_the_engine():
    assert not broken(MODULES["worker"], *TORCH)


@pytest.mark.parametrize("app", ORDER)
def test_an_app_knows_only_those_to_its_right(app):
    left = [f"webapp.{other}" for other in ORDER[: ORDER.index(app)]]
    assert not broken(sorted((ROOT / "webapp" / app).rglob("*.py")), *left)


def test_models_know_no_verbs():
    models = [path for path in MODULES["webapp"] if path.name == "models.py" or path.parent.name == "models"]
    verbs = {str(path): [name for name in imports(path) if re.search(r"\.(actions|queries)(\.|$)", name)] for path in models}
    assert not {path: names for path, names in verbs.items() if names}


def test_only_the_verbs_of_the_queue_save_a_job():
    elsewhere = [path for path in MODULES["webapp"] + MODULES["worker"] if "webapp/jobs/actions" not in str(path)]
    assert not [
        str(path) for path in elsewhere if re.search(r"\bjob\.save\(|Job\.objects\.(create|bulk_create|update)\(", path.read_text())
    ]


def test_no_file_is_longer_than_a_sitting():
    generated = {ROOT / "classifier/spec/catalogue.py", ROOT / "classifier/spec/stages.py"}
    long = {
        str(path.relative_to(ROOT)): n
        for room in ROOMS
        for path in MODULES[room]
        if path not in generated and (n := len(path.read_text().splitlines())) > LINES
    }
    assert not long


def test_pages_hold_no_script_and_no_handler_of_their_own():
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|\son\w+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|hx-on|javascript:",
        re.IGNORECASE,
    )
    found = {str(path.relative_to(ROOT)): match[0] for path in tracked("templates/*.html") if (match := inline.search(path.read_text()))}
    assert not found


def test_nothing_names_a_place_of_one_machine_or_a_registry():
    own = "|".join(map(re.escape, {f"{ROOT}/", f"{ROOT.parent}/shared"}))
    hosts = r"pypi\.org|pythonhosted|download\.pytorch\.org|cdn\.|unpkg|jsdelivr|googleapis|cloudflare"
    files = [
        path
        for path in tracked("*.py", "*.html", "*.js", "*.css", "*.md", "*.toml", "*.txt", "*.sh", "Makefile", ".ci/run")
        if path != Path(__file__)
    ]
    assert not {str(path.relative_to(ROOT)): match[0] for path in files if (match := re.search(f"{own}|{hosts}", path.read_text()))}
