"""A command loads what it needs without searching for garbage, and what it loaded is passed over from then on."""

from __future__ import annotations

import ast
import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier.cli.main import COMMANDS
from classifier.spec.loading import loading
from tests.classifier.cli.conftest import ROOT, train_words

TRAINS = """
import gc, json, sys
while_loading = []

def look(phase, info):
    if phase == "start" and "torch" in sys.modules and "classifier.training.loop" not in sys.modules:
        while_loading.append(info["generation"])

gc.callbacks.append(look)
from classifier.cli.main import main
code = main(sys.argv[1:])
print(json.dumps({"code": code, "while_loading": while_loading, "passed over": gc.get_freeze_count(), "searches": gc.isenabled()}))
"""


def test_a_training_loads_torch_without_searching_it_and_searches_its_own_objects(dataset, tmp_path):
    words = train_words(dataset, tmp_path / "run", "epochs=1")
    done = subprocess.run([sys.executable, "-c", TRAINS, *words, "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and told["code"] == 0, done.stderr
    assert told["while_loading"] == [] and told["passed over"] > 100_000 and told["searches"]  # torch's objects are some 400,000


def late_imports(tree: ast.Module) -> list[ast.ImportFrom]:
    """What a command's functions import of the engine, outside of `with loading()`."""
    withs = [node for node in ast.walk(tree) if isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) == "loading()"]
    inside = {id(child) for node in withs for child in ast.walk(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    late = [child for function in functions for child in ast.walk(function) if isinstance(child, ast.ImportFrom)]
    return [node for node in late if (node.module or "").startswith("classifier.") and id(node) not in inside]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_its_work_so(name):
    path = Path(ROOT, "classifier", "cli", f"{COMMANDS[name][0]}.py")
    assert [f"line {node.lineno}: {node.module}" for node in late_imports(ast.parse(path.read_text()))] == []


def test_what_was_there_is_searched_as_before_where_nothing_was_loaded():
    before = gc.get_freeze_count()
    with loading():
        import json as known  # noqa: F401
    assert gc.get_freeze_count() == before and gc.isenabled()


def test_an_import_that_fails_leaves_the_search_on():
    with pytest.raises(ImportError), loading():
        import no_such_module_anywhere  # noqa: F401
    assert gc.isenabled()


def test_who_does_not_search_is_not_made_to():
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
