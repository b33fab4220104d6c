"""How accounts stand under their locks, and what a request moves on them.

A hot account is several rows (``Account``). A payment out of it takes from one stripe
that has enough, or from several when none has; only what all together lack is missing.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from assay.protocol.errors import Conflict, InsufficientFunds
from assay.protocol.money import MAX_UNITS, format_amount
from common.amounts import decode
from ledger.kinds import HOT, rules
from ledger.models import Asset
from ledger.requests import Entry, Request

COLUMNS = "id, coalesce(whole_id, id) AS whole, kind, asset_id, balance, held"
HOT_KINDS = ", ".join(f"'{kind}'" for kind in HOT)
PLAIN = f"""
    SELECT {COLUMNS} FROM ledger_account
    WHERE id {{among}} AND kind NOT IN ({HOT_KINDS}) ORDER BY id
"""  # noqa: S608 - names of ours
STRIPED = f"""
    SELECT {COLUMNS} FROM ledger_account
    WHERE (id {{among}} OR whole_id {{among}}) AND kind IN ({HOT_KINDS})
    ORDER BY whole, id
"""  # noqa: S608 - names of ours


@dataclass(slots=True)
class Standing:
    """One locked row of an account, and how it stands after what was moved so far."""

    pk: uuid.UUID
    kind: str
    asset: str
    balance: int
    held: int

    @property
    def free(self) -> int:
        """Base units that no hold keeps."""
        return self.balance - self.held


@dataclass(frozen=True, slots=True)
class Move:
    """What one row of an account takes part in: of request number ``part``."""

    part: int
    account: uuid.UUID
    amount: int
    after: int


Standings = dict[uuid.UUID, list[Standing]]
"""The locked stripes of each account, by the id of the whole."""


def lock(requests: Iterable[Request]) -> Standings:
    """The requests' accounts as they stand, locked in the order that all share.

    Plain accounts come first, by id; then the stripes of hot ones, account by account.
    """
    named = {
        entry.account.whole_pk: entry.account.kind
        for one in requests
        for entry in one.entries
    }
    plain = [whole for whole, kind in named.items() if not rules(kind).hot]
    standings = lock_accounts(plain, hot=False)
    hot = [whole for whole in named if whole not in standings]
    return standings | lock_accounts(hot, hot=True) if hot else standings


def lock_accounts(wholes: Sequence[uuid.UUID], *, hot: bool | None = None) -> Standings:
    """These accounts with all their stripes, locked.

    ``hot`` says that all of them are, or none; None that they may be mixed.
    """
    standings: Standings = {}
    if hot is not True:
        _read(standings, PLAIN, wholes)
    left = [whole for whole in wholes if whole not in standings]
    if left and hot is not False:
        _read(standings, STRIPED, left)
    return standings


def _read(standings: Standings, sql: str, wholes: Sequence[uuid.UUID]) -> None:
    lock = ""
    if connection.vendor == "sqlite":
        given: Any = json.dumps([whole.hex for whole in wholes])
        among = "IN (SELECT value FROM json_each(%(wholes)s))"
    else:
        # NO KEY: writers of postings only share a lock on the account's key.
        given, among, lock = list(wholes), "= ANY (%(wholes)s)", "FOR NO KEY UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql.format(among=among)} {lock}", {"wholes": given})
        # SQLite keeps ids as text: those that were asked for are known already.
        known: dict[Any, uuid.UUID] = {whole.hex: whole for whole in wholes}
        for pk, whole, kind, asset, balance, held in cursor.fetchall():
            row = Standing(
                known.get(pk) or _id(pk), kind, asset, _units(balance), _units(held)
            )
            standings.setdefault(known.get(whole) or _id(whole), []).append(row)


def _id(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _units(value: Decimal | str) -> int:
    return decode(value) if isinstance(value, str) else int(value)


def moves(standings: Standings, requests: Sequence[Request]) -> list[Move]:
    """What each request moves on which rows, in order; ``standings`` move along.

    Raises:
        InsufficientFunds: an account would go below what it may spend.
        Conflict: a balance would outgrow its bounds (``balance_too_large``).
    """
    return [
        move
        for part, request in enumerate(requests, start=1)
        for entry in request.entries
        for move in _moves_of(standings, part, request, entry)
    ]


def shared(
    stripes: Sequence[Standing],
    amount: int,
    *,
    needed: int,
    of: Sequence[Standing],
) -> list[tuple[Standing, int]]:
    """A negative amount over stripes, from those that have most.

    Raises:
        InsufficientFunds: they have less; ``needed`` and ``of`` say what of whom.
    """
    missing, taken = -amount, []
    for stripe in sorted(stripes, key=lambda one: one.free, reverse=True):
        part = min(stripe.free, missing)
        if part > 0:
            taken.append((stripe, -part))
            missing -= part
    if missing:
        raise _insufficient(of, needed)
    return taken


def lock_plain(accounts: Iterable[uuid.UUID]) -> None:
    """Lock those of the accounts that are not hot, in order."""
    lock_accounts(list(accounts), hot=False)


def _insufficient(stripes: Sequence[Standing], needed: int) -> InsufficientFunds:
    unit = Asset.objects.get(symbol=stripes[0].asset).unit
    kind, held = stripes[0].kind, sum(one.held for one in stripes)
    there, wanted = (
        format_amount(units, unit)
        for units in (sum(one.balance for one in stripes), needed)
    )
    of_it = f", {format_amount(held, unit)} of it held for other things" if held else ""
    return InsufficientFunds(
        "insufficient_funds",
        f"The {kind} holds {there} {unit.symbol}{of_it}, and {wanted} are needed.",
        fix="Bring in more, or ask for less.",
        where=kind,
    )


def _moves_of(
    standings: Standings, part: int, request: Request, entry: Entry
) -> list[Move]:
    stripes = standings[entry.account.whole_pk]
    if not request.is_spread(entry):
        stripes = [one for one in stripes if one.pk == entry.account.pk]
    amounts = _divided(stripes, entry.amount)
    for stripe, amount in amounts:
        stripe.balance += amount
        if abs(stripe.balance) > MAX_UNITS:
            raise Conflict(
                "balance_too_large",
                f"The {stripe.kind} cannot hold more {stripe.asset}.",
            )
    return [Move(part, one.pk, amount, one.balance) for one, amount in amounts]


def _divided(stripes: Sequence[Standing], amount: int) -> list[tuple[Standing, int]]:
    if len(stripes) == 1 and (amount > 0 or rules(stripes[0].kind).overdraws):
        return [(stripes[0], amount)]
    if amount > 0:
        return [(min(stripes, key=lambda one: one.balance), amount)]
    return shared(stripes, amount, needed=-amount, of=stripes)
