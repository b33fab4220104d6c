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
    set aside by ``ledger.holds``. ``public``: strangers may see it. ``hot``: many pay
    in or out at once, so it is opened in stripes where the database can use them.
    """

    overdraws: bool = False
    holds: bool = False
    public: bool = False
    hot: bool = False


RULES: Mapping[AccountKind, KindRules] = {
    AccountKind.WALLET: KindRules(holds=True),
    AccountKind.ESCROW: KindRules(holds=True, public=True, hot=True),
    AccountKind.DEPOSIT: KindRules(holds=True),
    AccountKind.FEES: KindRules(hot=True),
    AccountKind.ISSUANCE: KindRules(overdraws=True, public=True),
    AccountKind.BUDGET: KindRules(holds=True, public=True, hot=True),
    AccountKind.POOL: KindRules(holds=True, public=True, hot=True),
}
OVERDRAWING = tuple(kind.value for kind in AccountKind if RULES[kind].overdraws)
HOLDING = tuple(kind.value for kind in AccountKind if RULES[kind].holds)
_BY_VALUE = {kind.value: rules for kind, rules in RULES.items()}
HOT = tuple(kind.value for kind in AccountKind if RULES[kind].hot)


def rules(kind: str) -> KindRules:
    """The rules of an account's kind."""
    return _BY_VALUE[kind]
