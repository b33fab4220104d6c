"""The chain over all transfers: whoever kept a head can tell that the past stands.

Sealing appends one link for each transfer. Its digest binds every column of the
transfer and its postings, and what the accounts are; its head binds it to all links
before it (``assay.protocol.journal``).
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef

from assay.protocol.canonical import plain_digest
from assay.protocol.journal import GENESIS, link
from ledger.models import ChainLink, Posting, Sealing, Transfer

BATCH = 500
COLUMNS = (
    "id",
    "seq",
    "caller",
    "key",
    "request_digest",
    "kind",
    "reference",
    "memo",
    "reverses_id",
    "recorded_at",
)
POSTING = (
    "transfer_id",
    "id",
    "account_id",
    "account__owner",
    "account__kind",
    "account__asset_id",
    "account__stripe",
    "amount",
    "balance_after",
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link, for publishing: compare it later with the chain of that day."""

    number: int
    head: str
    transfer: uuid.UUID | None


def head() -> Head:
    """The chain's head; number 0 when nothing was sealed yet."""
    newest = ChainLink.objects.order_by("number").last()
    if newest is None:
        return Head(0, GENESIS, None)
    return Head(newest.number, newest.head, newest.transfer_id)


def seal() -> int:
    """Append a link for every transfer that has none; returns how many.

    Only one sealer works at a time: another that comes meanwhile does nothing.
    """
    sealed = 0
    while True:
        appended = _seal_batch()
        sealed += appended
        if appended < BATCH:
            return sealed


def digests(transfers: Sequence[Transfer]) -> list[str]:
    """The digest of each transfer's content as the tables have it."""
    parts: dict[uuid.UUID, list[list[Any]]] = {one.pk: [] for one in transfers}
    rows = Posting.objects.filter(transfer__in=list(parts)).order_by("id")
    for transfer, number, account, *rest, amount, after in rows.values_list(*POSTING):
        parts[transfer].append([number, str(account), *rest, str(amount), str(after)])
    return [_digest(one, parts[one.pk]) for one in transfers]


def breaches(*, since: int) -> Iterator[str]:
    """What does not fit the chain, each named by its transfer.

    ``since`` leaves out transfers with a lower ``seq``, and trusts the head before.
    """
    first = _first_number(since)
    before = _head_before(first)
    expected = first
    links = ChainLink.objects.filter(number__gte=first).iterator(chunk_size=BATCH)
    while page := list(islice(links, BATCH)):
        for one, found in zip(page, _found(page), strict=True):
            if one.number != expected:
                yield f"{one.transfer_id} (a link before it is missing)"
            elif _link(before, one.number, one.digest) != one.head:
                yield f"{one.transfer_id} (wrong head)"
            if found != one.digest:
                yield f"{one.transfer_id} ({'altered' if found else 'deleted'})"
            expected, before = one.number + 1, one.head
    floor = Sealing.objects.values_list("floor", flat=True).first() or 0
    for transfer in _unsealed(since - 1).filter(seq__lte=floor):
        yield f"{transfer.pk} (no link)"


def _first_number(since: int) -> int:
    if not since:
        return 1
    links = ChainLink.objects.filter(transfer__seq__gte=since)
    found: int | None = links.aggregate(first=Min("number"))["first"]
    return found or head().number + 1


def _head_before(number: int) -> str:
    rows = ChainLink.objects.filter(number=number - 1)
    return rows.values_list("head", flat=True).first() or GENESIS


def _found(links: Iterable[ChainLink]) -> list[str]:
    """Each link's transfer as it stands, digested; empty where there is none."""
    ids = [one.transfer_id for one in links]
    transfers = list(Transfer.objects.filter(pk__in=ids))
    by_id = dict(zip((one.pk for one in transfers), digests(transfers), strict=True))
    return [by_id.get(one, "") for one in ids]


@transaction.atomic
def _seal_batch() -> int:
    Sealing.objects.get_or_create(pk=1)
    sealing = Sealing.objects.select_for_update(skip_locked=True).first()
    if sealing is None:
        return 0
    oldest, _ = _running()
    transfers = list(_unsealed(sealing.floor).order_by("seq")[:BATCH])
    _append(transfers)
    if len(transfers) < BATCH:
        _raise_floor(sealing, oldest)
    return len(transfers)


def _append(transfers: Sequence[Transfer]) -> None:
    last = head()
    before, links = last.head, []
    for number, (transfer, digest) in enumerate(
        zip(transfers, digests(transfers), strict=True), start=last.number + 1
    ):
        before = _link(before, number, digest)
        links.append(
            ChainLink(number=number, transfer=transfer, digest=digest, head=before)
        )
    ChainLink.objects.bulk_create(links)


def _unsealed(above: int) -> Any:
    linked = ChainLink.objects.filter(transfer=OuterRef("pk"))
    return Transfer.objects.filter(~Exists(linked), seq__gt=above)


def _running() -> tuple[int, int]:
    """The oldest transaction that runs, and the next to begin; both 0 on SQLite."""
    if connection.vendor == "sqlite":
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(now)::text::bigint,"
            " pg_snapshot_xmax(now)::text::bigint FROM pg_current_snapshot() AS now"
        )
        oldest, following = cursor.fetchone()
    return oldest, following


def _raise_floor(sealing: Sealing, oldest: int) -> None:
    """A ``seq`` is drawn by a transaction that has locked something before.

    So whoever can still commit one up to the candidate ran when that was the newest.
    A candidate from the future comes from a copy: all its transactions have ended.
    """
    if (
        connection.vendor == "postgresql"
        and oldest < sealing.candidate_xid <= _running()[1]
    ):
        return
    newest = Transfer.objects.aggregate(newest=Max("seq"))["newest"] or 0
    _, next_xid = _running()  # only now: who began since may draw what is newer
    on_sqlite = connection.vendor == "sqlite"
    Sealing.objects.filter(pk=sealing.pk).update(
        floor=newest if on_sqlite else sealing.candidate,
        candidate=newest,
        candidate_xid=next_xid,
    )


def _link(before: str, number: int, digest: str) -> str:
    return link(before, {"number": number, "digest": digest})


def _digest(transfer: Transfer, postings: list[list[Any]]) -> str:
    content: dict[str, Any] = {
        name: _plain(getattr(transfer, name)) for name in COLUMNS
    }
    return plain_digest({**content, "postings": postings})


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, uuid.UUID) else value
