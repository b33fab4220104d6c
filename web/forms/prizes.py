"""The part of a competition's form that says how the stake becomes prizes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Self

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField

from assay.protocol.errors import Refusal, TooLarge
from assay.protocol.money import Asset
from assay.protocol.pricing import part_of
from assay.protocol.prizes import RULES, Contest
from assay.protocol.simulation import (
    MAX_BYTES,
    Outcome,
    Tried,
    read_history,
    simulate,
)
from web.forms.base import AmountField, VerbForm

EXAMPLE = """\
time,entrant,score,private_score,low,high
2026-05-01T06:00Z,ann,0.640,0.632,0.621,0.659
2026-05-02T12:00Z,bob,0.655,0.661,0.636,0.673
2026-05-03T00:00Z,cara,0.700,0.690,0.682,0.718
2026-05-04T18:00Z,ann,0.710,0.704,0.692,0.727
2026-05-05T12:00Z,bob,0.765,0.758,0.748,0.781
2026-05-06T00:00Z,dan,0.812,0.590,0.796,0.827
2026-05-06T18:00Z,cara,0.806,0.801,0.790,0.821
"""
MAX_ROWS_HERE = 250  # while somebody waits; finding finalists may take its square
PURSE_OF_THE_EXAMPLE = 1000  # whole tokens, where no minimum stake is typed yet
TRIAL = ("history", "history_file", "example_baseline")


def _small(text: str, **attrs: Any) -> forms.TextInput:
    return forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": text}
        | attrs
    )


class PrizeForm(VerbForm):
    """The prize rule, its options, and a history of scores to try it on."""

    fields_of_codes = {"prize_rule_unknown": "prize_rule"}

    prize_rule = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[(name, rule.summary) for name, rule in RULES.items()],
        initial="winner_takes_all",
    )
    shares = forms.CharField(
        required=False,
        max_length=400,
        help_text=(
            "For fixed shares only: whole numbers from the best place on, "
            "such as 5, 3, 2."
        ),
    )
    cap_percent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        label="Cap an entrant, in per cent of the purse",
        help_text="For shares by gain only. What is over it goes to the others.",
    )
    lead = forms.CharField(
        required=False,
        max_length=12,
        label="Lead of a challenger",
        widget=_small("0.01"),
        help_text=(
            "For streaming only: how far above the leader, on the score's scale; "
            "0.01 is one percentage point."
        ),
    )
    standard_errors = forms.CharField(
        required=False,
        max_length=12,
        label="Standard errors of a challenger",
        widget=_small("2"),
        help_text=(
            "For streaming only: how sure the lead must be. Give it, the lead, or both."
        ),
    )
    milestones = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "mono", "placeholder": "0.80: 1\n0.90: 3"}
        ),
        help_text=(
            "For milestones only: one a line from the lowest on, a score and its "
            "parts of the purse."
        ),
    )
    margin = forms.DecimalField(
        initial=Decimal(1),
        min_value=0,
        max_value=99,
        decimal_places=4,
        label="Margin over the baseline, in percentage points",
        help_text="An entry earns only if it beats the base model by this much.",
    )

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asset = asset
        self.fields["minimum_stake"] = AmountField(
            asset=asset,
            label=f"Minimum stake, in {asset.symbol}",
            help_text="The competition can open once this much is in escrow.",
        )

    def field_of(self, refusal: Refusal) -> str | None:
        """Options are told by ``options.shares``; the rule by ``options``."""
        if refusal.code != "prize_options":
            return super().field_of(refusal)
        named = refusal.where.removeprefix("options.")
        return named if named in self.fields else "prize_rule"

    @property
    def prize_options(self) -> dict[str, Any]:
        """What was typed for the chosen rule; the rule judges it."""
        sent = self.cleaned_data
        match sent["prize_rule"]:
            case "shares_by_rank":
                texts = [part.strip() for part in sent["shares"].split(",")]
                return {"shares": [_whole(text) for text in texts if text]}
            case "proportional_to_improvement":
                return (
                    {"cap_percent": sent["cap_percent"]} if sent["cap_percent"] else {}
                )
            case "king_of_the_hill":
                names = ("lead", "standard_errors")
                return {name: sent[name] for name in names if sent[name]}
            case "milestone":
                return {"milestones": list(_milestones(sent["milestones"]))}
        return {}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text


def _milestones(text: str) -> Iterator[dict[str, int | str]]:
    for line in text.splitlines():
        if line.strip():
            score, _, parts = line.partition(":")
            yield {"score": score.strip(), "parts": _whole(parts.strip())}


class TrialForm(PrizeForm):
    """The same fields where nothing is created: what is missing takes a default."""

    history = forms.CharField(
        required=False,
        strip=False,
        initial=EXAMPLE,
        max_length=MAX_BYTES,
        label="Scores to try it on",
        widget=forms.Textarea(attrs={"rows": 9, "class": "mono", "wrap": "off"}),
        help_text="One entry a line. private_score, low and high may be left out.",
    )
    history_file = forms.FileField(
        required=False,
        label="Or a CSV file of such lines",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    example_baseline = forms.DecimalField(
        required=False,
        initial=Decimal("0.60"),
        min_value=-1000,
        max_value=1000,
        label="Baseline to try it on",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    budget_percent = forms.DecimalField(required=False, min_value=0, max_value=50)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("margin", "minimum_stake"):
            self.fields[name].required = False

    @classmethod
    def of_example(cls, asset: Asset) -> Self:
        """The form as somebody sends it who has changed nothing."""
        told = {name: field.initial for name, field in cls.base_fields.items()}
        return cls({k: v for k, v in told.items() if v is not None}, asset=asset)

    def trial_fields(self) -> Iterator[BoundField]:
        """What the rule is tried on; no part of the competition."""
        return (self[name] for name in TRIAL)

    def outcome(self) -> Outcome | None:
        """What the rule would pay; None when something cannot be read.

        The errors then say what it was.
        """
        found: Outcome | None = None
        if self.is_valid():
            with self.refusing():
                history = self._history()
                rule = self.cleaned_data["prize_rule"]
                found = simulate(rule, self.prize_options, history, self.terms())
        return found

    def terms(self) -> Contest:
        """Purse, baseline and margin; those of the example where none are typed.

        The part that a stake puts into the evaluation budget is no part of the purse.
        """
        sent = self.cleaned_data
        baseline = float(sent["example_baseline"] or 0)
        example = PURSE_OF_THE_EXAMPLE * 10**self.asset.decimals
        stake = sent["minimum_stake"] or example
        return Contest(
            purse=stake - part_of(stake, int((sent["budget_percent"] or 0) * 100)),
            baseline=baseline,
            public_baseline=baseline,
            margin=float(sent["margin"] or 0) / 100,
        )

    def _history(self) -> list[Tried]:
        file = self.cleaned_data["history_file"]
        text = str(self.cleaned_data["history"])
        if isinstance(file, UploadedFile):
            text = bytes(file.read(MAX_BYTES + 1)).decode(errors="replace")
        history = read_history(text)
        if len(history) > MAX_ROWS_HERE:
            raise TooLarge(
                "history_too_large",
                f"This page tries {MAX_ROWS_HERE} rows; these are {len(history)}.",
                fix="manage.py simulate_competition takes longer histories.",
                where="history",
            )
        return history


def sentences_of(form: TrialForm) -> list[str]:
    """Each error in one sentence, with its field."""
    return [
        f"{form.fields[name].label or name.replace('_', ' ').capitalize()}: {text}"
        if name in form.fields
        else str(text)
        for name, texts in form.errors.items()
        for text in texts
    ]
