"""What changes accounts: people, teams, tokens, tickets, and the first owner."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Actor, actor_in
from webapp.accounts.models import Membership, Role, Scope, Team, Ticket, Token, User

TICKET_SECONDS = 60
USE_NOTED_SECONDS = 60  # a token's last use is written at most this often


def digest(secret: str) -> str:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def clean_password(password: str, user: User) -> str:
    """The password, when it is good enough; ConfigError with the reasons else."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ConfigError({"password": " ".join(error.messages)}) from None
    return password


def clean_name(field: str, name: str, model: type[User | Team]) -> str:
    """The name as the model's own field takes it; ConfigError with its reasons else."""
    column = "username" if model is User else "name"
    try:
        return str(model._meta.get_field(column).clean(name.strip(), None))  # type: ignore[union-attr]
    except ValidationError as error:
        raise ConfigError({field: " ".join(error.messages)}) from None


@transaction.atomic
def create_user(name: str, team: str, role: str, password: str) -> User:
    """A new person in a team, which is made when it is new. Raises ConfigError with each wrong field's reason."""
    if role not in Role.values:
        raise ConfigError({"role": f"Expected one of {', '.join(Role.values)}; {role!r} came."})
    user = User(username=clean_name("name", name, User))
    if User.objects.filter(username=user.username).exists():
        raise ConfigError({"name": f"There is already somebody called {user.username}; choose another name."})
    user.set_password(clean_password(password, user))
    user.save()
    its_team, _ = Team.objects.get_or_create(name=clean_name("team", team, Team))
    Membership.objects.create(user=user, team=its_team, role=role)
    return user


def set_password(user: User, password: str) -> None:
    """A new password; raises ConfigError when it is too weak. Every other session of the user ends by it."""
    user.set_password(clean_password(password, user))
    user.save(update_fields=["password"])


def create_token(user: User, scope: str, days: int | None, team: Team | None = None, name: str = "") -> str:
    """The plain text of a new token, which nobody can read again. `days` None: it does not expire."""
    if scope not in Scope.values:
        raise ConfigError({"scope": f"Expected one of {', '.join(Scope.values)}; {scope!r} came."})
    if days is not None and not 1 <= days <= 3650:
        raise ConfigError({"days": f"Expected 1 to 3650 days; {days} came."})
    membership = Membership.objects.filter(user=user, **({"team": team} if team else {})).order_by("id").first()
    if membership is None:
        raise ConfigError({"user": f"{user.username} is in no team{f' called {team}' if team else ''}; a token belongs to one."})
    plain = f"synset_{secrets.token_urlsafe(32)}"  # known by its start, and never taken for an option
    expires = None if days is None else timezone.now() + timedelta(days=days)
    Token.objects.create(user=user, team=membership.team, name=name[:80], scope=scope, digest=digest(plain), expires_at=expires)
    return plain


def revoke_token(token: Token) -> None:
    """Ends a token; again is no error."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def living_tokens() -> QuerySet[Token]:
    """Tokens that are neither revoked nor expired, of people whose account is on."""
    return Token.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, user__is_active=True)


def token_user(plain: str) -> Token | None:
    """The living token of that text, with user and team, and its use noted; None when there is none."""
    now = timezone.now()
    token = living_tokens().filter(digest=digest(plain)).select_related("user", "team").first()
    if token and (token.last_used_at is None or now - token.last_used_at > timedelta(seconds=USE_NOTED_SECONDS)):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def token_actor(plain: str) -> Actor | None:
    """Who acts with that token: never with more than its owner's role today."""
    token = token_user(plain)
    return actor_in(token.user, token.team_id, scope=Scope(token.scope), via="token", token_id=token.pk) if token else None


def issue_ticket(actor: Actor) -> str:
    """The plain text that opens one socket within a minute; old ones are swept by the way."""
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    plain = secrets.token_urlsafe(32)
    expires = now + timedelta(seconds=TICKET_SECONDS)
    Ticket.objects.create(digest=digest(plain), user=actor.user, team=actor.team, token_id=actor.token_id, expires_at=expires)
    return plain


def use_ticket(plain: str) -> Actor | None:
    """Who it was issued to, once: of several at the same moment the one whose delete counts wins."""
    ticket = Ticket.objects.select_related("user").filter(digest=digest(plain), expires_at__gt=timezone.now()).first()
    if ticket is None or not Ticket.objects.filter(pk=ticket.pk).delete()[0]:
        return None
    return ticket_actor(ticket.user, ticket.team_id, ticket.token_id)


def ticket_actor(user: User, team_id: str, token_id: str | None) -> Actor | None:
    """Who a ticket lets in, and for how long: while its user is in the team and the token it was asked for with lives."""
    if token_id is not None and not living_tokens().filter(pk=token_id).exists():
        return None
    return actor_in(user, team_id, scope=Scope.READ, via="ticket", token_id=token_id)


def setup_file() -> Path:
    """Where the hash of the one-time code lies; whoever removes the file has used the code."""
    return settings.SYNSET_HOME / "secrets" / "setup.sha256"


def setup_code() -> str | None:
    """A new one-time code that makes the first owner, or None once there is an account. An older code ends by it."""
    if User.objects.exists():
        setup_file().unlink(missing_ok=True)
        return None
    plain = secrets.token_urlsafe(16)
    setup_file().parent.mkdir(mode=0o700, exist_ok=True)
    setup_file().write_text(digest(plain))
    return plain


def setup_open(code: str) -> bool:
    """Whether that code would make the owner now."""
    path = setup_file()
    return path.exists() and hmac.compare_digest(path.read_text(), digest(code)) and not User.objects.exists()


@transaction.atomic
def create_owner(code: str, name: str, password: str, team: str) -> User:
    """The first account, by the code that the terminal printed. Raises ConfigError; the code is used up only by success."""
    if not setup_open(code):
        raise ConfigError({"code": "This address has been used or replaced. Look at the terminal for the newest, or sign in."})
    user = create_user(name, team, Role.OWNER, password)
    try:
        setup_file().unlink()
    except FileNotFoundError:
        raise ConfigError({"code": "Somebody else used this address a moment ago. Sign in, or ask them to add you."}) from None
    return user
