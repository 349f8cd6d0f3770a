"""The Redis that comes along."""

from __future__ import annotations

import resource
import signal
import subprocess
from pathlib import Path

import redis

from webapp.core.home import redis_socket
from webapp.ops import embedded_redis


def no_file_grows() -> None:
    """What a full disk does to a process: nothing that it writes to a file is taken."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_it_takes_messages_while_the_disk_takes_nothing(tmp_path: Path) -> None:
    socket = redis_socket(tmp_path)
    command = embedded_redis.command(tmp_path, socket, "secret")
    url = f"unix://:secret@{socket}?db=1"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=no_file_grows) as server:
        try:
            assert embedded_redis.wait_until_ready(url)
            with redis.Redis.from_url(url) as client:
                assert client.lpush("queue", "a poke") == 1
        finally:
            server.terminate()
