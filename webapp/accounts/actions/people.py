"""Accounts of people: make one, and its password and mail address."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actions.tokens import end_tokens
from webapp.accounts.agents import browser_words
from webapp.accounts.models import Membership, ResetLink, Role, Session, Team, User
from webapp.core.ids import is_id


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
    user = create_person(name, password)
    its_team, _ = Team.objects.get_or_create(name=clean_name("team", team, Team))
    Membership.objects.create(user=user, team=its_team, role=role)
    audit.write(its_team, None, "command", "member.create", user, role=role)
    return user


def create_person(name: str, password: str, email: str = "") -> User:
    """A new account in no team yet; call it where the same transaction puts it in one."""
    if not any(letter.isalnum() for letter in name):  # ".." in an address would lead elsewhere
        raise ConfigError({"name": "Expected a name with a letter or a digit in it."})
    user = User(username=clean_name("name", name, User), email=clean_email(email))
    user.set_password(clean_password(password, user))
    taken = ConfigError({"name": f"There is already somebody called {user.username}; choose another name."})
    if User.objects.filter(username=user.username).exists():
        raise taken
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # the other was quicker
        raise taken from None
    return user


def clean_email(email: str) -> str:
    """The mail address, or nothing; ConfigError for what is neither."""
    email = email.strip()
    try:
        validate_email(email or "a@example.org")
    except ValidationError:
        raise ConfigError({"email": "Expected an address such as ann@example.org, or nothing."}) from None
    return email


@transaction.atomic
def set_password(user: User, password: str, keep: str | None = None) -> None:
    """A new password; ConfigError when it is too weak. All sessions of the user end but the one of key `keep`, and all reset links."""
    user.set_password(clean_password(password, user))
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).exclude(session_key=keep or "").delete()
    ResetLink.objects.filter(user=user, used_at=None, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def change_password(user: User, password: str, keep: str | None, *, with_tokens: bool = False) -> int:
    """One's own new password, as `set_password`; ends one's tokens too where that is asked for. How many of them."""
    set_password(user, password, keep)
    tokens = end_tokens(user) if with_tokens else 0
    audit.record_for(user, "session", "password.change", user, tokens=tokens)
    return tokens


@transaction.atomic
def set_email(user: User, email: str) -> None:
    """Where lost passwords are mended by mail; nothing takes it away. Raises ConfigError for what is no address."""
    before, user.email = user.email, clean_email(email)
    user.save(update_fields=["email"])
    if user.email != before:
        audit.record_for(user, "session", "password.mail", user, removed=not user.email)


@transaction.atomic
def end_session(user: User, handle: str) -> bool:
    """Signs that browser of the user out, its sockets within a minute; False when there is none."""
    row = Session.objects.filter(user=user, handle=handle).first() if is_id(handle) else None
    if row is None or not Session.objects.filter(pk=row.pk).delete()[0]:
        return False
    audit.record_for(user, "session", "session.revoke", user, browser=browser_words(row.agent))
    return True


@transaction.atomic
def end_other_sessions(user: User, keep: str) -> int:
    """Signs every browser of the user out but the one whose session has that key; how many."""
    ended = Session.objects.filter(user=user).exclude(session_key=keep).delete()[0]
    if ended:
        audit.record_for(user, "session", "session.revoke_others", user, browsers=ended)
    return ended
