"""What only a real process can show: its start, its signals, its end."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.classifier.cli.conftest import ROOT, process, start, train_words


def first_epoch(child) -> None:
    """Waits until the child has told an epoch."""
    for line in child.stdout:
        if json.loads(line)["event"] == "epoch":
            return


def test_help_comes_at_once_and_loads_no_torch():
    started = time.perf_counter()
    said = process("--help")
    assert said.code == 0 and said.err == "" and time.perf_counter() - started < 2  # 0.1 s on a machine at rest


@pytest.mark.parametrize("module", ["classifier.cli.main", "classifier.spec.config", "classifier.metrics", "classifier.cli.train"])
def test_light_rooms_load_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_user_error_is_one_line_without_a_traceback(tmp_path):
    said = process("train", tmp_path, "--out", tmp_path / "run", "--json")
    assert said.code == 2 and said.err.count("\n") == 1 and said.lines[-1]["event"] == "error"


def test_a_reader_that_leaves_ends_the_program_quietly():
    with start("models") as child:
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == "" and child.wait(30) in (0, 1)


def test_ctrl_c_keeps_a_checkpoint_and_the_same_command_goes_on(dataset, tmp_path):
    words = [*train_words(dataset, tmp_path / "run", "epochs=200"), "--json"]
    with start(*words) as child:
        first_epoch(child)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and err.count("\n") == 1 and json.loads(out.splitlines()[-1])["code"] == "interrupted"
    assert list((tmp_path / "run/checkpoints").iterdir())


def test_a_child_dies_with_its_parents_pipe(dataset, tmp_path):
    words = [*train_words(dataset, tmp_path / "run", "epochs=5000"), "--json"]
    with start(*words, env={"SYNSET_WATCH_STDIN": "1"}, stdin=subprocess.PIPE, start_new_session=True) as child:
        first_epoch(child)
        child.stdin.close()
        assert child.wait(5) == -signal.SIGKILL
