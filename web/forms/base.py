"""What all forms share: a refusal of the verb becomes an error beside its field."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from assay.protocol.errors import Refusal
from assay.protocol.money import Asset, parse_amount
from web.refusals import status_of


class VerbForm(forms.Form):
    """A form that ends in one verb.

    ``fields_of_codes`` names the field beside which a refusal with this code is
    shown; a refusal whose ``where`` is a field's name finds it by itself.
    """

    required_css_class = "required"
    fields_of_codes: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None

    @classmethod
    def of(cls, request: HttpRequest, **kwargs: Any) -> Self:
        """The form as sent with a POST, else empty."""
        if request.method != "POST":
            return cls(**kwargs)
        return cls(request.POST, request.FILES, **kwargs)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if self.refusal is not None:
            return status_of(self.refusal)
        return 422 if self.errors else 200

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Show a refusal raised inside as an error of this form."""
        try:
            yield
        except Refusal as refusal:
            self.refusal = refusal
            self.add_error(self.field_of(refusal), messages_of(refusal))

    def field_of(self, refusal: Refusal) -> str | None:
        """The field beside which the refusal belongs, if any."""
        named = self.fields_of_codes.get(refusal.code, refusal.where)
        return named if named in self.fields else None


def messages_of(refusal: Refusal) -> ValidationError:
    """The refusal as one message for people, with its code."""
    return ValidationError(str(refusal), code=refusal.code)


class KeyedForm(VerbForm):
    """A form whose verb moves money: sent twice, it moves it once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4().hex


class AmountField(forms.CharField):
    """An exact decimal of an asset; its clean value is in base units."""

    def __init__(self, *, asset: Asset, **kwargs: Any) -> None:
        self.asset = asset
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("strip", False)  # the parser says which spaces may go
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {"inputmode": "decimal", "autocomplete": "off", "class": "amount"}
        )

    def clean(self, value: Any) -> int:
        """Base units; 0 where nothing is typed and nothing is required.

        Raises:
            ValidationError: it is not an amount of the asset.
        """
        text = super().clean(value)
        if not text and not self.required:
            return 0
        try:
            return parse_amount(text, self.asset)
        except Refusal as refusal:
            raise messages_of(refusal) from refusal
