"""Staking on a competition, moving its deadline, confirming a step."""

from typing import Any

from django import forms

from assay.protocol.money import Asset
from competitions.models import Stake
from web.forms.base import AmountField, KeyedForm, VerbForm
from web.forms.fields import UtcDateTimeField


class StakeForm(KeyedForm):
    """How much to stake."""

    def __init__(
        self,
        *args: Any,
        asset: Asset,
        suggestion: str = "",
        is_metered: bool = False,
        purpose: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset,
            label=f"Amount in {asset.symbol}",
            initial=suggestion,
            help_text=f"Exact; up to {asset.decimals} digits after the point.",
        )
        choices = [(Stake.Purpose.PRIZE.value, "The prize")]
        if is_metered:
            choices.append((Stake.Purpose.BUDGET.value, "Evaluation alone"))
        self.fields["purpose"] = forms.ChoiceField(
            label="What for",
            required=False,
            choices=choices,
            initial=purpose if purpose in dict(choices) else Stake.Purpose.PRIZE.value,
            widget=forms.RadioSelect if is_metered else forms.HiddenInput,
        )

    def clean_purpose(self) -> str:
        """The prize, where there is nothing to choose."""
        return self.cleaned_data["purpose"] or Stake.Purpose.PRIZE.value


class DeadlineForm(VerbForm):
    """A new deadline."""

    deadline = UtcDateTimeField(label="New deadline, in UTC")


class ConfirmForm(VerbForm):
    """Nothing but a button."""
