"""Asking what evaluation will cost."""

from collections.abc import Sequence
from typing import Any

from django import forms

from assay.protocol.benchmarks import TASK_TYPES
from assay.protocol.money import Asset
from competitions.services.estimating import MOST_EXAMPLES, MOST_SUBMISSIONS
from web.forms.base import AmountField, VerbForm


class PlanForm(VerbForm):
    """How many entries are expected; asked by GET, so that a link carries it."""

    submissions = forms.IntegerField(
        min_value=0,
        max_value=MOST_SUBMISSIONS,
        initial=100,
        label="Submissions expected",
    )
    miners = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_SUBMISSIONS,
        label="Miners expected",
        help_text="Each one's best entry is judged. As many as submissions if empty.",
    )

    @property
    def plan(self) -> dict[str, Any]:
        """Submissions and miners, as the verb takes them."""
        return {name: self.cleaned_data[name] for name in ("submissions", "miners")}


class NewPlanForm(PlanForm):
    """The same of a competition that does not exist yet."""

    base_model = forms.ChoiceField()
    task_type = forms.ChoiceField(
        choices=[(name, task.title) for name, task in TASK_TYPES.items()]
    )
    public = forms.IntegerField(
        min_value=1, max_value=MOST_EXAMPLES, initial=300, label="Public examples"
    )
    private = forms.IntegerField(
        min_value=1, max_value=MOST_EXAMPLES, initial=1000, label="Private examples"
    )

    def __init__(
        self, *args: Any, asset: Asset, base_models: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        base = self.fields["base_model"]
        assert isinstance(base, forms.ChoiceField)
        base.choices = [(name, name) for name in base_models]
        self.fields["budget"] = AmountField(
            asset=asset,
            label=f"Budget for evaluation, in {asset.symbol}",
            initial="0",
        )
