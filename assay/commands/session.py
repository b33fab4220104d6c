"""What one run of the command knows: how to talk, and whom to call."""

import os
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import click

from assay.commands.lazily import load
from assay.protocol.errors import Invalid, Unauthenticated

if TYPE_CHECKING:
    from assay.client import Client
    from assay.commands.profiles import Profile


@dataclass
class Session:
    """The global options, filled while the command line is read.

    Attributes:
        format: ``table``, ``json`` or ``csv``.
        quiet: print ids only and say nothing else.
        yes: do not ask before what cannot be undone.
        debug: show the trace of an error.
        profile_name: the login to use; that of ``ASSAY_PROFILE`` or the last otherwise.
        fields: what to print of each row; the command's own choice when empty.
        page: where a list goes on; its beginning when empty.
    """

    format: str = "table"
    quiet: bool = False
    yes: bool = False
    debug: bool = False
    profile_name: str = ""
    fields: str = ""
    page: str = ""

    def profile(self) -> "Profile":
        """The server and token of this run, from the environment or a login."""
        current = load("assay.commands.profiles", "current_profile")
        return cast("Profile", current(os.environ, self.profile_name))

    def client(self) -> "AbstractContextManager[Client]":
        """A client with the token, if there is one; close it."""
        profile = self.profile()
        client = load("assay.client", "Client")  # help needs no HTTP library
        return cast("Client", client(profile.endpoint, token=profile.token))

    def login(self) -> "AbstractContextManager[Client]":
        """A client that has a token.

        Raises:
            Unauthenticated: there is none.
        """
        profile = self.profile()
        if not profile.token:
            raise Unauthenticated(
                "login_required",
                f"You are not logged in at {profile.endpoint}.",
                fix="Make a token on your tokens page there, then run "
                "`assay auth login`.",
            )
        return self.client()

    def say(self, sentence: str) -> None:
        """Talk to the person, on standard error."""
        if not self.quiet:
            click.echo(sentence, err=True)

    def confirm(self, question: str) -> None:
        """Ask before what cannot be undone, unless told ``-y``.

        Raises:
            Abort: the answer is no.
            Invalid: there is nobody to ask.
        """
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise Invalid(
                "confirmation_needed",
                f"{question} There is no terminal to answer on.",
                fix="Add -y to say yes beforehand.",
            )
        click.confirm(question, abort=True, err=True)
