"""Asking the faucet."""

from typing import Any

from assay.protocol.money import Asset
from web.forms.base import AmountField, KeyedForm


class FaucetForm(KeyedForm):
    """How many test tokens are asked for."""

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(
            asset=asset, label=f"Amount in {asset.symbol}", initial="1000"
        )
