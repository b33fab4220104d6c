"""Which fields of the form become options of which task type."""

import pytest

from assay.protocol.benchmarks import TASK_TYPES
from web.forms.competitions import OPTION_FIELDS, CompetitionForm

TYPED = {
    "labels": " yes \nno\n",
    "max_tokens": 64,
    "max_new_tokens": 16,
    "until": "\\n\nQ:",
    "stride": 32,
    "pooling": "cls",
    "slice_by": "topic, ",
    "cluster_by": "passage",
}
COMMON = {"slice_by": ["topic"], "cluster_by": "passage"}


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("generation", {"max_new_tokens": 16, "until": ["\n", "Q:"]}),
        ("language_modelling", {"max_tokens": 64, "stride": 32}),
        ("multiple_choice", {}),
        ("preference", {"max_tokens": 64}),
        ("retrieval", {"pooling": "cls", "max_tokens": 64}),
        ("similarity", {"pooling": "cls", "max_tokens": 64}),
        ("text_classification", {"labels": ["yes", "no"], "max_tokens": 64}),
    ],
)
def test_only_the_options_of_the_chosen_type_are_sent(task, options):
    form = CompetitionForm.__new__(CompetitionForm)
    form.cleaned_data = {**TYPED, "task_type": task}

    assert form.task_options == options | COMMON


def test_every_task_type_has_its_fields():
    assert OPTION_FIELDS.keys() == TASK_TYPES.keys()
