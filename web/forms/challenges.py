"""Challenging an entry, deciding a challenge, disqualifying."""

from django import forms

from competitions.models import Challenge
from competitions.services.reasons import LONGEST
from web.forms.base import KeyedForm, VerbForm

WORDS = forms.Textarea(attrs={"rows": 6})


class ChallengeForm(KeyedForm):
    """What is wrong with an entry, in words that everyone can read."""

    kind = forms.ChoiceField(label="What is wrong", choices=Challenge.Kind.choices)
    grounds = forms.CharField(
        label="Grounds",
        max_length=LONGEST,
        widget=WORDS,
        help_text="Public. Name what can be checked: digests, files, data, terms.",
    )


class ReasonForm(VerbForm):
    """Why somebody is disqualified."""

    reason = forms.CharField(
        label="Reason", max_length=LONGEST, widget=WORDS, help_text="Public."
    )


class DecisionForm(ReasonForm):
    """Upheld or dismissed, and why."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=[
            ("upheld", "Uphold: the entry is disqualified, the deposit goes back"),
            ("dismissed", "Dismiss: the deposit goes to the entry's contributors"),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ["decision", "reason"]
