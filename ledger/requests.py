"""What is asked of the book, and the digest that binds a key to it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.protocol.canonical import Json, plain_digest
from assay.protocol.errors import Conflict, Invalid
from ledger.kinds import rules
from ledger.models import Account, Transfer


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by what postings need of it: thousands of rows would take long.

    Never a stripe, so that ``whole_pk`` is its own id.
    """

    id: uuid.UUID
    kind: str
    owner: str
    asset_id: str

    @property
    def pk(self) -> uuid.UUID:
        """The id, as a row calls it."""
        return self.id

    @property
    def whole_pk(self) -> uuid.UUID:
        """The id by which the account is meant."""
        return self.id


@dataclass(frozen=True, slots=True)
class Entry:
    """One account's part: positive base units go in, negative go out."""

    account: Account | AccountRef
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller wants recorded; all of it but the time is under the digest.

    ``pinned`` names a stripe that is meant itself, not as a part of its account.
    """

    caller: str
    key: str
    kind: str
    entries: tuple[Entry, ...]
    reference: str
    memo: str
    recorded_at: datetime
    reverses: Transfer | None = None
    pinned: uuid.UUID | None = None

    def digest(self) -> str:
        """The same for the same content, whatever the order of the entries."""
        return request_digest(
            kind=self.kind,
            amounts={e.account.whole_pk: e.amount for e in self.entries},
            reference=self.reference,
            memo=self.memo,
            reverses=self.reverses.pk if self.reverses else None,
        )

    def is_spread(self, entry: Entry) -> bool:
        """Whether any stripe of the entry's account will do."""
        account = entry.account
        return account.id != self.pinned and rules(account.kind).hot


def request_digest(
    *,
    kind: str,
    amounts: Mapping[uuid.UUID, int],
    reference: str,
    memo: str,
    reverses: uuid.UUID | None,
) -> str:
    """SHA-256 of a transfer's content; ``amounts`` maps accounts to base units.

    It is ``assay.protocol.canonical.digest`` of it.
    """
    content: Json = {
        "kind": kind,
        "amounts": {str(account): str(units) for account, units in amounts.items()},
        "reference": reference,
        "memo": memo,
        "reverses": str(reverses) if reverses else None,
    }
    return plain_digest(content)


def refuse_key(key: str) -> None:
    """Refuse an idempotency key that is empty or too long."""
    if not 0 < len(key) <= 200:
        raise Invalid(
            "transfer_key_length",
            f"The idempotency key has {len(key)} characters; 1 to 200 work.",
            where="key",
        )


def reused(sentence: str) -> Conflict:
    """The refusal of a key that named something else before; the sentence says what."""
    return Conflict(
        "idempotency_key_reused",
        sentence,
        fix="Send a new key with a new request.",
        where="key",
    )
