"""webapp.settings, read only after the test run has its own data folder, Redis and database."""

from __future__ import annotations

import os
import sys

from tests.plugins import services

services.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"  # what child processes read, in this run's environment

import webapp.settings  # noqa: E402

sys.modules[__name__] = webapp.settings

webapp.settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected
webapp.settings.STATIC_ROOT.mkdir(exist_ok=True)
webapp.settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow ones are slow by design
