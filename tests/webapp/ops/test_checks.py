from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from tests.plugins.stack import Stack


def ids():
    return {message.id for message in run_checks(include_deployment_checks=True) if message.id.startswith("synset.")}


def test_the_defaults_are_well():
    assert not ids()


@pytest.mark.parametrize(
    ("changed", "id"),
    [
        ({"SYNSET_HOME": "/nowhere/at/all"}, "synset.E001"),
        ({"DEBUG": True, "HOST": "0.0.0.0", "ALLOWED_HOSTS": ["a.example"]}, "synset.E002"),
        ({"PORT": 65_536}, "synset.E003"),
        ({"PORT": 0}, "synset.E003"),
        ({"REDIS_URL": "localhost:6379"}, "synset.E004"),
        ({"STORAGE_URL": "s3://images"}, "synset.E005"),
        ({"HOST": "0.0.0.0", "ALLOWED_HOSTS": ["localhost"]}, "synset.W001"),
        ({"REDIS_EMBEDDED": False}, "synset.W002"),
        ({"ALLOWED_HOSTS": ["*"]}, "synset.W003"),
    ],
)
def test_a_bad_setting_is_named(settings, monkeypatch, changed, id):
    if id == "synset.W002":
        monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    for name, value in changed.items():
        setattr(settings, name, value)
    assert ids() == {id}


def test_a_deployment_behind_tls_has_nothing_to_complain_of(tmp_path):
    said = Stack(tmp_path).manage("check", "--deploy", "--fail-level", "WARNING", HTTPS="on", ALLOWED_HOSTS="synset.example")
    assert said == "System check identified no issues (0 silenced)."


def test_no_migration_is_missing(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
