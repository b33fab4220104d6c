"""How numbers, times and Markdown are shown."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assay.protocol.money import Asset
from web.templatetags.markdown import markdown
from web.templatetags.shown import amount, moment, score, seconds

AST = Asset("AST", 18)


def test_an_amount_is_exact_to_the_base_unit():
    assert "1234567.000000000000000001" in amount(1234567 * 10**18 + 1, AST)
    assert "+1 " in amount(10**18, AST, signed=True)
    assert "\N{MINUS SIGN}1 " in amount(-(10**18), AST, signed=True)


def test_a_symbol_cannot_carry_markup():
    assert "<b>" not in amount(1, Asset("<b>", 0))


def test_a_time_is_shown_in_utc_with_its_exact_value():
    at = datetime(2026, 3, 1, 1, 30, 5, tzinfo=timezone(timedelta(hours=8)))

    assert 'datetime="2026-02-28T17:30:05Z"' in moment(at)
    assert "28 Feb 2026, 17:30" in moment(at)


def test_an_unknown_time_or_score_is_a_dash():
    assert moment(None) == score(None) == seconds(None) == seconds("")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.54, "1.5 s"),
        (90, "1 min 30 s"),
        (900, "15 min"),
        (timedelta(0), "0 s"),
        (timedelta(hours=25), "1 d 1 h"),
    ],
)
def test_durations_are_as_fine_as_their_length_asks(value: float, text: str):
    assert seconds(value).replace("\N{NARROW NO-BREAK SPACE}", " ") == text


def test_a_score_is_a_percentage_of_two_digits():
    assert score(0.8137) == "81.37"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://spy.example/p.png)",
        '<a href="https://x" style="position:fixed" onclick="x()">x</a>',
        "<style>*{display:none}</style>",
    ],
)
def test_markdown_never_lets_active_markup_through(text: str):
    html = markdown(text)

    for active in ("<script", "<img", "<style", 'href="javascript', 'href="data'):
        assert active not in html
    assert "<a href=" not in html or 'rel="' in html


def test_headings_sink_so_that_the_page_keeps_the_first():
    assert "<h2>One</h2>" in markdown("# One")


def test_a_time_that_a_history_wrote_as_text_reads_like_any_other():
    text = "2026-03-01T13:00:00.250000+01:00"

    assert moment(text) == moment(datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC))
