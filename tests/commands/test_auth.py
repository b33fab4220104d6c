"""Logging in, and where a token goes."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

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


class Drawer(KeyringBackend):
    """A keyring in memory, that can be locked."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("it is locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("it is locked")
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """The system has this keyring."""
    before: Any = keyring.get_keyring()
    made = Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_where_there_is_a_keyring_the_token_is_in_no_file(
    shell: Shell, server: str, alice: User, drawer: Drawer
) -> None:
    token = token_of(alice)

    login = shell("auth", "login", "--token", "-", "--endpoint", server, typed=token)
    who = shell("auth", "whoami", "-q")

    assert "your keyring" in login.err
    assert token not in profiles_path().read_text()
    assert list(drawer.held.values()) == [token]
    assert who.out == "alice\n"


def test_logging_out_takes_the_token_out_of_the_keyring(
    shell: Shell, server: str, alice: User, drawer: Drawer
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)

    shell("auth", "logout")

    assert drawer.held == {}
    assert not profiles_path().exists()


def test_no_keyring_means_the_file(
    shell: Shell, server: str, alice: User, drawer: Drawer
) -> None:
    login = shell(
        "auth", "login", token_of(alice), "--endpoint", server, "--no-keyring"
    )

    assert str(profiles_path()) in login.err
    assert drawer.held == {}


def test_a_locked_keyring_is_named_and_a_new_login_goes_to_the_file(
    shell: Shell, server: str, alice: User, drawer: Drawer
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)
    drawer.locked = True

    closed = shell("auth", "whoami")
    again = shell("auth", "login", token_of(alice), "--endpoint", server)

    assert (closed.status, closed.code) == (3, "keyring_closed")
    assert str(profiles_path()) in again.err


def test_logins_stand_side_by_side_and_the_last_is_used(
    shell: Shell, server: str, alice: User, bob: User
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)
    shell("auth", "login", token_of(bob), "--endpoint", server, "--profile", "work")

    last = shell("auth", "whoami", "-q")
    named = shell("auth", "whoami", "-q", "--profile", "default")
    by_environment = shell("auth", "whoami", "-q", ASSAY_PROFILE="default")
    shell("auth", "use", "default")
    chosen = shell("auth", "whoami", "-q")
    listed = shell("auth", "profiles", "--json").json

    assert last.out == "bob\n"
    assert named.out == by_environment.out == chosen.out == "alice\n"
    assert [(one["profile"], one["current"]) for one in listed] == [
        ("default", True),
        ("work", False),
    ]


def test_logging_out_of_one_profile_leaves_the_others(
    shell: Shell, server: str, alice: User, bob: User
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)
    shell("auth", "login", token_of(bob), "--endpoint", server, "--profile", "work")

    shell("auth", "logout")

    assert shell("auth", "whoami", "-q").out == "alice\n"
    assert shell("auth", "use", "work").code == "profile_unknown"


def test_the_token_in_use_is_printed_for_other_programs(
    shell: Shell, server: str, alice: User
) -> None:
    token = token_of(alice)
    shell("auth", "login", token, "--endpoint", server)

    assert shell("auth", "token").out == f"{token}\n"
    assert shell("auth", "token", ASSAY_ENDPOINT="https://x.example").code == (
        "login_required"
    )


@pytest.mark.parametrize("words", [["auth", "whoami"], ["auth", "use"]])
def test_an_unknown_profile_is_refused_with_the_known_ones(
    shell: Shell, server: str, alice: User, words: list[str]
) -> None:
    shell("auth", "login", token_of(alice), "--endpoint", server)
    naming = ["nobody"] if words[-1] == "use" else ["--profile", "nobody"]

    ran = shell(*words, *naming)

    assert (ran.status, ran.code) == (3, "profile_unknown")
    assert "default" in ran.err


def test_a_profile_has_a_plain_name(shell: Shell, server: str, alice: User) -> None:
    ran = shell("auth", "login", token_of(alice), "--profile", "My Work!")

    assert (ran.status, ran.code) == (3, "profile_name_malformed")
