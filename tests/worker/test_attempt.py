"""A child's end as the job's end."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from classifier.spec.errors import InputError
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt, stopping
from worker.attempt import why_it_failed
from worker.child import Child
from worker.claim import now
from worker.handlers import Gone, Work
from worker.memory import kernel_kills

pytestmark = pytest.mark.django_db(transaction=True)
FINISHED = "print(json.dumps({'event': 'finished', 'run': '/r'}))"
SLEEP = (
    "signal.signal(signal.SIGINT, lambda *_: sys.exit(130))",
    'print(\'{"event": "stage", "stage": "ready"}\', flush=True)',
    "time.sleep(60)",
)


@pytest.fixture
def run(claim, script, tmp_path, monkeypatch, settings):
    """Runs a script as the job's child; gives the job as it is then."""
    settings.JOB_BEAT_SECONDS = 0.1

    def make(*lines: str, held: actions.Claim = claim, **methods) -> Job:
        class Script(Work):
            noun, last_event, log = "training", "finished", tmp_path / "log.txt"

            def arguments(self) -> list[str]:
                return []

            def command(self) -> list[str]:
                return script(*lines)

        monkeypatch.setattr(attempt, "work_for", type("Mine", (Script,), methods))
        attempt.run(held, {}, claimed_at=now())
        return Job.objects.get(pk=claim.job_id)

    return make


def test_a_good_end_is_success_and_its_rows_are_written_with_it(run):
    kept = []
    job = run(FINISHED, end=lambda self, last: kept.append(last["run"]))
    assert (job.state, job.progress, kept) == ("succeeded", 1.0, ["/r"])


def test_exit_0_without_the_last_line_is_no_success(run):
    job = run("print(1)")
    assert (job.state, job.error_code) == ("queued", "no_result")


def test_bad_input_is_final_with_the_engines_own_sentence(run):
    job = run("print(json.dumps({'event': 'error', 'code': 'bad', 'message': 'One class is too few.', 'retry': False}))", "sys.exit(2)")
    assert (job.state, job.error, job.error_code) == ("failed", "One class is too few.", "bad")


def test_a_passing_failure_waits_for_the_next_attempt(run):
    job = run("print(json.dumps({'event': 'error', 'code': 'disk_full', 'message': 'The disk is full.', 'retry': True}))", "sys.exit(1)")
    assert job.state == "queued" and job.error.startswith("The disk is full. ")
    assert job.error.endswith(" It starts again from its last checkpoint (attempt 2 of 3).")
    assert " are free in the data folder. Empty the trash, " in job.error


def test_a_killed_child_waits_for_the_next_attempt(run):
    job = run("os.kill(os.getpid(), 9)")
    assert (job.state, job.error_code, "signal 9" in job.error) == ("queued", "killed", True)


def test_a_child_that_crashed_is_quoted(run):
    job = run("print('a warning', file=sys.stderr)", "raise ImportError('no such library')")
    assert job.error.startswith("The training process ended with exit code 1: ImportError: no such library. It starts again")


def test_what_was_told_before_the_end_is_recorded(run):
    job = run("print(json.dumps({'event': 'log', 'level': 'info', 'message': 'hello'}))", FINISHED)
    assert job.events.filter(kind="log", data__message="hello").exists()


def test_a_cancel_stops_the_child(run, claim):
    def rows_told(self):
        actions.request_cancel(Job.objects.get(pk=claim.job_id))

    job = run(*SLEEP, prepare=rows_told)
    assert (job.state, job.attempts.get().outcome) == ("cancelled", "cancelled")


def test_a_stopping_worker_gives_the_job_back(run):
    job = run(*SLEEP, prepare=lambda self: stopping.stop())
    assert (job.state, job.attempt, job.attempts.get().outcome) == ("queued", 0, "released: its worker was stopped")


def test_a_child_that_does_not_stop_is_killed_after_the_grace(run, claim, settings):
    settings.JOB_CANCEL_GRACE_SECONDS = 0.2
    ready = "{'event': 'epoch', 'epoch': 1}"
    job = run(
        "signal.signal(signal.SIGINT, signal.SIG_IGN)",
        f"print(json.dumps({ready}), flush=True)",
        "time.sleep(60)",
        rows=lambda self, events: actions.request_cancel(Job.objects.get(pk=claim.job_id)),
    )
    assert job.state == "cancelled"


