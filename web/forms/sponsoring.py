"""Staking on a competition, moving its deadline, confirming a step."""

from typing import Any

from assay.protocol.money import Asset
from web.forms.base import AmountField, KeyedForm, VerbForm
from web.forms.fields import UtcDateTimeField


class StakeForm(KeyedForm):
    """How much to stake."""

    def __init__(
        self, *args: Any, asset: Asset, suggestion: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset,
            label=f"Amount in {asset.symbol}",
            initial=suggestion,
            help_text=f"Exact; up to {asset.decimals} digits after the point.",
        )


class DeadlineForm(VerbForm):
    """A new deadline."""

    deadline = UtcDateTimeField(label="New deadline, in UTC")


class ConfirmForm(VerbForm):
    """Nothing but a button."""
