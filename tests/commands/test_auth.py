"""Logging in, and where a token goes."""

import stat
from pathlib import Path

import pytest

from accounts.models import User
from accounts.services import revoke_token
from assay.commands.profiles import Profile, current_profile, profiles_path
from common import clock
from tests.client.conftest import token_of
from tests.commands.conftest import Shell


def test_a_login_is_kept_for_its_owner_alone_and_used_from_then_on(
    shell: Shell, server: str, alice: User
) -> None:
    token = token_of(alice)

    login = shell("auth", "login", "--token", "-", "--endpoint", server, typed=token)
    who = shell("auth", "whoami", "-q")

    assert login.status == 0
    assert "You are alice" in login.err
    assert stat.S_IMODE(profiles_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(profiles_path().parent.stat().st_mode) == 0o700
    assert who.out == "alice\n"
    assert token not in login.out + login.err + repr(current_profile({}))


def test_a_token_that_opens_nothing_is_not_kept(shell: Shell, server: str) -> None:
    ran = shell("auth", "login", "assay_wrong", "--endpoint", server)

    assert (ran.status, ran.code) == (6, "token_invalid")
    assert not profiles_path().exists()


def test_without_a_token_and_a_terminal_login_says_how(shell: Shell) -> None:
    ran = shell("auth", "login")

    assert (ran.status, ran.code) == (3, "token_missing")
    assert "--token -" in ran.err


def test_after_logging_out_nobody_is_logged_in(
    shell: Shell, server: str, alice: User
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)

    out = shell("auth", "logout")
    who = shell("auth", "whoami")

    assert out.status == 0
    assert (who.status, who.code) == (6, "login_required")
    assert "assay auth login" in who.err


def test_a_stored_token_goes_to_no_other_server(
    shell: Shell, server: str, alice: User
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)

    elsewhere = current_profile({"ASSAY_ENDPOINT": "https://elsewhere.example/"})
    here = current_profile({"ASSAY_ENDPOINT": server})

    assert elsewhere == Profile("https://elsewhere.example", "")
    assert here.token


def test_the_environment_goes_before_the_login(
    shell: Shell, server: str, alice: User, bob: User
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)

    ran = shell("auth", "whoami", "-q", ASSAY_TOKEN=token_of(bob))

    assert ran.out == "bob\n"


def test_a_revoked_token_ends_with_6(shell: Shell, server: str, alice: User) -> None:
    token = token_of(alice)
    revoke_token(user=alice, token_id=str(alice.tokens.get().id), now=clock.now())

    ran = shell("auth", "whoami", ASSAY_ENDPOINT=server, ASSAY_TOKEN=token)

    assert (ran.status, ran.code) == (6, "token_invalid")


def test_a_damaged_file_of_logins_is_named(shell: Shell, home: Path) -> None:
    profiles_path().parent.mkdir(parents=True)
    profiles_path().write_text("not = [toml")

    ran = shell("auth", "whoami")

    assert (ran.status, ran.code) == (3, "profile_unreadable")
    assert str(profiles_path()) in ran.err


@pytest.mark.parametrize(
    "address",
    ["example.org", "ftp://example.org", "http://", "https://u:p@example.org"],
)
def test_an_address_that_is_none_is_refused(shell: Shell, address: str) -> None:
    ran = shell("auth", "login", "t", "--endpoint", address)

    assert (ran.status, ran.code) == (3, "endpoint_malformed")


def test_a_server_that_is_away_ends_with_7_and_says_what_to_check(shell: Shell) -> None:
    ran = shell("competition", "list", ASSAY_ENDPOINT="http://127.0.0.1:9")

    assert (ran.status, ran.code) == (7, "server_unreachable")
    assert ran.out == ""
