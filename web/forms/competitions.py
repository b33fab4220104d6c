"""Describing a competition."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict

from assay.protocol.benchmarks import TASK_TYPES
from assay.protocol.errors import Refusal
from assay.protocol.money import Asset, format_amount
from assay.protocol.scoring import METRICS
from assay.protocol.terms import NAMED_USES, Use
from competitions.models import Split
from web.forms.base import AmountField
from web.forms.fields import FilesField, UtcDateTimeField
from web.forms.prizes import PrizeForm
from web.templatetags.licensing import USE_WORDS
from web.templatetags.shown import words


def choices_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """Codes with their words as labels."""
    return [(name, words(name).capitalize()) for name in names]


SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("The task", "", ("title", "slug", "summary", "description", "base_model")),
    (
        "The benchmark",
        (
            "Three files of JSON lines, one labelled example a line. The answers are "
            "taken out on arrival; models only ever see the questions."
        ),
        (
            *("task_type", "labels", "max_tokens", "max_new_tokens", "until"),
            *("stride", "pooling", "slice_by", "cluster_by", "metric"),
            *("sample", "public", "private", "attachments"),
        ),
    ),
    (
        "The prize",
        (
            "Nothing is taken from your wallet by this form: you stake on the next "
            "page, and what no entry earns goes back to those who staked it."
        ),
        (
            *("minimum_stake", "prize_rule", "shares", "cap_percent", "lead"),
            *("standard_errors", "milestones", "margin"),
        ),
    ),
    (
        "The costs",
        (
            "Evaluations are paid by the second, from a part of every stake; what is "
            "left of it goes back. Without a part and a fee, they cost nothing."
        ),
        ("budget_percent", "submission_fee", "deposit"),
    ),
    (
        "The rules",
        "They are frozen and hashed when the competition opens.",
        (
            *("required_uses", "deadline", "challenge_hours"),
            *("daily_submissions", "max_seconds", "board_step"),
        ),
    ),
)


# Which fields are options of which task type.
OPTION_FIELDS: dict[str, tuple[str, ...]] = {
    "generation": ("max_new_tokens", "until"),
    "language_modelling": ("max_tokens", "stride"),
    "multiple_choice": (),
    "preference": ("max_tokens",),
    "retrieval": ("pooling", "max_tokens"),
    "similarity": ("pooling", "max_tokens"),
    "text_classification": ("labels", "max_tokens"),
}

ENTRY_COSTS = {
    "submission_fee": "Paid by each entry into the evaluation budget.",
    "deposit": (
        "Held while an entry is evaluated. One that reaches the baseline gets it back; "
        "others get what is left after their evaluation's cost."
    ),
}


class CompetitionForm(PrizeForm):
    """All that a competition is made of.

    A benchmark file that arrived once is remembered by its ``held_…`` field, so
    that mending another field does not need it sent again.
    """

    fields_of_codes = {
        **PrizeForm.fields_of_codes,
        "slug_taken": "slug",
        "model_not_found": "base_model",
        "task_options_invalid": "labels",
        "slice_by_invalid": "slice_by",
        "cluster_by_invalid": "cluster_by",
        "challenge_window_invalid": "challenge_hours",
        "budget_points_invalid": "budget_percent",
    }

    title = forms.CharField(max_length=120)
    slug = forms.CharField(
        max_length=60,
        label="Short name",
        help_text=(
            "Part of its address: 3 to 60 lower-case letters, digits and hyphens."
        ),
    )
    summary = forms.CharField(max_length=300, help_text="One sentence for lists.")
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="What it is for and where the data is from. Markdown.",
    )
    base_model = forms.ChoiceField(
        help_text="Miners start from it, and its score is the baseline."
    )

    task_type = forms.ChoiceField(
        choices=[(name, task.title) for name, task in TASK_TYPES.items()]
    )
    labels = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=(
            "For text classification only: the names of the classes, one a line, in "
            "the order of the model's outputs."
        ),
    )
    max_tokens = forms.IntegerField(
        required=False,
        min_value=8,
        max_value=8192,
        label="Tokens a text",
        help_text=(
            "For text classification, where longer texts are cut (128 if empty), and "
            "language modelling, the window (1024 if empty)."
        ),
    )
    max_new_tokens = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1024,
        label="Tokens an answer",
        help_text="For generation only: how much a model may write. 64 if empty.",
    )
    until = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono"}),
        label="Stops",
        help_text=(
            "For generation only: texts at which an answer ends, one a line; \\n is a "
            "new line."
        ),
    )
    stride = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=8192,
        help_text="For language modelling only: by how many tokens the window moves.",
    )
    slice_by = forms.CharField(
        required=False,
        max_length=200,
        label="Scores by column",
        help_text=(
            "Columns of your rows, separated by commas: scores are reported for each "
            "of their values too, and rank nobody."
        ),
    )
    pooling = forms.ChoiceField(
        required=False,
        choices=[("", "Mean of all tokens"), ("cls", "First token")],
        label="Vector of a text",
        help_text="For retrieval and similarity only.",
    )
    cluster_by = forms.CharField(
        required=False,
        max_length=200,
        label="Column of sources",
        help_text=(
            "Examples that share its value count as one source, which widens intervals."
        ),
    )
    metric = forms.ChoiceField(choices=choices_of(list(METRICS)))
    sample = forms.FileField(
        label="Sample split",
        help_text="Public with its answers, so that miners can score locally.",
    )
    public = forms.FileField(
        label="Public split",
        help_text="Hidden data that ranks the live board.",
    )
    private = forms.FileField(
        label="Private split",
        help_text="Hidden data that decides at the end. Use the most examples here.",
    )
    attachments = FilesField(
        required=False,
        help_text="Training data, a starter kit: anyone may fetch these.",
    )
    held_sample = forms.CharField(required=False, widget=forms.HiddenInput)
    held_public = forms.CharField(required=False, widget=forms.HiddenInput)
    held_private = forms.CharField(required=False, widget=forms.HiddenInput)

    budget_percent = forms.DecimalField(
        required=False,
        initial=Decimal(0),
        min_value=0,
        max_value=50,
        decimal_places=2,
        label="Part of each stake for evaluation, in percent",
    )
    required_uses = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(use.value, USE_WORDS[use].capitalize()) for use in NAMED_USES],
        initial=[Use.COMMERCIAL.value],
        label="Licence: entries must let others",
        help_text="For a fee or free; an entry whose terms forbid it is refused.",
    )
    deadline = UtcDateTimeField(label="Deadline, in UTC")
    challenge_hours = forms.IntegerField(
        min_value=0,
        max_value=24 * 60,
        initial=72,
        label="Challenge window, in hours",
        help_text="Between the final ranking and the payout.",
    )
    daily_submissions = forms.IntegerField(
        min_value=1, max_value=1000, initial=5, label="Submissions a miner and day"
    )
    max_seconds = forms.IntegerField(
        min_value=1,
        max_value=86_400,
        initial=900,
        label="CPU seconds a split",
        help_text="A model that needs longer fails.",
    )

    board_step = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=20,
        decimal_places=2,
        initial=0,
        label="Steps of the live board, in percentage points",
        help_text="Hidden answers cannot be guessed from a board that rises by steps "
        "of a point or so. 0 shows each score as it is.",
    )

    def __init__(
        self, *args: Any, asset: Asset, base_models: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, asset=asset, **kwargs)
        for name, text in ENTRY_COSTS.items():
            self.fields[name] = AmountField(
                asset=asset, required=False, initial="0", help_text=text
            )
        for name in Split.Name.values:
            self.fields[name].required = not self.data.get(f"held_{name}")
        base = self.fields["base_model"]
        assert isinstance(base, forms.ChoiceField)
        base.choices = [(name, name) for name in base_models]

    def sections(self) -> Iterator[tuple[str, str, list[BoundField]]]:
        """Title, introduction and fields of each part of the page."""
        for title, text, names in SECTIONS:
            yield title, text, [self[name] for name in names]

    def remember(self, name: str, sha256: str) -> None:
        """Keep an arrived file's digest for the next try, and say so."""
        self.data = MultiValueDict({**self._sent(), f"held_{name}": [sha256]})
        self.say_held(name, sha256)

    def say_held(self, name: str, sha256: str) -> None:
        """Tell that the file has arrived and need not be chosen again."""
        self.fields[name].required = False
        self.fields[name].help_text = (
            f"Arrived, SHA-256 {sha256[:6]}…{sha256[-4:]}. "
            "Choose a file only to replace it."
        )

    def typed(self) -> dict[str, Any]:
        """What has been typed so far, to be shown again without being judged."""
        return {
            name: field.widget.value_from_datadict(self.data, MultiValueDict(), name)
            for name, field in self.fields.items()
            if not isinstance(field, forms.FileField)
        }

    def _sent(self) -> dict[str, list[Any]]:
        assert isinstance(self.data, MultiValueDict)
        return dict(self.data.lists())

    def field_of(self, refusal: Refusal) -> str | None:
        """Benchmark rows are told by ``public row 12, answer``."""
        split = refusal.where.partition(" ")[0]
        if split in Split.Name.values:
            return split
        return super().field_of(refusal)

    @property
    def task_options(self) -> dict[str, Any]:
        """The fields that the chosen task type reads; slices and sources of any."""
        columns = self.cleaned_data["slice_by"].split(",")
        until = self.cleaned_data["until"].splitlines()
        labels = self.cleaned_data["labels"].splitlines()
        lists = {
            "labels": [line.strip() for line in labels if line.strip()],
            "slice_by": [name.strip() for name in columns if name.strip()],
            "until": [line.replace("\\n", "\n") for line in until if line],
        }
        found = {**self.cleaned_data, **lists}
        names = OPTION_FIELDS[self.cleaned_data["task_type"]]
        return {
            name: found[name]
            for name in (*names, "slice_by", "cluster_by")
            if found[name] or name == "labels"
        }

    def amount_text(self, name: str) -> str:
        """An amount's field as exact decimal text."""
        return format_amount(self.cleaned_data[name], self.asset)

    @property
    def budget_points(self) -> int:
        """The part of each stake for evaluation, in basis points."""
        return int((self.cleaned_data["budget_percent"] or Decimal(0)) * 100)