def test_who_lost_the_job_ends_its_child_and_writes_nothing(run, claim):
    def taken_away(self):
        Job.objects.update(fence=9)

    job = run("time.sleep(60)", prepare=taken_away)
    assert (job.state, job.last_seq) == ("running", 2)


def test_a_fault_of_ours_ends_the_job_with_a_sentence(run):
    job = run(FINISHED, end=lambda self, last: last["nothing"])
    assert (job.state, job.error_code, "KeyError" in job.error) == ("failed", "unexpected", True)


def test_a_disk_without_room_is_said_and_waited_for(run):
    job = run(FINISHED, prepare=full)
    assert (job.state, job.error_code) == ("queued", "disk_full")
    assert job.error.startswith("The disk of the data folder has no room. ") and "(attempt 2 of 3)" in job.error


NO_ROOM = (
    "print(json.dumps({'event': 'error', 'code': 'disk_full', 'retry': True, 'message': 'No space left on the disk: free some and run "
    "the same command again.'}))",
    "sys.exit(1)",
)


def test_a_job_that_found_the_disk_full_waits_for_room_and_the_attempt_does_not_count(run, settings):
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    job = run(*NO_ROOM)
    assert (job.state, job.attempt, job.error_code) == ("queued", 0, "disk_full")
    assert job.error.startswith("The disk of the data folder is full: ") and "Empty the trash" in job.error
    assert "go on by themselves once" in job.error and "command" not in job.error


def test_one_that_finds_no_room_on_a_disk_that_has_some_is_tried_as_often_as_others_and_names_no_command(run):
    job = run(*NO_ROOM)
    assert (job.state, job.attempt) == ("queued", 1)
    assert job.error.startswith("No space left on the disk. ") and "command" not in job.error


def test_what_an_attempt_itself_had_taken_is_free_before_room_is_judged(run, monkeypatch):
    """Else it would be tried for ever, and no attempt counted."""
    cleared = []
    monkeypatch.setattr("webapp.jobs.room.free_bytes", lambda: 1 << 40 if cleared else 0)
    job = run(*NO_ROOM, clear=lambda self: cleared.append(self))
    assert (job.state, job.attempt) == ("queued", 1)
    assert job.error.startswith("No space left on the disk. ")


def test_a_job_that_is_cancelled_waits_for_no_room(run, settings, claim):
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    actions.request_cancel(Job.objects.get(pk=claim.job_id))
    assert run(FINISHED, prepare=full).state == "cancelled"


def full(self):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [Gone("The dataset was deleted."), InputError("The archive is gone.")])
def test_what_is_gone_cannot_be_done(error, run):
    def prepare(self):
        raise error

    job = run(FINISHED, prepare=prepare)
    assert (job.state, job.error) == ("failed", str(error))


def test_a_crash_names_its_signal():
    sentence, _, retry = why_it_failed(-11, {}, type("W", (Work,), {"noun": "import"}))
    assert (sentence, retry) == ("The import process crashed (signal 11, SIGSEGV).", True)


def test_the_log_keeps_what_a_child_said_on_its_error_stream(run, tmp_path: Path):
    run("print('a warning', file=sys.stderr)", FINISHED)
    assert (tmp_path / "log.txt").read_text() == "a warning\n"


def test_a_pause_stops_the_child_and_keeps_the_job(run, claim):
    job = run(*SLEEP, prepare=lambda self: actions.pause(Job.objects.get(pk=claim.job_id)))
    assert (job.state, job.attempt, job.attempts.get().outcome) == ("paused", 0, "paused")


def test_a_child_hears_that_it_is_to_finish(run, claim):
    job = run(
        "assert sys.stdin.readline() == 'finish\\n'",
        FINISHED,
        prepare=lambda self: actions.finish_early(Job.objects.get(pk=claim.job_id)),
    )
    assert job.state == "succeeded"


