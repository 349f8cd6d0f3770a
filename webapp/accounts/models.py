"""Users, teams and roles; tokens, tickets and one-time links; browsers that are signed in; who did what."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
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


class OneTimeLink(Owned):
    """An address that works once and for a while. Only the hash of its secret is kept.

    open → used (whoever's update changes the row has used it) | revoked | past `expires_at`; none of them leads back.
    """

    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Invitation(OneTimeLink):
    """Lets one person join a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=6, choices=Role)
    email = models.EmailField(blank=True)  # where it was sent, if anywhere

    def __str__(self) -> str:
        return f"invitation as {self.role}"


class ResetLink(OneTimeLink):
    """Lets one person set a new password without the old one. Made by an owner, or by nobody: asked for by mail or on the server."""

    user = models.ForeignKey(User, models.CASCADE, related_name="reset_links")

    def __str__(self) -> str:
        return f"reset link of {self.user}"


class Session(AbstractBaseSession):
    """One browser's session, a row its user can find. Addresses name it by `handle`: its key would open it."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    handle = models.CharField(max_length=20, blank=True)  # not unique: while a key is changed both rows carry it
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=255, blank=True)
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"session of {self.user}"


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
