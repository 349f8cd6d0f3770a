"""Buckets that a team imports from."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned


class Connection(Owned):
    """How a team opens a bucket. What opens it is locked (webapp.core.locks) and shown to nobody again."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="connections")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)  # "s3", or one of fsspec's names that the administrator lets
    bucket = models.CharField(max_length=1000)
    prefix = models.CharField(max_length=1000, blank=True)  # imports see what is below it alone
    endpoint = models.CharField(max_length=4000, blank=True)
    region = models.CharField(max_length=40, blank=True)
    key_hint = models.CharField(max_length=20, blank=True)  # ends of the access key, to know it again; empty: without a key
    locked = models.TextField()  # {"key", "secret", "options"} as locked JSON
    tried_at = models.DateTimeField(null=True)  # when it was tested, and what came of it
    opened = models.BooleanField(default=False)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_connection_a_name")]

    def __str__(self) -> str:
        return self.name
