"""Opening and funding a pool."""

from typing import Any

from django import forms

from assay.protocol.money import Asset
from competitions.models import Pool
from web.forms.base import AmountField, KeyedForm, VerbForm


class PoolForm(VerbForm):
    """Whom a pool pays for, and how much."""

    fields_of_codes = {
        "competition_not_found": "competition",
        "pool_handle_unknown": "handles",
    }

    title = forms.CharField(max_length=120)
    competition = forms.SlugField(
        required=False,
        max_length=60,
        help_text="Short name of the one it pays for; any when empty.",
    )
    admits = forms.ChoiceField(
        choices=[(one.value, one.label.capitalize()) for one in Pool.Admits],
        widget=forms.RadioSelect,
        initial=Pool.Admits.ALL.value,
        label="It pays for",
    )
    handles = forms.CharField(
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For a list only: handles, one a line.",
    )
    first = forms.IntegerField(
        required=False,
        min_value=1,
        label="Number of users",
        help_text="For the first users only.",
    )

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in (
            ("user_cap", "The most for one user"),
            ("day_cap", "The most in 24 hours"),
        ):
            self.fields[name] = AmountField(
                asset=asset,
                required=False,
                label=f"{text}, in {asset.symbol}",
                help_text="Without a competition both caps are needed.",
            )

    @property
    def handle_list(self) -> list[str]:
        """The handles, without blanks."""
        text: str = self.cleaned_data["handles"]
        return text.split()


class FundForm(KeyedForm):
    """How much to put into a pool."""

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset, label=f"Amount in {asset.symbol}"
        )