def test_a_child_that_tells_nothing_is_ended_and_tried_again(run, settings):
    settings.JOB_SILENT_SECONDS = 0.5
    job = run("time.sleep(60)")
    assert (job.state, job.error_code) == ("queued", "hung")
    assert "told nothing for 0 s and was ended: a step, a device or the disk hung." in job.error


@pytest.fixture
def unkillable(monkeypatch, settings):
    """Children stay for a while after they were killed, as one does that waits in a driver."""
    monkeypatch.setattr(Child, "kill", lambda child: None)
    monkeypatch.setattr("worker.child.END_SECONDS", 0.3)
    settings.JOB_SILENT_SECONDS = 0.5


@pytest.mark.parametrize(("kind", "code"), [("train", "device_lost"), ("import", "hung")])
def test_a_child_that_cannot_be_ended_is_left_behind_and_its_device_is_drained(kind, code, run, claim, unkillable, monkeypatch):
    given = []
    monkeypatch.setattr(attempt.Attempt, "run", lambda tried, go=attempt.Attempt.run: (go(tried), given.append(tried.code)))
    job = run("time.sleep(60)", held=claim._replace(kind=kind))
    assert (job.state, job.error_code, given) == ("queued", code, [code])
    assert job.error.startswith("The training process hung and could not be ended: the device or the disk does not answer.")


def test_a_cancel_of_what_cannot_be_ended_is_carried_out_all_the_same(run, claim, unkillable, settings):
    settings.JOB_SILENT_SECONDS, settings.JOB_CANCEL_GRACE_SECONDS = 60.0, 0.2
    job = run(
        "signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "print(json.dumps({'event': 'epoch', 'epoch': 1}), flush=True)",
        "time.sleep(60)",
        rows=lambda self, events: actions.request_cancel(Job.objects.get(pk=claim.job_id)),
    )
    assert job.state == "cancelled"


def test_who_lost_the_job_does_not_wait_for_a_child_that_cannot_be_ended(run, unkillable):
    job = run("time.sleep(60)", command=lambda self: (Job.objects.update(fence=9), ["sleep", "60"])[1])
    assert job.state == "running"


def test_a_kill_that_the_kernel_counted_is_for_want_of_memory(run, monkeypatch):
    counts = iter([3, 4])
    monkeypatch.setattr(attempt, "kernel_kills", lambda: next(counts))
    job = run("os.kill(os.getpid(), signal.SIGKILL)")
    assert (job.state, job.error_code) == ("queued", "out_of_memory")
    assert "the machine ran out of memory" in job.error


def test_the_kernels_count_is_read_where_there_is_one(tmp_path: Path):
    counters = tmp_path / "vmstat"
    counters.write_text("nr_free_pages 1\noom_kill 7\n")
    assert (kernel_kills(counters), kernel_kills(tmp_path / "none")) == (7, 0)


def test_a_pause_that_is_taken_back_too_late_costs_no_attempt(run, claim, monkeypatch):
    def thought_better(child):
        actions.resume(Job.objects.get(pk=claim.job_id))
        interrupt(child)

    interrupt = Child.interrupt
    monkeypatch.setattr(Child, "interrupt", thought_better)
    epoch = "print(json.dumps({'event': 'epoch', 'epoch': 1}), flush=True)"
    asked = lambda self, events: actions.pause(Job.objects.get(pk=claim.job_id))  # noqa: E731
    job = run(SLEEP[0], epoch, SLEEP[2], rows=asked)
    assert (job.state, job.attempt, job.error) == ("queued", 0, "")


def test_what_fails_by_itself_while_a_pause_is_asked_for_has_failed(run, claim):
    line = {"event": "error", "code": "nan_loss", "message": "The loss is no number.", "retry": False}
    asked = lambda self, events: actions.pause(Job.objects.get(pk=claim.job_id))  # noqa: E731
    job = run("print(json.dumps({'event': 'epoch', 'epoch': 1}), flush=True)", f"print(json.dumps({line}))", "sys.exit(1)", rows=asked)
    assert (job.state, job.error_code) == ("failed", "nan_loss")
