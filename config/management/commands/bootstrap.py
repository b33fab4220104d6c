"""What every installation needs once: asset, issuance, signing key, evaluator."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts.models import ApiToken, User
from accounts.services import issue_token
from ledger.services import AccountKind, account, ensure_asset
from ledger.wallets import platform_asset
from royalties import keys

EVALUATOR = "evaluator"


class Command(BaseCommand):
    """Idempotent: a second run changes nothing."""

    help = "Make the asset, the signing key and the evaluator's token, if missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--evaluator-token``: where the worker on this host reads its token."""
        parser.add_argument(
            "--evaluator-token",
            type=Path,
            default=settings.VAR / "run" / "evaluator-token",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make what is missing."""
        asset = platform_asset()
        ensure_asset(asset.symbol, asset.decimals)
        account(kind=AccountKind.ISSUANCE, owner="platform", asset=asset.symbol)
        keys.public_keys()
        if self._make_token(options["evaluator_token"]):
            self.stdout.write(f"Evaluator token: {options['evaluator_token']}")
        self.stdout.write("Ready.")

    def _make_token(self, path: Path) -> bool:
        if path.exists():
            return False
        user, created = User.objects.get_or_create(
            username=EVALUATOR, defaults={"is_staff": True}
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        _, secret = issue_token(
            user=user, name=f"{path.name} on this host", scope=ApiToken.Scope.EVALUATOR
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
        return True
