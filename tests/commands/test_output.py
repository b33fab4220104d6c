"""Data on standard output, in three shapes; talk on the other stream."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from assay.commands.moments import read_moment
from assay.commands.texts import byte_count, printable
from assay.protocol.errors import Invalid
from competitions.models import Competition
from tests.commands.conftest import Shell


def test_a_list_is_a_table_json_csv_or_ids(anyone: Shell, contest: Competition) -> None:
    table = anyone("competition", "list")
    as_json = anyone("competition", "list", "--json")
    as_csv = anyone("--format", "csv", "competition", "list")
    ids = anyone("competition", "list", "-q")

    assert table.out.splitlines()[0].split() == (
        ["SLUG", "STATUS", "TITLE", "METRIC", "STAKED", "ASSET", "DEADLINE"]
    )
    assert as_json.json[0]["slug"] == "bank-intents"
    assert as_json.json[0]["deadline"].endswith("Z")
    assert next(csv.DictReader(io.StringIO(as_csv.out)))["staked"] == "100"
    assert ids.out == "bank-intents\n"


def test_an_empty_list_prints_no_data(anyone: Shell) -> None:
    table = anyone("competition", "list")
    as_json = anyone("competition", "list", "--json")

    assert (table.status, table.out) == (0, "")
    assert as_json.json == []


def test_a_leaderboard_says_what_there_is_to_beat(
    anyone: Shell, contest: Competition
) -> None:
    table = anyone("competition", "leaderboard", contest.slug)
    board = anyone("competition", "leaderboard", contest.slug, "--json").json

    assert "30 hidden examples of the public split; baseline 0.3333" in table.err
    assert board["baseline"]["score"] == pytest.approx(1 / 3)
    assert board["rows"] == []


def test_an_error_is_a_sentence_a_fix_and_a_code_or_the_apis_envelope(
    anyone: Shell,
) -> None:
    plain = anyone("competition", "show", "nothing-here")
    as_json = anyone("competition", "show", "nothing-here", "--json")

    assert (plain.status, plain.code) == (3, "competition_not_found")
    assert plain.err.startswith("Error: ")
    assert json.loads(as_json.err)["error"]["code"] == "competition_not_found"
    assert plain.out == as_json.out == ""


def test_debug_shows_the_trace(anyone: Shell) -> None:
    ran = anyone("competition", "show", "nothing-here", "--debug")

    assert "Traceback" in ran.err


def test_what_others_wrote_cannot_steer_the_terminal(
    anyone: Shell, contest: Competition
) -> None:
    Competition.objects.update(title="\x1b[2Jgone\n")

    ran = anyone("competition", "show", contest.slug)

    assert "\x1b" not in ran.out
    assert "\\u001b[2Jgone" in ran.out


def test_a_limited_list_says_that_there_is_more(
    as_user: Callable[[User], Shell], alice: User
) -> None:
    run = as_user(alice)
    for amount in (1, 2, 3):
        run("wallet", "faucet", amount)

    some = run("wallet", "statement", "--limit", 2, "--json")
    all_of_them = run("wallet", "statement", "--limit", 0, "--json")

    assert [line["amount"] for line in some.json] == ["3", "2"]
    assert "--limit 0" in some.err
    assert len(all_of_them.json) == 3


def test_a_list_goes_on_where_it_ended(
    as_user: Callable[[User], Shell], alice: User
) -> None:
    run = as_user(alice)
    for amount in (1, 2, 3):
        run("wallet", "faucet", amount)

    first = run("wallet", "statement", "--limit", 2, "--json")
    token = first.err.split("--page ")[1].split()[0]
    rest = run("wallet", "statement", "--limit", 2, "--page", token, "--json")

    assert [line["amount"] for line in rest.json] == ["1"]
    assert rest.err == ""
    assert run("wallet", "statement", "--page", "nonsense").code == "cursor_invalid"


def test_fields_choose_what_is_printed_and_in_which_order(
    anyone: Shell, contest: Competition
) -> None:
    words = ("competition", "list", "--fields", "metric,slug")
    table = anyone(*words)
    as_csv = anyone(*words, "--format", "csv")
    as_json = anyone(*words, "--json")
    one = anyone("competition", "show", contest.slug, "--fields", "status", "--json")

    assert table.out.split()[:2] == ["METRIC", "SLUG"]
    assert as_csv.out == "metric,slug\naccuracy,bank-intents\n"
    assert as_json.json == [{"metric": "accuracy", "slug": "bank-intents"}]
    assert one.json == {"status": "open"}


def test_a_field_that_is_none_is_refused_with_those_that_are(
    anyone: Shell, contest: Competition
) -> None:
    ran = anyone("competition", "list", "--fields", "colour")

    assert (ran.status, ran.code, ran.out) == (3, "field_unknown", "")
    assert "slug" in ran.err


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+90s", "2026-03-01T12:01:30+00:00"),
        ("+7d", "2026-03-08T12:00:00+00:00"),
        ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00+00:00"),
    ],
)
def test_a_moment_is_iso_or_counts_from_now(given: str, expected: str) -> None:
    now = read_moment("2026-03-01T12:00:00Z", now=None, where="")  # type: ignore[arg-type]

    assert read_moment(given, now=now, where="").isoformat() == expected


@pytest.mark.parametrize("given", ["tomorrow", "+7w", "2026-05-01T12:00:00", ""])
def test_a_moment_that_could_mean_two_things_is_refused(given: str) -> None:
    now: Any = None

    with pytest.raises(Invalid) as refused:
        read_moment(given, now=now, where="TIME")

    assert refused.value.where == "TIME"


def test_texts() -> None:
    assert printable("né\u202e\x07") == "né\\u202e\\u0007"
    assert byte_count(999) == "999 B"
    assert byte_count(87_300_000) == "87.3 MB"
