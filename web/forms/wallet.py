"""The faucet, withdrawals, and shares that pass on."""

from typing import Any

from django import forms

from assay.protocol.money import Asset
from web.forms.base import AmountField, KeyedForm, VerbForm
from web.forms.fields import UtcDateTimeField


class FaucetForm(KeyedForm):
    """How many test tokens are asked for."""

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset, label=f"Amount in {asset.symbol}", initial="1000"
        )


class WithdrawalForm(KeyedForm):
    """How much is to be paid out, and where to."""

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset, label=f"Amount in {asset.symbol}"
        )
        self.fields["destination"] = forms.CharField(
            label="Where to",
            min_length=3,
            max_length=200,
            help_text="An account or address that staff of the platform can pay to.",
        )


class DecisionForm(VerbForm):
    """What staff says to a withdrawal."""

    note = forms.CharField(label="Note", max_length=300, required=False)
    verb = forms.ChoiceField(choices=[("paid", "paid"), ("refuse", "refuse")])


class ShareForm(VerbForm):
    """Parts of one's share, for somebody, from a moment on."""

    taker = forms.CharField(label="To whom", max_length=39, help_text="Their handle.")
    parts = forms.IntegerField(label="Parts", min_value=1, max_value=10**9)
    from_moment = UtcDateTimeField(
        label="From, UTC", required=False, help_text="From the acceptance on if empty."
    )


class IncomeFilterForm(forms.Form):
    """Which royalties are shown; what cannot be read counts as not said."""

    model = forms.CharField(label="Model, owner/name", max_length=140, required=False)
    payer = forms.CharField(label="Licensee", max_length=39, required=False)
    since = forms.DateField(
        label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Before", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
