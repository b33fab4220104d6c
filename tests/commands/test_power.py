"""What a competition's data can tell apart, at the terminal."""

from competitions.models import Competition
from tests.commands.conftest import Shell


def test_the_report_is_a_table_and_json(anyone: Shell, contest: Competition) -> None:
    table = anyone("competition", "power", contest.slug)
    found = anyone("--format", "json", "competition", "power", contest.slug).json

    assert table.status == 0
    assert "for +0.05" in table.out
    assert found["examples"] == 30
    assert 0.9 < found["any_equal_beats"] < 1
    assert [one["gain"] for one in found["examples_needed"]] == [0.02, 0.03, 0.05, 0.1]


def test_fewer_entrants_are_less_lucky(anyone: Shell, contest: Competition) -> None:
    few, many = (
        anyone(
            "--format", "json", "competition", "power", contest.slug, "--entrants", n
        ).json
        for n in (2, 200)
    )

    assert few["any_equal_beats"] < many["any_equal_beats"]
    assert few["safe_margin"] < many["safe_margin"]


def test_a_stranger_to_a_draft_finds_nothing(anyone: Shell, server: str) -> None:
    assert anyone("competition", "power", "no-such").code == "competition_not_found"
