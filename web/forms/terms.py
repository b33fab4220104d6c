"""Tags that somebody pastes, and the question that they have about them."""

from datetime import date
from typing import Any

from django import forms

from assay.protocol.terms import Language, Use, parse_tags
from assay.protocol.terms.tagtext import MAX_TEXT
from web.forms.base import VerbForm
from web.templatetags.licensing import USE_WORDS


class TermsForm(VerbForm):
    """A set of tags, a use and its days."""

    fields_of_codes = dict.fromkeys(
        ("terms_unreadable", "terms_tag_twice", "terms_not_text", "terms_too_large"),
        "tags",
    )

    tags = forms.CharField(
        max_length=MAX_TEXT,
        label="Tags",
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "mono", "spellcheck": "false"}
        ),
        help_text=(
            "TOML, one line a tag, such as Commercial-Use = "
            '"Allowed-With-Credit"; or JSON.'
        ),
    )
    use = forms.ChoiceField(
        required=False,
        label="May somebody",
        choices=[("", "---------"), *((use.value, USE_WORDS[use]) for use in Use)],
    )
    on = forms.DateField(
        required=False,
        label="On the day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Today when nothing is said.",
    )
    granted = forms.DateField(
        required=False,
        label="Under terms that began on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Years of an expiry and of time windows count from there.",
    )
    language = forms.ChoiceField(
        required=False,
        label="Answer in",
        choices=[
            (Language.ENGLISH.value, "English"),
            (Language.CHINESE.value, "简体中文"),
        ],
    )

    def parsed(self) -> dict[str, str]:
        """The pasted tags by name.

        Raises:
            Invalid: the text holds none.
        """
        return parse_tags(self.cleaned_data["tags"])

    def tongue(self) -> Language:
        """The language of the answer; English when nothing is said."""
        return Language(self.cleaned_data["language"] or Language.ENGLISH)

    def use_asked(self) -> Use | None:
        """The use in question, if any."""
        use = self.cleaned_data["use"]
        return Use(use) if use else None

    def days(self, today: date) -> dict[str, Any]:
        """The days of the question, as ``decide`` takes them."""
        return {
            "on": self.cleaned_data["on"] or today,
            "granted": self.cleaned_data["granted"],
        }
