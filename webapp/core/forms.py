"""What every form shares."""

from __future__ import annotations

from typing import Any

from django import forms

from webapp.core.texts import trouble


class ReadableForm(forms.Form):
    """Names each field whose text could not be read, in place of keeping what is left of it."""

    def clean(self) -> dict[str, Any]:
        """The fields that can be read."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and (words := trouble(value)):
                self.add_error(name, f"It {words}.")
        return cleaned
