"""Asking what an entry's terms may say."""

from django import forms

from assay.protocol.manifest import MAX_PARENTS
from assay.protocol.terms import PRESETS, write_tags
from web.forms.base import VerbForm


class TermsPreviewForm(VerbForm):
    """Parents and terms, as they would be submitted."""

    parents = forms.CharField(
        label="Parents",
        required=False,
        max_length=2000,
        help_text="owner/name or ext:name, perhaps with :relation, with spaces "
        "between them; the base model when empty.",
    )
    terms = forms.ChoiceField(
        label="Terms",
        choices=[(name, preset.title) for name, preset in PRESETS.items()],
        help_text="A preset to start from; for your own terms file use assay check.",
    )

    def clean_parents(self) -> list[str]:
        """The references."""
        found: list[str] = self.cleaned_data["parents"].split()
        if len(found) > MAX_PARENTS:
            text = f"At most {MAX_PARENTS} parents."
            raise forms.ValidationError(text, code="manifest_parents")
        return found

    def clean_terms(self) -> dict[str, str]:
        """The tags of the preset."""
        return write_tags(PRESETS[self.cleaned_data["terms"]].terms)
