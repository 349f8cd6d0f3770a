"""Frames that nobody honest sends, to the real server: it hangs up, and its memory stays as it was."""

from __future__ import annotations

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.plugins.stack import PERSON, Stack, processes_of

FRAMES = {
    # 1006: it hung up with some of the frame unread, and the system's reset went past the reason that it gave
    "50 MB": ("x" * 50_000_000, {1009, 1006}),
    "70 KB": ("x" * 70_000, {1009, 1006}),
    "bad JSON": ("{", {4400}),
    "NUL": ("\0", {4400}),
    "an unknown type": ('{"type": "shout"}', {4400}),
    "a list": ("[]", {4400}),
    "bytes": (b"\xff\xfe", {1003}),
}
SUBMIT = (
    "from webapp.accounts.models import Team; from webapp.jobs import actions; "
    "print(actions.submit(team=Team.objects.get(name='Stack'), user=None, kind='import', title='nothing').id)"
)


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    return stack.manage("create_token", PERSON, "--scope", "write").split()[-1]


@pytest.fixture(scope="module")
def job(stack: Stack) -> str:
    """A job of the team that has ended: its dataset is nowhere."""
    return stack.manage("shell", "-v", "0", "-c", SUBMIT).split()[-1]


def web_bytes(stack: Stack) -> int:
    """What the web process holds in memory."""
    web = [pid for pid, command in processes_of(stack.home).items() if "uvicorn" in command]
    return max(psutil.Process(pid).memory_info().rss for pid in web)


@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_that_nobody_honest_sends_ends_its_socket_alone(case, stack, token, job):
    frame, codes = FRAMES[case]
    ticket = stack.api(token, "POST", "/tickets", {})["ticket"]
    before = web_bytes(stack)
    with connect(f"ws://127.0.0.1:{stack.port}/ws/jobs/{job}/?ticket={ticket}") as socket, pytest.raises(ConnectionClosed) as closed:
        for _ in range(5):
            socket.send(frame)
            socket.recv(timeout=20)
    said = closed.value.rcvd.code if closed.value.rcvd else 1006
    assert said in codes
    assert web_bytes(stack) < before + 40_000_000
    assert stack.api(token, "GET", "/jobs")
