"""Bugs of the book, each one function that is replaced; the machine must find them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from unittest.mock import patch

from ledger import holds, posting, standing, writing
from ledger.models import Hold

Patch = AbstractContextManager[object]
Mutant = Callable[[], Patch]


def key_ignored() -> Patch:
    """A repeated request is refused for its key instead of being answered."""
    return patch.object(posting, "_earlier", lambda requests: {})


def key_for_anything() -> Patch:
    """A key gives its transfer, whatever is asked under it."""

    def earlier(requests):
        asked = [(one.caller, one.key) for one in requests]
        return {(one.caller, one.key): one for one in writing.known(asked)}

    return patch.object(posting, "_earlier", earlier)


def self_transfer() -> Patch:
    """An account may take part twice, and the sum is not looked at."""
    return patch.object(posting, "_refuse_malformed", lambda request: None)


def lost_update() -> Patch:
    """Balances are read as they were before the transfers of the same batch."""
    real = standing.moves

    def moves(standings, requests):
        before = {row.pk: row.balance for rows in standings.values() for row in rows}
        made = []
        for request in requests:
            for rows in standings.values():
                for row in rows:
                    row.balance = before[row.pk]
            made += real(standings, [request])
        return made

    return patch.object(standing, "moves", moves)


def held_is_spent() -> Patch:
    """What holds keep can be paid away."""
    return patch.object(standing.Standing, "free", property(lambda row: row.balance))


def hold_not_released() -> Patch:
    """A released hold goes on keeping its amount."""
    return patch.object(holds, "_free", lambda hold: None)


def hold_not_taken() -> Patch:
    """A hold keeps nothing of its account."""
    return patch.object(
        holds,
        "_open",
        lambda request, stripe, *, expires_at, now: Hold.objects.create(
            account_id=stripe,
            amount=request.amount,
            caller=request.caller,
            key=request.key,
            request_digest=request.digest(),
            reference=request.reference,
            memo=request.memo,
            expires_at=expires_at,
            created_at=now,
        ),
    )


def captured_after_its_end() -> Patch:
    """A hold whose time is over, or that was released, can still be spent."""
    return patch.object(holds, "_refuse_ended", lambda hold, now: None)


def captured_without_bound() -> Patch:
    """More can be captured than is held."""
    real = holds._payees

    def payees(hold, into, entries_to, amount):
        if into is None:
            return tuple(entries_to)
        return real(hold, into, entries_to, min(amount or hold.amount, hold.amount))

    return patch.object(holds, "_payees", payees)


def reversed_twice() -> Patch:
    """Nothing asks whether a transfer was reversed before."""
    return patch.object(posting, "_refuse_second_reversal", lambda requests: None)


def expiry_forgets() -> Patch:
    """The clock ends no hold."""
    return patch.object(holds, "_close", lambda hold, status, now: True)


MUTANTS: Mapping[str, Mutant] = {
    "key ignored": key_ignored,
    "key for anything": key_for_anything,
    "self-transfer": self_transfer,
    "lost update": lost_update,
    "held is spent": held_is_spent,
    "hold not released": hold_not_released,
    "hold not taken": hold_not_taken,
    "captured after its end": captured_after_its_end,
    "captured without bound": captured_without_bound,
    "reversed twice": reversed_twice,
    "expiry forgets": expiry_forgets,
}
