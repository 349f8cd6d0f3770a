"""Users, teams and roles; tokens for programs and tickets for sockets; who did what."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now

from webapp.core.models import Owned


class Role(models.TextChoices):
    """What a member may do; the table of permissions is in `permissions.py`."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Scope(models.TextChoices):
    """What a token may do at most; its owner's role still bounds it."""

    READ = "read"
    WRITE = "write"


class User(AbstractUser):
    """A person who signs in."""


class Team(Owned):
    """People who share datasets and experiments; everything belongs to one."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one team."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_role_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.role}"


class Token(Owned):
    """A key for programs, shown once and kept as a sha256 hash (it has 256 random bits, so it needs no salt)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80, blank=True)
    scope = models.CharField(max_length=5, choices=Scope)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.scope} token of {self.user}"


class Ticket(models.Model):
    """Opens one socket, once, within a minute; for programs that cannot send a cookie."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    team = models.ForeignKey(Team, models.CASCADE)
    token = models.ForeignKey(Token, models.CASCADE, null=True)  # the one it was asked for with; its socket ends with it
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ticket of {self.user}"


class AuditEntry(models.Model):
    """Who did what to which thing. Names are kept as they were, so that an entry outlives person and thing."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="audit")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=150)  # the person's, then
    via = models.CharField(max_length=7)  # session, token or command
    verb = models.CharField(max_length=40)  # "dataset.delete", "member.role", …
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=200, blank=True)  # its name, then
    detail = models.JSONField(default=dict)  # small values, for people: {"role": "editor"}
    time = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="audit_team_newest")]

    def __str__(self) -> str:
        return f"{self.name}: {self.verb} {self.subject}"
