"""The parts of the demo; the whole of it is run by `make demo`."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import pytest
from PIL import Image

from webapp.accounts.actions import token_user
from webapp.accounts.models import Token
from webapp.datasets import sample
from webapp.ops.demo import terminal, walk
from webapp.ops.demo.client import Browser, Refused, streamed


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "digits.zip"
    sample.write_zip(path)
    return path


def test_the_sample_holds_five_hundred_images_of_each_digit(archive):
    counts = Counter(name.split("/")[1] for name in zipfile.ZipFile(archive).namelist())
    assert counts == {str(digit): 500 for digit in range(10)}


def test_a_digit_is_light_on_dark(archive):
    with zipfile.ZipFile(archive) as files:
        image = Image.open(io.BytesIO(files.read("digits/0/00001.png")))
    assert (image.size, image.mode) == ((28, 28), "L")
    assert image.getpixel((0, 0)) == 0
    assert image.getextrema()[1] > 200


def test_the_account_gets_a_new_password_at_each_start(db):
    first = walk.demo_account()
    second = walk.demo_account()
    assert first.user == second.user
    assert second.user.check_password(second.password)
    assert not second.user.check_password(first.password)


def test_the_token_of_an_earlier_start_ends(db):
    user = walk.demo_account().user
    first = walk.demo_token(user)
    assert token_user(walk.demo_token(user))
    assert token_user(first) is None
    assert Token.objects.filter(revoked_at=None).count() == 1


def test_an_upload_is_streamed_in_pieces(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"x" * 3_000_000)
    pieces = list(streamed(b"head", tmp_path / "a.zip", b"tail"))
    assert max(map(len, pieces)) <= 1 << 20
    assert b"".join(pieces) == b"head" + b"x" * 3_000_000 + b"tail"


def test_the_demo_signs_in_as_a_browser_does(live_server, transactional_db):
    account = walk.demo_account()
    browser = Browser(live_server.url)
    browser.sign_in(walk.USER, account.password)
    assert "owner of Demo" in browser.send("/account/")


def test_lines_are_few_where_there_is_no_terminal(capsys):
    show = terminal.plain_lines("training")
    for step in range(100):
        show(step / 100, 9.6, "epoch 1 of 10")
    assert capsys.readouterr().err == "training   0%  10 s left  epoch 1 of 10\n"


def test_an_epoch_is_told_with_its_accuracy():
    event = {"kind": "epoch", "data": {"epoch": 3, "epochs": 10, "val_top1": 0.9512}}
    assert terminal.words_of(event) == "epoch 3 of 10, validation 95.1%"


def test_a_stage_is_told_and_a_step_is_not():
    stage = {"kind": "progress", "data": {"progress": 0.0, "eta_seconds": None, "stage": "Decoding images"}}
    step = {"kind": "progress", "data": {**stage["data"], "stage": "decoding: 16 of 5,000 files", "done": 16, "total": 5000}}
    assert (terminal.words_of(stage), terminal.words_of(step)) == ("Decoding images", None)


class Answers:
    """What the API would say of a job, page after page."""

    def __init__(self, *pages):
        self.pages = list(pages)

    def call(self, method, path, body=None):
        return self.pages.pop(0)


def event(seq, kind, **data):
    return {"seq": seq, "kind": kind, "data": data}


def test_a_job_is_followed_to_its_end(capsys):
    first = [event(1, "state", state="running"), event(2, "progress", progress=0.5, eta_seconds=7.0, stage="Decoding images")]
    pages = ({"events": first, "next": 2}, {"events": [event(3, "state", state="succeeded")], "next": None})
    terminal.follow(Answers(*pages), "a-job", "import")
    assert capsys.readouterr().err.splitlines() == ["import  50%  7 s left  Decoding images", "import 100%  0 s left  Decoding images"]


def test_a_job_that_fails_says_why():
    pages = ({"events": [event(1, "state", state="failed")], "next": None}, {"error": "The disk is full."})
    with pytest.raises(Refused, match="The disk is full"):
        terminal.follow(Answers(*pages), "a-job", "import")
