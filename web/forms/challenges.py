"""Challenging an entry, deciding a challenge, disqualifying."""

from django import forms

from catalogue.models import Resemblance
from competitions.models import Challenge
from competitions.services.reasons import LONGEST
from web.forms.base import KeyedForm, VerbForm

FEW_TENSORS = 10
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


def grounds_of(flag: Resemblance) -> str:
    """A flag as grounds that everyone can check: the models, and tensors alike."""
    tensors = "\n".join(
        f"{match['name']} is {match['cosine']:.4f} like {match['other']}"
        + (", byte for byte" if match["exact"] else "")
        for match in flag.matches[:FEW_TENSORS]
    )
    return (
        f"These weights resemble {flag.known.reference} (manifest "
        f"{flag.known.manifest_digest}), which is not declared as a parent: "
        f"{flag.get_kind_display()}, {flag.similarity:.1%} alike in {flag.count} "
        f"tensors, {flag.share:.1%} of the model.\n{tensors}"
    )[:LONGEST]


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
