"""One attempt of one job, from its claim to its end."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import connection

from classifier.spec.errors import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_OK, InputError
from webapp.core.words import duration, shortened
from webapp.datasets.files import FULL
from webapp.jobs import actions
from webapp.jobs.actions import Claim, LostClaim
from webapp.jobs.models import QUEUE_OF, Job, Kind, Queue
from webapp.jobs.room import DISK_FULL, advice, goes_on, lacking
from worker import child as children
from worker import stopping
from worker.child import Child
from worker.claim import DATABASE_AWAY, Hold, now
from worker.handlers import Gone, Work, work_for
from worker.memory import kernel_kills
from worker.relay import Relay, log_event
from worker.sweep import sweep

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.1
AGAIN_SECONDS = 0.5  # after a database error
AGAIN = ": free some and run the same command again."  # what the command tells people at a terminal whose disk is full
DEVICE_LOST = "device_lost"  # the engine's code, and ours where its process cannot be ended


def run(claim: Claim, environment: Mapping[str, str], *, claimed_at: float) -> str:
    """Does a claimed job's work to its end. Whatever happens, the job does not stay ours: it ends, waits again or is lost.

    `claimed_at` is when the claim was asked for, by `worker.claim.now`. Gives the code of the failure, empty where there was none.
    """
    sweep(claim.job_id, older_than=claim.fence)
    work: Work | None = None
    try:
        job = Job.objects.get(pk=claim.job_id)
        work = work_for(job, claim)
        tried = Attempt(claim, work, job.last_seq, environment, claimed_at)
        tried.run()
        return tried.code
    except LostClaim as error:
        logger.warning("%s", error)
    except (Gone, InputError) as error:
        actions.fail(claim, str(error), getattr(error, "code", "gone"), retry=False)
    except DATABASE_AWAY:
        raise  # the lease ends by itself, the job runs again
    except Exception as error:
        logger.exception("Job %s ended by a fault of ours", claim.job_id)
        fail(claim, work, *unexpected(error))
    finally:
        sweep(claim.job_id, older_than=claim.fence + 1)
        if work is not None:
            work.clear()
    return ""


def unexpected(error: Exception) -> tuple[str, str, bool]:
    """As `why_it_failed`, of what went wrong in this process."""
    if isinstance(error, OSError) and error.errno in FULL:
        return "The disk of the data folder has no room.", DISK_FULL, True
    kind = shortened(f"{type(error).__name__}: {error}", 300)
    return f"Unexpected error, a fault of Synset ({kind}). The worker's log has the details.", "unexpected", False


def fail(claim: Claim, work: Work | None, message: str, code: str, retry: bool) -> None:
    """The attempt failed. For want of room on the disk the job waits until there is some, whatever its attempts. Raises LostClaim."""
    if code == DISK_FULL and work is not None:
        work.make_room()  # before it is judged: else it would be tried again and again with what only itself had taken
    if code == DISK_FULL and retry and (full := lacking()):
        actions.put_back(claim, f"{full} {goes_on()}", code)
        return
    actions.fail(claim, f"{message} {advice()}" if code == DISK_FULL and retry else message, code, retry)


class Attempt:
    """The loop around the child: its lines are recorded, a cancel or a stop reaches it, its end becomes the job's."""

    def __init__(self, claim: Claim, work: Work, seq: int, environment: Mapping[str, str], claimed_at: float) -> None:
        self.claim, self.work, self.environment = claim, work, environment
        self.hold = Hold(claim, self.end_child, claimed_at=claimed_at)
        self.relay = Relay(claim, work.rows, seq, work.told)
        self.child: Child | None = None
        self.kill_at: float | None = None  # set once the child was asked to stop
        self.killed_at: float | None = None
        self.hung = self.stuck = False
        self.finishing = False
        self.heard_at = now()
        self.kernel_kills = kernel_kills()
        self.code = ""  # of its failure
        self.flush_at = 0.0  # later after a database error

    def run(self) -> None:
        """All of it while the lease is renewed. Raises LostClaim when the job was lost on the way."""
        with self.hold:
            self.patiently(lambda: actions.renew(self.claim))  # however long it took to come here
            self.patiently(self.work.prepare)
            self.check()
            if self.hold.asked.stop or stopping.is_stopping():
                self.conclude(None)
                return
            command, mark = self.work.command(), f"{self.claim.job_id}.{self.claim.fence}"
            environment = {**self.environment, **self.work.environment()}
            self.child = Child(command, log=self.work.log, mark=mark, environment=environment, limits=self.work.limits())
            self.heard_at = now()
            try:
                self.conclude(self.follow(self.child))
            finally:
                self.child.close()

    def end_child(self) -> None:
        """The claim is lost: nothing may be written any more."""
        if self.child is not None:
            self.child.kill()

    def check(self) -> None:
        if self.hold.lost:
            raise LostClaim(self.claim)

    def follow(self, child: Child) -> int:
        """Until the child has ended and all that it told is recorded; gives its exit code."""
        while True:
            code = child.exit_code()
            for line in child.lines(TICK_SECONDS if code is None else 0.0):
                self.relay.take(line)
                self.heard_at = now()
            self.check()
            if code is not None:
                break
            if self.killed_at is not None and now() > self.killed_at + children.END_SECONDS:
                return self.left_behind()
            self.stop_if_asked(child)
            self.stop_if_hung(child)
            if self.relay.due and now() >= self.flush_at:
                self.try_flush()
        for line in child.last_lines():
            self.relay.take(line)
        self.patiently(self.relay.flush)
        return code

    def left_behind(self) -> int:
        """The child was killed and does not end: it hangs in the kernel, in a driver or a disk. The job goes on without it; gives its code.

        It runs no more of its own instructions, and a device that it holds is of no use to the next job.
        """
        logger.error("The process of job %s was killed and does not end; it is left behind", self.claim.job_id)
        self.stuck = True
        self.code = DEVICE_LOST if QUEUE_OF[Kind(self.claim.kind)] == Queue.DEVICE else "hung"
        self.patiently(self.relay.flush)
        return -signal.SIGKILL

    def try_flush(self) -> None:
        """Records what waits; while the database is away it waits on, for as long as the lease holds."""
        try:
            self.relay.flush()
        except DATABASE_AWAY as error:
            logger.warning("Events of job %s wait for the database: %s", self.claim.job_id, error)
            connection.close()
            self.flush_at = now() + AGAIN_SECONDS

    def patiently(self, write: Callable[[], object]) -> None:
        """Does it, again and again while the database is away and the lease holds."""
        give_up_at = now() + 2 * float(settings.JOB_LEASE_SECONDS)
        while True:
            self.check()
            try:
                write()
                return
            except DATABASE_AWAY as error:
                if now() > give_up_at:
                    raise
                logger.warning("A write of job %s waits for the database: %s", self.claim.job_id, error)
                connection.close()
                time.sleep(AGAIN_SECONDS)

    def stop_if_asked(self, child: Child) -> None:
        """Passes a cancel, a pause or this worker's own stop on to the child; kills it when it takes too long."""
        asked = self.hold.asked
        if asked.finish and not self.finishing:
            self.finishing = True
            child.finish()
        if self.kill_at is None and (asked.stop or stopping.is_stopping()):
            why = "Cancelling" if asked.cancel else "Pausing" if asked.pause else "The worker is being stopped"
            self.relay.waiting.append(log_event(f"{why}: a checkpoint is kept where there is one."))
            # a stop leaves its supervisor's patience some seconds for the rest
            self.kill_at = now() + settings.JOB_CANCEL_GRACE_SECONDS * (1.0 if asked.stop else 0.75)
            child.interrupt()
        elif self.kill_at is not None and now() > self.kill_at and self.killed_at is None:
            self.kill(child)

    def stop_if_hung(self, child: Child) -> None:
        """Kills a child that has told nothing for too long: a step, a device or a disk hangs."""
        if now() - self.heard_at > settings.JOB_SILENT_SECONDS and self.kill_at is None and self.killed_at is None:
            logger.warning("Job %s told nothing for %.0f s; its process is ended", self.claim.job_id, settings.JOB_SILENT_SECONDS)
            self.hung = True
            self.kill(child)

    def kill(self, child: Child) -> None:
        """Ends it at once, and notes when."""
        self.killed_at = now()
        child.kill()

    def conclude(self, code: int | None) -> None:
        """The child's end as the job's; None: it was never started."""
        last = self.relay.last if self.relay.last.get("event") == self.work.last_event else None
        if code == EXIT_OK and last is not None:
            self.patiently(lambda: self.work.before_end(last))
            self.patiently(lambda: actions.finish(self.claim, also=lambda: self.work.end(last)))
        elif self.hold.asked.cancel:
            self.patiently(lambda: actions.cancelled(self.claim))
        elif self.was_sent_away(code) or (stopping.is_stopping() and code != EXIT_BAD_INPUT):
            self.patiently(lambda: actions.release(self.claim))
        else:
            message, reason, retry = self.why(code or 0)
            self.code = reason
            self.patiently(lambda: fail(self.claim, self.work, message, reason, retry))

    def was_sent_away(self, code: int | None) -> bool:
        """Whether the child left because we asked it to, not for a fault of its own; whoever asked may have thought better of it since."""
        return code is None or (self.kill_at is not None and (code == EXIT_INTERRUPTED or self.killed_at is not None))

    def why(self, code: int) -> tuple[str, str, bool]:
        """As `why_it_failed`, with what this worker did itself and what the kernel says."""
        if self.stuck:
            return f"The {self.work.noun} process hung and could not be ended: the device or the disk does not answer.", self.code, True
        if self.hung:
            return hung(self.work.noun)
        if -code == signal.SIGKILL and kernel_kills() > self.kernel_kills:
            return f"The {self.work.noun} process was killed by the system: the machine ran out of memory.", "out_of_memory", True
        return why_it_failed(code, self.relay.error, self.work, self.child.last_words() if self.child else "")


