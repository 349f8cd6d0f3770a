"""The data folder: where it is, what lies where in it, and the secrets made once in it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET_PATH_BYTES = 100  # the kernel takes 108, with the closing NUL; Redis adds a suffix while it binds


def data_folder() -> Path:
    """SYNSET_HOME as an absolute path, made when it is missing (mode 0700: it holds secrets and users' images)."""
    home = Path(os.environ.get("SYNSET_HOME") or CHECKOUT / "var").expanduser().absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def secret(home: Path, name: str) -> str:
    """A random secret of the data folder, made once, readable by its owner alone."""
    path = home / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return kept(path) or made(path)


def kept(path: Path) -> str:
    """The secret in a file; nothing where the file is missing or empty."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def made(path: Path) -> str:
    """A new secret, on disk in full before it has its name; of several callers at once one makes it, the others read it."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if value := kept(path):
            return value
        value, new = secrets.token_urlsafe(48), path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        os.fsync(folder)
        return value
    finally:
        os.close(folder)


def redis_socket(home: Path) -> Path:
    """Where the embedded Redis listens: in the data folder, or in a private temporary one where that path is too long."""
    path = home / "run" / "redis.sock"
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        path = Path(tempfile.gettempdir()) / f"synset-{os.getuid()}-{mark}" / "redis.sock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to somebody else; remove it or set SYNSET_HOME to a shorter path.")
    return path
