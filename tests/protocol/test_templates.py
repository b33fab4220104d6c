"""Templates fill in columns and can do nothing else."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.templates import MAX_FILLED, fill

ROW = {"question": " Why? ", "number": 3, "names": ["a"], "true": True}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Q: {{question}}A:", "Q:  Why? A:"),
        ("{{ question | strip | upper }} {{number}}", "WHY? 3"),
        ("no holes, { one } brace", "no holes, { one } brace"),
    ],
)
def test_columns_and_filters_are_filled_in(template, text):
    assert fill(template, ROW) == text


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ question.strip() }}", "template_syntax"),
        ("{{ ''.__class__ }}", "template_syntax"),
        ("{{ names[0] }}", "template_syntax"),
        ("{{ 9 ** 9 }}", "template_syntax"),
        ("{% for x in names %}", "template_syntax"),
        ("{{ missing }}", "template_column"),
        ("{{ names }}", "template_column"),
        ("{{ true }}", "template_column"),
        ("{{ question | attr }}", "template_filter"),
        ("x" * 20_001, "template_syntax"),
    ],
)
def test_anything_else_is_refused(template, code):
    with pytest.raises(Invalid) as refused:
        fill(template, ROW)
    assert refused.value.code == code


def test_what_comes_out_is_bounded():
    with pytest.raises(Invalid) as refused:
        fill("{{ a }}" * 10, {"a": "x" * (MAX_FILLED // 9)})
    assert refused.value.code == "template_too_long"


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=5), st.text(max_size=9)))
def test_no_text_breaks_it(template, row):
    with suppress(Invalid):
        assert len(fill(template, row)) <= MAX_FILLED
