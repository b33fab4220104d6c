"""Opening a pool that pays other people's fees and deposits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, LimitReached
from competitions.models import Admission, Competition, Pool
from ledger.wallets import platform_asset

MAX_OPEN_POOLS = 20
MAX_LISTED = 1000
MAX_FIRST = 1_000_000


@dataclass(frozen=True)
class PoolSpec:
    """A pool as its owner describes it; caps in base units, 0 for none.

    Attributes:
        competition: the one it pays for; None for any.
        handles: whom it admits, for ``listed``.
        first: how many users, for ``first``.
    """

    title: str
    admits: str
    competition: Competition | None = None
    handles: Sequence[str] = ()
    first: int | None = None
    user_cap: int = 0
    day_cap: int = 0


@transaction.atomic
def open_pool(*, owner: User, spec: PoolSpec, now: datetime) -> Pool:
    """Open an empty pool; anyone may fund it.

    Raises:
        Invalid: the title, the admission or a cap breaks a rule.
        Conflict: the competition is over.
        LimitReached: the owner has too many open pools.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    _require_few(owner)
    admitted = _check(spec)
    pool = Pool.objects.create(
        owner=owner,
        title=spec.title.strip(),
        competition=spec.competition,
        asset_id=platform_asset().symbol,
        admits=spec.admits,
        first=spec.first,
        user_cap=spec.user_cap,
        day_cap=spec.day_cap,
        created_at=now,
    )
    Admission.objects.bulk_create(Admission(pool=pool, user=u) for u in admitted)
    return pool


def _require_few(owner: User) -> None:
    count = Pool.objects.filter(owner=owner).exclude(status=Pool.Status.CLOSED).count()
    if count >= MAX_OPEN_POOLS:
        raise LimitReached(
            "pool_limit",
            f"You have {count} open pools; {MAX_OPEN_POOLS} are possible.",
            fix="Close one that is not needed.",
        )


def _check(spec: PoolSpec) -> list[User]:
    if not 1 <= len(spec.title.strip()) <= 120:
        raise Invalid(
            "pool_title", "A pool has a title of 1 to 120 characters.", where="title"
        )
    if spec.competition is not None:
        _require_alive(spec.competition)
    _check_admission(spec)
    _check_caps(spec)
    return _people(spec.handles)


def _require_alive(competition: Competition) -> None:
    # Locked: its end closes the pools that there are then.
    found = Competition.objects.select_for_update(no_key=True).get(pk=competition.pk)
    if found.is_final:
        raise Conflict(
            "competition_status",
            f"{found.slug} is {found.status}; nobody submits to it any more.",
        )


def _check_admission(spec: PoolSpec) -> None:
    if spec.admits not in Pool.Admits.values:
        raise Invalid(
            "pool_admits",
            f"A pool cannot admit {spec.admits!r}.",
            fix=f"Use one of: {', '.join(Pool.Admits.values)}.",
            where="admits",
        )
    is_listed = spec.admits == Pool.Admits.LISTED
    if is_listed != bool(spec.handles) or len(spec.handles) > MAX_LISTED:
        raise Invalid(
            "pool_list",
            f"A pool with a list names 1 to {MAX_LISTED} handles; another names none.",
            where="handles",
        )
    is_first = spec.admits == Pool.Admits.FIRST
    if is_first != (spec.first is not None) or (
        spec.first is not None and not 1 <= spec.first <= MAX_FIRST
    ):
        raise Invalid(
            "pool_first",
            f"A pool for the first users says for how many, 1 to {MAX_FIRST}; another "
            "says nothing.",
            where="first",
        )


def _check_caps(spec: PoolSpec) -> None:
    for where in ("user_cap", "day_cap"):
        cap = getattr(spec, where)
        if not cap and spec.competition is None:
            raise Invalid(
                "pool_cap_missing",
                "A pool for any competition needs a cap by user and one by day: "
                "whoever holds a competition sets its fees.",
                fix="Give both caps, or name the one competition.",
                where=where,
            )


def _people(handles: Sequence[str]) -> list[User]:
    known = User.objects.in_bulk(list(set(handles)), field_name="username")
    missing = set(handles) - set(known)
    if missing:
        raise Invalid(
            "pool_handle_unknown",
            f"Nobody here has the handle {min(missing)}.",
            fix="Who is to be admitted signs up first.",
            where="handles",
        )
    return list(known.values())