def why_it_failed(code: int, error: Mapping[str, object], work: Work, words: str = "") -> tuple[str, str, bool]:
    """(a sentence for the user, a code, whether trying again may help) of a child that did not reach its end.

    `words` is the last line of its error stream.
    """
    if code < 0:
        return killed_by(-code, work.noun), "killed", True
    if error:
        return (
            work.told(str(error.get("message")).replace(AGAIN, ".")),
            str(error.get("code", "failure")),
            bool(error.get("retry")) and code != EXIT_BAD_INPUT,
        )
    if code == EXIT_OK:
        return f"The {work.noun} process ended without its result.", "no_result", True
    reason = f": {work.told(words).rstrip('.')}." if words else " and did not say why; its log may."
    return f"The {work.noun} process ended with exit code {code}{reason}", "failure", code != EXIT_BAD_INPUT


def hung(noun: str) -> tuple[str, str, bool]:
    """As `why_it_failed`, of a child that was ended because it told nothing."""
    silent = duration(settings.JOB_SILENT_SECONDS)
    return f"The {noun} process told nothing for {silent} and was ended: a step, a device or the disk hung.", "hung", True


def killed_by(number: int, noun: str) -> str:
    """What a signal that ended a child means."""
    if number == signal.SIGKILL:
        return f"The {noun} process was killed by the system (signal 9), probably out of memory."
    names = {int(each): each.name for each in signal.Signals}
    return f"The {noun} process crashed (signal {number}, {names.get(number, 'unknown')})."
