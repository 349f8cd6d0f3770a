"""Forms of signing in, the first account, passwords and tokens."""

from __future__ import annotations

from typing import Any

from django import forms

from classifier.spec.errors import ConfigError
from webapp.accounts.models import Scope

DAYS = [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end")]


def password_field(label: str, autocomplete: str, hint: str = "") -> forms.CharField:
    """A password as typed: spaces count."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=4096, widget=widget, help_text=hint)


def name_field(label: str, hint: str = "", **attributes: Any) -> forms.CharField:
    """A user's name."""
    attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", **attributes}
    return forms.CharField(label=label, max_length=150, widget=forms.TextInput(attrs=attributes), help_text=hint)


class PlainForm(forms.Form):
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
    password = password_field("Password", "new-password", "At least 10 characters, none of the common ones.")


class PasswordForm(SentenceForm):
    """A new password for oneself."""

    current = password_field("Current password", "current-password")
    password = password_field("New password", "new-password", "At least 10 characters. Other browsers are signed out.")


class TokenForm(SentenceForm):
    """A new token of one's own."""

    name = forms.CharField(label="What it is for", max_length=80, help_text="Shown in the list of tokens.")
    scope = forms.ChoiceField(
        label="May", choices=[(Scope.READ, "read"), (Scope.WRITE, "read and write")], help_text="Never more than your role."
    )
    days = forms.TypedChoiceField(
        label="Ends after", choices=DAYS, coerce=int, empty_value=None, required=False, initial="90", help_text="It can be revoked sooner."
    )
