"""webapp.settings, read only after the test run has its own data folder, Redis and database."""

from __future__ import annotations

import os
import sys

from tests.plugins import services

services.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"  # what child processes read, in this run's environment

import webapp.settings  # noqa: E402

sys.modules[__name__] = webapp.settings
