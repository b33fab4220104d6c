"""What accounts are for, and the one table of what each kind may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models


class AccountKind(models.TextChoices):
    """What an account is for."""

    WALLET = "wallet"
    ESCROW = "escrow"
    DEPOSIT = "deposit"
    FEES = "fees"
    ISSUANCE = "issuance"
    BUDGET = "budget"
    POOL = "pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """What accounts of one kind may do, and who may look at them.

    ``overdraws``: the balance may stand below zero. ``holds``: a part of it can be
    set aside by ``ledger.holds``. ``public``: strangers may see it.
    """

    overdraws: bool = False
    holds: bool = False
    public: bool = False


RULES: Mapping[AccountKind, KindRules] = {
    AccountKind.WALLET: KindRules(holds=True),
    AccountKind.ESCROW: KindRules(holds=True, public=True),
    AccountKind.DEPOSIT: KindRules(holds=True),
    AccountKind.FEES: KindRules(),
    AccountKind.ISSUANCE: KindRules(overdraws=True, public=True),
    AccountKind.BUDGET: KindRules(holds=True, public=True),
    AccountKind.POOL: KindRules(holds=True, public=True),
}
OVERDRAWING = tuple(kind.value for kind in AccountKind if RULES[kind].overdraws)
HOLDING = tuple(kind.value for kind in AccountKind if RULES[kind].holds)


def rules(kind: str) -> KindRules:
    """The rules of an account's kind."""
    return RULES[AccountKind(kind)]
