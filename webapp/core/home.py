"""The data folder: where it is, what lies where in it, and the secrets made once in it."""

from __future__ import annotations

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
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


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
