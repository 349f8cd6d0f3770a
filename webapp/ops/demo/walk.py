"""The demo's way through the house: account, upload, import, training, report."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse

from webapp.accounts.actions import create_token, create_user, revoke_token, set_password
from webapp.accounts.models import Role, Scope, Token, User
from webapp.datasets import sample
from webapp.datasets.models import Dataset
from webapp.ops.demo.client import Api, Browser
from webapp.ops.demo.terminal import follow

USER, TEAM, TOKEN = "demo", "Demo", "make demo"
CONFIG: dict[str, Any] = {"model": "small_cnn", "epochs": 8, "batch_size": 128, "image_size": 28}


class Account(NamedTuple):
    """The demo's person, with a password made for this start."""

    user: User
    password: str


class Outcome(NamedTuple):
    """What the closing lines tell."""

    accuracy: float
    report: str  # its address


def demo_account() -> Account:
    """The account `demo` with a new random password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(username=USER).first()
    if user is None:
        return Account(create_user(USER, TEAM, Role.OWNER, password), password)
    set_password(user, password)
    return Account(user, password)


def demo_token(user: User) -> str:
    """A token for a day; those of earlier starts end."""
    for token in Token.objects.filter(user=user, name=TOKEN, revoked_at=None):
        revoke_token(token)
    return create_token(user, Scope.WRITE, 1, name=TOKEN)


def upload_sample(base: str, account: Account) -> str:
    """The new dataset's id, after an upload through the page."""
    browser = Browser(base)
    browser.sign_in(USER, account.password)
    with tempfile.TemporaryDirectory(dir=settings.SYNSET_HOME / "tmp") as folder:
        archive = Path(folder) / "digits.zip"
        sample.write_zip(archive)
        return str(browser.upload(reverse("datasets:upload"), {"name": sample.NAME}, "archive", archive)["id"])


def walk(base: str, account: Account) -> Outcome:
    """From the sample to the report. Raises Refused with a sentence where the server or a job says no."""
    api = Api(base, demo_token(account.user))
    dataset = upload_sample(base, account)
    follow(api, Dataset.objects.values_list("job_id", flat=True).get(pk=dataset), "import")
    experiment = api.call("POST", "/experiments", {"dataset": dataset, "name": "Small network on digits", "config": CONFIG})
    follow(api, experiment["job"], "training")
    report = api.call("GET", f"/experiments/{experiment['id']}/report")
    return Outcome(report["test"]["top1"], report["links"]["page"])
