"""Tokens from one person's wallet to another's."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Invalid
from ledger import services
from ledger.models import Transfer
from ledger.wallets import wallet


@transaction.atomic
def send(
    *, sender: User, receiver: User, amount: int, memo: str, key: str, now: datetime
) -> Transfer:
    """Move ``amount`` base units between two wallets; once a key.

    Raises:
        Invalid: nothing would move (``amount_not_positive``, ``receiver_is_sender``).
        Conflict: the key was used for another request.
        InsufficientFunds: the sender has less than that available.
    """
    if amount <= 0:
        raise Invalid("amount_not_positive", "Send more than 0.", where="amount")
    if sender.pk == receiver.pk:
        raise Invalid(
            "receiver_is_sender",
            "You cannot send tokens to yourself.",
            fix="Name somebody else.",
            where="to",
        )
    return services.post(
        caller=sender.owner_key,
        key=key,
        kind="sent",
        entries=[
            services.Entry(wallet(sender), -amount),
            services.Entry(wallet(receiver), amount),
        ],
        reference=receiver.owner_key,
        memo=memo or f"From {sender.username} to {receiver.username}",
        now=now,
    )
