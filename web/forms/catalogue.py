"""What one looks for in the catalogue; what cannot be read counts as not said."""

from typing import Any

from django import forms

from assay.protocol.money import Asset
from catalogue.selectors import ORDERS, Wanted
from web.forms.base import AmountField

USES = {
    "commercial": "commercial use",
    "derivation": "building on it",
    "training": "training on it",
}
MEGABYTE = 10**6


class CatalogueForm(forms.Form):
    """Search words, facets and the order, from the page's address."""

    query = forms.CharField(
        label="Names, owners, cards", max_length=200, required=False
    )
    task = forms.ChoiceField(label="Task", required=False)
    base = forms.ChoiceField(label="Descends from", required=False)
    uses = forms.MultipleChoiceField(
        label="Allows",
        choices=list(USES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    max_price = forms.CharField(label="Commercial use up to", required=False)
    min_score = forms.FloatField(
        label="Score, % at least", min_value=0, max_value=100, required=False
    )
    max_size = forms.IntegerField(label="MB at most", min_value=0, required=False)
    sort = forms.ChoiceField(
        label="Order", choices=[(name, name) for name in ORDERS], required=False
    )

    def __init__(
        self, *args: Any, asset: Asset, tasks: list[str], bases: list[str], **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        choices = {"task": tasks, "base": bases}
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "any"), *((value, value) for value in values)]
        self.fields["max_price"] = AmountField(
            asset=asset, label=f"Commercial use up to, {asset.symbol}", required=False
        )

    def clean_max_price(self) -> int | None:
        """Base units; None when nothing is said."""
        found: int | None = self.cleaned_data.get("max_price")
        return found if self.data.get("max_price") else None

    def wanted(self) -> Wanted:
        """What is looked for."""
        self.is_valid()
        said = self.cleaned_data
        score, size = said.get("min_score"), said.get("max_size")
        return Wanted(
            query=said.get("query") or "",
            task=said.get("task") or "",
            base=said.get("base") or "",
            uses=tuple(said.get("uses") or ()),
            max_price=said.get("max_price"),
            min_score=None if score is None else score / 100,
            max_size=None if size is None else min(size, 10**12) * MEGABYTE,
            sort=said.get("sort") or "newest",
        )
