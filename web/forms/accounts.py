"""Signing up, logging in, and making tokens."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest

from accounts.models import ApiToken
from web.forms.base import VerbForm


class SignUpForm(VerbForm):
    """Handle, e-mail, password."""

    fields_of_codes = {"handle_taken": "handle", "sign_up_invalid": "password"}

    handle = forms.CharField(
        max_length=39,
        help_text=(
            "How others see you: 1 to 39 lower-case letters, digits and inner hyphens."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="Never shown to others.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        strip=False,
        help_text="At least 8 characters, not a common password.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LogInForm(AuthenticationForm):
    """Handle in any case, and password."""

    error_messages = {
        "invalid_login": (
            "This handle and password do not fit together. Check both; "
            "the password's case matters."
        ),
        "inactive": "This account is closed.",
    }

    def __init__(self, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(request, label_suffix="", **kwargs)
        self.fields["username"].label = "Handle"
        self.fields["username"].widget.attrs["autofocus"] = False

    def clean_username(self) -> str:
        """Handles are lower-case, however they are typed."""
        return str(self.cleaned_data["username"]).lower()


EXPIRIES = (("30", "30 days"), ("90", "90 days"), ("365", "one year"), ("", "never"))


class TokenForm(VerbForm):
    """A new token's name, reach and life."""

    name = forms.CharField(
        max_length=80, help_text="Where it will be used, such as laptop or ci."
    )
    days = forms.ChoiceField(
        label="Expires after", choices=EXPIRIES, initial="90", required=False
    )

    def __init__(self, *args: Any, staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = ApiToken.Scope.choices if staff else [ApiToken.Scope.choices[0]]
        self.fields["scope"] = forms.ChoiceField(
            choices=scopes,
            initial=ApiToken.Scope.PERSON,
            label="What it may do",
        )
