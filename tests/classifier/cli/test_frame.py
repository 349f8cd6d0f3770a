"""Subcommands, flags, errors and their exit codes."""

import errno
import io
import json

import pytest

from classifier.cli.console import Console
from classifier.cli.failures import sentence_of
from classifier.cli.main import COMMANDS, split_json
from classifier.cli.settings import config_file, settings
from classifier.spec.catalogue import MODELS
from classifier.spec.errors import ClassifierError, ConfigError, InputError


def test_help_lists_every_subcommand(cli):
    said = cli("--help")
    assert said.code == 0 and all(name in said.out for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_subcommand_has_help(cli, name):
    said = cli(name, "--help")
    assert said.code == 0 and f"python -m classifier {name}" in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "A subcommand is missing"),
        (["trian"], "did you mean train?"),
        (["frobnicate"], "there are import, train"),
        (["models", "--colour"], "Unrecognized arguments: --colour"),
        (["import", "x"], "required: --out"),
        (["import", "x", "--out", "y", "--split", "80/20"], "--split must be three percentages"),
        (["evaluate"], "A RUN is missing"),
        (["evaluate", "--model", "resnet18", "--weights", "default"], "--data is missing"),
        (["explain", "run", "a.png", "--out", "b.png"], "is no run"),
        (["train", "x", "--out", "y", "--set", "epochs=NaN", "--set", "colour=blue"], "epochs: must be a whole number"),
        (["train", "x", "--out", "y", "--set", "epochs"], "must read name=value"),
    ],
)
def test_a_wrong_call_gives_one_line_and_exit_code_2(cli, words, sentence):
    said = cli(*words)
    assert said.code == 2 and said.out == "" and sentence in said.err and said.err.count("\n") == 1


def test_json_may_stand_anywhere_and_ends_a_failure_with_an_event(cli):
    said = cli("--json", "train", "x", "--out", "y", "--set", "epochs=0")
    assert said.lines[-1]["event"] == "error" and "epochs" in said.lines[-1]["fields"] and said.err


def test_a_file_called_json_is_left_to_the_subcommand():
    assert split_json(["predict", "run", "--", "--json"]) == (["predict", "run", "--", "--json"], False)


def test_models_lists_the_catalogue_one_line_each(cli):
    lines = cli("models").lines
    assert [line["name"] for line in lines] == list(MODELS) and all(line["parameters"] > 0 for line in lines)


def test_settings_are_json_or_bare_words():
    found = settings(["epochs=5", "model=resnet18", 'augment={"flip": false}', "weights=null", "weights=a=b.pth"])
    assert found == {"epochs": 5, "model": "resnet18", "augment": {"flip": False}, "weights": "a=b.pth"}


def test_a_setting_without_a_value_is_refused():
    with pytest.raises(ConfigError, match="name=value"):
        settings(["epochs"])


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_a_configuration_file_that_holds_no_object_is_refused(tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError, match="JSON"):
        config_file(tmp_path / "c.json")


def test_a_full_disk_is_worth_trying_again():
    error = sentence_of(OSError(errno.ENOSPC, "No space left on device", "/data/x"))
    assert (error.exit_code, error.retry, error.code) == (1, True, "disk_full") and "/data/x" in error.message


def test_a_missing_file_is_bad_input():
    assert sentence_of(FileNotFoundError(errno.ENOENT, "No such file or directory", "x.json")).exit_code == 2


def test_a_name_that_no_file_can_have_is_bad_input():
    assert sentence_of(OSError(errno.ENAMETOOLONG, "File name too long", "a" * 300)).exit_code == 2


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")])
def test_memory_that_ran_out_is_said_with_what_to_do(error):
    found = sentence_of(error)
    assert found.code == "out_of_memory" and "batch_size" in found.message


def test_an_unexpected_error_leaves_its_traceback_in_the_log(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSET_HOME", str(tmp_path))
    found = sentence_of(KeyError("colour"))
    assert found.exit_code == 1 and found.code == "unexpected" and str(tmp_path) in found.message
    assert "KeyError: 'colour'" in (tmp_path / "logs/engine-errors.log").read_text()


def test_a_failure_is_one_line_even_when_its_message_is_not():
    stdout, stderr = io.StringIO(), io.StringIO()
    Console(as_json=True, stdout=stdout, stderr=stderr).fail(ClassifierError("one\ntwo", retry=True, code="x"))
    assert stderr.getvalue() == "one two\n"
    assert json.loads(stdout.getvalue()) == {"event": "error", "code": "x", "message": "one two", "retry": True}
