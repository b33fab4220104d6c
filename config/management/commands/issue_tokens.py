"""Bring new tokens into the book, where there is no faucet."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from assay.protocol.errors import Refusal
from assay.protocol.money import format_amount, parse_amount
from common.clock import now
from ledger.wallets import balance_of, issue, platform_asset


class Command(BaseCommand):
    """The operator's counterpart of a deposit that arrived outside."""

    help = "Issue tokens to a person, for a deposit that arrived outside."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, how much, why; ``--key`` makes a repetition safe."""
        parser.add_argument("handle")
        parser.add_argument("amount", help="decimal, such as 12.5")
        parser.add_argument("--memo", default="Deposit")
        parser.add_argument("--key", default="", help="of the deposit, such as its id")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Issue once for each key."""
        asset = platform_asset()
        user = User.objects.filter(username=options["handle"]).first()
        if user is None:
            msg = f"Nobody here has the handle {options['handle']}."
            raise CommandError(msg)
        try:
            transfer = issue(
                user=user,
                amount=parse_amount(options["amount"], asset),
                caller="platform",
                key=f"issue:{options['key'] or uuid.uuid4()}",
                kind="issuance",
                memo=options["memo"],
                now=now(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        balance = format_amount(balance_of(user), asset)
        self.stdout.write(
            f"Transfer {transfer.id}: {user.username} has {balance} {asset.symbol}."
        )
