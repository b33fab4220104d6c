"""Terms made, said and checked at a terminal; no server is asked."""

from pathlib import Path

import pytest

from assay.protocol.terms import PRESETS, V02
from tests.commands.conftest import Shell


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_becomes_a_file_that_says_the_same(
    shell: Shell, home: Path, name: str
) -> None:
    made = shell("terms", "init", "--preset", name, "--out", "terms.toml")
    explained = shell("terms", "explain", "terms.toml", "--json")

    assert (made.status, made.out) == (0, "")
    assert (home / "terms.toml").read_text("utf-8").startswith("# ")
    assert [row["sentence"] for row in explained.json] == (
        [row["sentence"] for row in shell("terms", "explain", name, "--json").json]
    )
    assert shell("terms", "check", "terms.toml").status == 0


def test_prices_payee_and_end_can_be_chosen(shell: Shell) -> None:
    made = shell(
        *("terms", "init", "--preset", "paid-commercial", "--fee", "12.50"),
        *("--monthly", "--currency", "AR", "--payment-address", "addr", "--expiry", 3),
        "--json",
    ).json

    assert made["tags"] == {
        "License": V02,
        "Derivation": "Allowed-With-Credit",
        "Commercial-Use": "Allowed-With-Fee-Monthly-12.5",
        "Unknown-Usage-Rights": "Excluded",
        "Expiry": "3",
        "Currency": "AR",
        "Payment-Address": "addr",
    }
    assert "12.5 AR, paid every month" in made["clause"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--preset", "open", "--fee", "1"], "preset_choice"),
        (["--preset", "paid-commercial", "--share", "1"], "preset_choice"),
        (["--preset", "paid-commercial", "--fee", "1e3"], "terms_amount"),
        (["--preset", "paid-commercial", "--fee", "0"], "terms_amount"),
        (["--preset", "share-alike", "--share", "101"], "terms_share"),
        (["--preset", "open", "--expiry", "0"], "terms_years"),
        (["--preset", "open", "--currency", "no spaces"], "terms_currency"),
        ([], "preset_needed"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    shell: Shell, words: list[str], code: str
) -> None:
    ran = shell("terms", "init", *words)

    assert (ran.status, ran.out, ran.code) == (3, "", code)


def test_terms_are_not_written_over(shell: Shell, home: Path) -> None:
    (home / "terms.toml").write_text("mine", "utf-8")

    ran = shell("terms", "init", "--preset", "open", "--out", "terms.toml")

    assert (ran.status, ran.code) == (3, "file_exists")
    assert (home / "terms.toml").read_text("utf-8") == "mine"


def test_a_use_is_decided_with_its_price_and_reasons(shell: Shell) -> None:
    ran = shell("terms", "explain", "paid-commercial", "--use", "commercial", "--json")

    assert ran.status == 0
    assert ran.json["verdict"] == "allowed-with"
    assert ran.json["prices"] == [
        {"amount": "100", "currency": "U", "period": "one-time"}
    ]
    assert ran.json["reasons"][0].startswith("Commercial-Use = ")


def test_a_use_that_is_not_allowed_ends_with_3_in_either_language(
    shell: Shell,
) -> None:
    words = ("terms", "explain", "research-only", "--use", "commercial")

    english, chinese = shell(*words), shell(*words, "--language", "zh-Hans")

    assert (english.status, chinese.status) == (3, 3)
    assert "Not allowed" in english.out
    assert "不允许" in chinese.out
    assert shell(*words, "--licensor").status == 0


def test_days_decide(shell: Shell, home: Path) -> None:
    (home / "t.toml").write_text(
        f'License = "{V02}"\nDerivation = "Allowed-With-RevenueShare-30%"\n'
        'After-2-Years-Derivation = "Allowed-With-RevenueShare-10%"\n',
        "utf-8",
    )

    def share(day: str) -> str:
        words = ("--use", "derivation", "--on", day, "--granted", "2024-05-03")
        return str(
            shell("terms", "explain", "t.toml", *words, "--json").json["revenue_share"]
        )

    assert share("2026-05-02") == "30"
    assert share("2026-05-03") == "10"
    assert shell("terms", "explain", "t.toml", "--use", "derivation").status == 3


def test_a_slip_is_an_error_with_its_code_and_what_was_understood(
    shell: Shell, home: Path
) -> None:
    (home / "t.json").write_text(
        f'[{{"name": "License", "value": "{V02}"}},'
        '{"name": "Acess-Fee", "value": "One-Time-5"},'
        '{"name": "Derivations", "value": "None"}]',
        "utf-8",
    )

    ran = shell("terms", "check", "t.json", "--json")

    assert ran.status == 3
    assert [(row["code"], row["understood"]) for row in ran.json] == [
        ("misspelt", ""),
        ("dialect", "Derivation = Disallowed"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"License": "a", "License": "b"}', "terms_tag_twice"),
        (
            b'[{"name": "a", "value": "b"}, {"name": "a", "value": "b"}]',
            "terms_tag_twice",
        ),
        (b"\xff\xfe", "terms_unreadable"),
        (b"[[[[" * 1000, "terms_unreadable"),
        (b'{"a":' * 20_000, "terms_unreadable"),
        (b"Expiry = 5", "terms_not_text"),
        (b"#" * 200_000, "terms_too_large"),
        (b"#" * 500_000, "terms_too_large"),
        (b'[{"x": 1}]', "terms_unreadable"),
    ],
)
def test_a_file_that_holds_no_tags_is_refused(
    shell: Shell, home: Path, content: bytes, code: str
) -> None:
    (home / "t.toml").write_bytes(content)

    for verb in ("check", "explain"):
        ran = shell("terms", verb, "t.toml")
        assert (ran.status, ran.code) == (3, code)


def test_what_init_prints_can_be_read_from_the_printed_text(
    shell: Shell, home: Path
) -> None:
    printed = shell("terms", "init", "--preset", "share-alike", "--share", "7.25").out
    (home / "t.toml").write_text(printed, "utf-8")

    checked = shell("terms", "check", "t.toml", "--json")

    assert checked.json == []


def test_another_licence_is_shown_with_what_tags_can_say_of_it(shell: Shell) -> None:
    both = shell("terms", "licence", "MIT OR llama3.1", "--json")
    tags = shell("terms", "licence", "MIT OR llama3.1", "--toml")

    assert [row["licence"] for row in both.json] == ["MIT", "llama3.1"]
    assert [row["user_threshold"] for row in both.json] == [None, 700_000_000]
    assert 'Commercial-Use = "Allowed-With-Credit"' in tags.out


def test_a_licence_that_tags_cannot_hold_says_so(shell: Shell) -> None:
    ran = shell("terms", "licence", "gemma")

    assert ran.status == 0
    assert "not known" in ran.out
    assert "None of it can be said in UDL tags" in ran.err
    assert shell("terms", "licence", "MIT AND").code == "licence_expression"
