"""Forms of signing in, joining, passwords, teams and tokens."""

from __future__ import annotations

from typing import Any

from django import forms

from classifier.spec.errors import ConfigError
from webapp.accounts.models import Membership, Role, Scope, User
from webapp.core.forms import ReadableForm

DAYS = [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end")]
INVITATION_DAYS = [("1", "a day"), ("7", "7 days"), ("30", "30 days")]
ROLES = [
    (Role.VIEWER, "viewer: looks and classifies"),
    (Role.EDITOR, "editor: uploads and trains too"),
    (Role.OWNER, "owner: deletes and manages the team too"),
]
GOOD_PASSWORD = "At least 10 characters, none of the common ones."


def password_field(label: str, autocomplete: str, hint: str = "", **attributes: Any) -> forms.CharField:
    """A password as typed: spaces count."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, **attributes})
    return forms.CharField(label=label, strip=False, max_length=4096, widget=widget, help_text=hint)


def name_field(label: str, hint: str = "", **attributes: Any) -> forms.CharField:
    """A user's name."""
    attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", **attributes}
    return forms.CharField(label=label, max_length=150, widget=forms.TextInput(attrs=attributes), help_text=hint)


def email_field(label: str, hint: str, **attributes: Any) -> forms.EmailField:
    """A mail address that one may leave out."""
    widget = forms.EmailInput(attrs={"autocomplete": "email", **attributes})
    return forms.EmailField(label=label, required=False, max_length=254, widget=widget, help_text=hint)


class PlainForm(ReadableForm):
    """Labels as the rest of the interface has them, without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class SentenceForm(PlainForm):
    """Shows an action's refusal at the fields that it names."""

    def refuse(self, error: ConfigError) -> None:
        """Each field's sentence beside it; those of no field of this form on top."""
        for name, sentence in error.fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class LoginForm(PlainForm):
    """Name and password."""

    name = name_field("Name", autofocus=True)
    password = password_field("Password", "current-password")


class OwnerForm(SentenceForm):
    """The first account and its team."""

    name = name_field("Your name", "Letters, digits and @ . + - _", autofocus=True)
    team = forms.CharField(label="Team", max_length=80, initial="Team", help_text="Datasets and experiments belong to it.")
    password = password_field("Password", "new-password", GOOD_PASSWORD)


class JoinForm(SentenceForm):
    """A new account, by an invitation."""

    name = name_field("Your name", "You sign in with it. Letters, digits and @ . + - _", autofocus=True)
    password = password_field("Password", "new-password", GOOD_PASSWORD)
    email = email_field("Mail address (optional)", "A lost password can be mended by it.")


class PasswordForm(SentenceForm):
    """A new password for oneself."""

    current = password_field("Current password", "current-password")
    password = password_field("New password", "new-password", "At least 10 characters. Other browsers are signed out.")


class EmailForm(SentenceForm):
    """One's mail address; whoever reads its mail can set the password, so the current one is asked for."""

    prefix = "mail"
    email = email_field("Mail address", "Leave it empty for none.")
    current = password_field("Current password", "current-password")


class LostForm(PlainForm):
    """Whose password is lost."""

    who = name_field("Name or mail address", autofocus=True)


class ResetForm(SentenceForm):
    """A new password, by a one-time link."""

    password = password_field("New password", "new-password", GOOD_PASSWORD, autofocus=True)


class TeamForm(SentenceForm):
    """A team's name."""

    team = forms.CharField(label="Name", max_length=80)


class InviteForm(SentenceForm):
    """Who may join, and until when."""

    role = forms.ChoiceField(label="Joins as", choices=ROLES, initial=Role.VIEWER, help_text="You can change it later.")
    days = forms.TypedChoiceField(label="Ends after", choices=INVITATION_DAYS, coerce=int, initial="7", help_text="It works once.")
    email = email_field("Mail address (optional)", "", autocomplete="off")

    def __init__(self, *args: Any, mail: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = "The link is sent there." if mail else "A note for you: no mail is set up, so nothing is sent."


class TokenForm(SentenceForm):
    """A new token of one's own; the team is asked for only of those in several."""

    name = forms.CharField(label="What it is for", max_length=80, help_text="Shown in the list of tokens.")
    team = forms.ChoiceField(label="Team", help_text="It reaches this team alone.")
    scope = forms.ChoiceField(
        label="May", choices=[(Scope.READ, "read"), (Scope.WRITE, "read and write")], help_text="Never more than your role."
    )
    days = forms.TypedChoiceField(
        label="Ends after", choices=DAYS, coerce=int, empty_value=None, required=False, initial="90", help_text="It can be revoked sooner."
    )

    def __init__(self, user: User, team_id: str | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list(Membership.objects.filter(user=user).select_related("team").order_by("team__name"))
        if len(places) < 2:
            del self.fields["team"]
        else:
            self.fields["team"].choices = [(place.team_id, place.team.name) for place in places]  # type: ignore[attr-defined]
            self.fields["team"].initial = team_id
