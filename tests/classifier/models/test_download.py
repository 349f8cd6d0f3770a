"""Published weights from a server that answers, breaks off, falls silent, or sends something else."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from classifier.models import download
from classifier.models import weights as w
from classifier.spec.errors import ConfigError, Interrupted

DATA = bytes(range(256)) * 4096
HASH = hashlib.sha256(DATA).hexdigest()[:8]
OVER = threading.Event()  # what a silent server waits for


class Server(BaseHTTPRequestHandler):
    """/whole, /cut (half of the bytes), /silent (half of them, then nothing)."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA if self.path == "/whole" else DATA[: len(DATA) // 2])
        self.wfile.flush()
        if self.path == "/silent":
            OVER.wait(60)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def base():
    OVER.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    OVER.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "WAIT_SECONDS", 0.3)
    return tmp_path / "net.pth"


def test_a_file_is_there_whole(base, target):
    download.fetch(f"{base}/whole", target, HASH)
    assert target.read_bytes() == DATA and list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("path", "sha256", "words"),
    [
        ("cut", HASH, "broke off after 524,288 of 1,048,576 bytes"),
        ("silent", HASH, "timed out"),
        ("whole", "0badc0de", f"sha256 begins with {HASH}, not with 0badc0de"),
    ],
)
def test_what_is_not_the_whole_file_is_refused_and_leaves_nothing(base, target, path, sha256, words):
    with pytest.raises(OSError, match=words):
        download.fetch(f"{base}/{path}", target, sha256)
    assert list(target.parent.iterdir()) == []


def test_a_stop_is_heeded_and_leaves_nothing(base, target):
    with pytest.raises(Interrupted, match="while weights were downloaded"):
        download.fetch(f"{base}/whole", target, HASH, should_stop=lambda: True)
    assert list(target.parent.iterdir()) == []


def test_it_says_how_far_it_is(base, target, monkeypatch):
    monkeypatch.setattr(download, "TELL_SECONDS", 0.0)
    told = []
    download.fetch(f"{base}/whole", target, HASH, told.append)
    assert told[-1] == {"event": "stage", "stage": "downloading", "message": "Downloading net.pth: 1 of 1 MB so far"}


def test_a_training_hears_at_its_field_why_its_weights_did_not_come(base, target, monkeypatch):
    monkeypatch.setattr(w.torch.hub, "get_dir", lambda: str(target.parent))
    monkeypatch.setattr(w.models, "get_model_weights", lambda name: SimpleNamespace(DEFAULT=SimpleNamespace(url=f"{base}/silent")))
    wanted = r"resnet18-f37072fd\.pth is not here and could not be downloaded \(timed out\)\. Put it into a folder"
    with pytest.raises(ConfigError, match=wanted):
        w.published_file("resnet18", lambda event: None)
