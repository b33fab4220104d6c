"""Asking for a price, accepting it, and checking a certificate."""

import json

from django import forms
from django.core.exceptions import ValidationError

from assay.protocol.canonical import Json
from assay.protocol.terms import NAMED_USES, Use
from web.forms.base import KeyedForm, VerbForm
from web.templatetags.licensing import USE_WORDS

LONGEST_CERTIFICATE = 200_000


class QuoteForm(VerbForm):
    """What the licensee wants to do."""

    use = forms.ChoiceField(
        label="I want to",
        choices=[(use.value, USE_WORDS[use]) for use in NAMED_USES],
        initial=Use.COMMERCIAL.value,
    )


class AcceptForm(KeyedForm):
    """Nothing but the button with the price."""


class CertificateForm(VerbForm):
    """A certificate as its file has it."""

    certificate = forms.CharField(
        max_length=LONGEST_CERTIFICATE,
        label="Certificate, as JSON",
        widget=forms.Textarea(
            attrs={"rows": 12, "class": "mono", "spellcheck": "false"}
        ),
        help_text="The whole file: document, key_id and signature.",
    )

    def clean_certificate(self) -> Json:
        """The certificate, parsed."""
        try:
            parsed: Json = json.loads(self.cleaned_data["certificate"])
        except (ValueError, RecursionError) as error:
            text = f"This is not JSON: {error}. Paste the whole file."
            raise ValidationError(text, code="certificate_not_json") from error
        return parsed
