"""Asking for a price, accepting it, keeping a licence, and checking a certificate."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assay.protocol.canonical import Json
from assay.protocol.money import Asset
from assay.protocol.terms import NAMED_USES, Use
from web.forms.base import AmountField, KeyedForm, VerbForm
from web.templatetags.licensing import USE_WORDS

LONGEST_CERTIFICATE = 200_000


class QuoteForm(VerbForm):
    """What the licensee wants to do, and for whom."""

    fields_of_codes = {"seats_without_organisation": "name"}
    use = forms.ChoiceField(
        label="I want to",
        choices=[(use.value, USE_WORDS[use]) for use in NAMED_USES],
        initial=Use.COMMERCIAL.value,
    )
    seats = forms.IntegerField(
        label="Seats",
        min_value=1,
        max_value=100_000,
        initial=1,
        required=False,
        help_text="How many people will use it; a fee is owed for each.",
    )
    name = forms.CharField(label="Organisation", max_length=120, required=False)
    address = forms.CharField(
        label="Address",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    country = forms.CharField(
        label="Country, two letters", max_length=2, required=False
    )
    vat_id = forms.CharField(label="VAT id", max_length=15, required=False)
    email = forms.EmailField(label="E-mail for invoices", required=False)

    def organisation(self) -> dict[str, str]:
        """What was filled in of the organisation."""
        fields = ("name", "address", "country", "vat_id", "email")
        return {
            field: str(value).replace("\r\n", "\n")
            for field in fields
            if (value := self.cleaned_data.get(field))
        }


class AcceptForm(KeyedForm):
    """The button with the price; where somebody is drawn, words for the seed too.

    The key comes from this server, so it alone would leave the draw to the platform.
    """

    words = forms.CharField(
        label="Words of yours for the draw",
        max_length=40,
        required=False,
        help_text="Anything; they make the draw one that nobody could have steered.",
    )

    def request_key(self) -> str:
        """The key of the request, with the licensee's words."""
        key, words = self.cleaned_data["key"], self.cleaned_data["words"]
        return f"{key}:{words}" if words else key


class CancelForm(VerbForm):
    """Nothing but the button."""


class RefundForm(VerbForm):
    """Why a payment is taken back."""

    reason = forms.CharField(
        label="Why",
        min_length=3,
        max_length=250,
        help_text="It stands in the public status list, beside the number.",
    )


class RevenueForm(KeyedForm):
    """What a period earned."""

    fields_of_codes = {"revenue_period": "period"}

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"] = forms.IntegerField(label="Period", min_value=1)
        self.fields["revenue"] = AmountField(
            asset=asset,
            label=f"Revenue in {asset.symbol}",
            help_text="0 is a declaration too. A second one adds to the first.",
        )
        self.fields["note"] = forms.CharField(
            label="Note", max_length=500, required=False
        )


class CertificateForm(VerbForm):
    """A certificate, pasted or as its file."""

    file = forms.FileField(
        label="Certificate file",
        required=False,
        max_length=200,
        help_text="Choose it, or drop it here.",
    )
    certificate = forms.CharField(
        max_length=LONGEST_CERTIFICATE,
        label="Or the certificate as JSON",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "class": "mono", "spellcheck": "false"}
        ),
        help_text="The whole file: document, key_id and signature.",
    )

    def clean(self) -> dict[str, Any]:
        """The certificate of whichever was given, parsed."""
        given = super().clean() or {}
        file = given.get("file")
        if file is None and not given.get("certificate"):
            text = "Paste a certificate, or choose its file."
            raise ValidationError({"certificate": text})
        if file is not None and file.size > LONGEST_CERTIFICATE:
            raise ValidationError({"file": "This file is too large for a certificate."})
        text = file.read() if file is not None else given["certificate"]
        given["certificate"] = _parsed(text)
        return given


def _parsed(text: str | bytes) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        sentence = f"This is not JSON: {error}. Give the whole file."
        raise ValidationError(
            {"certificate": ValidationError(sentence, code="certificate_not_json")}
        ) from error
    if isinstance(found, dict) and "certificate" in found:
        inner: Json = found["certificate"]
        return inner
    return found
