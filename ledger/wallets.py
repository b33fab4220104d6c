"""People's wallets in the platform's asset, and the development faucet."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User, owner_key_of
from assay.protocol.errors import Forbidden, Invalid, LimitReached
from assay.protocol.money import Asset, format_amount, parse_amount
from ledger import selectors, services, standing
from ledger.models import Account, AccountKind, Posting, Transfer

FAUCET_PERIOD = timedelta(days=1)


def platform_asset() -> Asset:
    """The asset in which this platform's stakes and royalties are paid."""
    return Asset(settings.ASSET_SYMBOL, settings.ASSET_DECIMALS)


def wallet(user: User) -> Account:
    """The person's wallet, opened when they have none."""
    return services.account(
        kind=AccountKind.WALLET,
        owner=user.owner_key,
        asset=platform_asset().symbol,
    )


def wallets(user_ids: Iterable[UUID]) -> dict[UUID, services.AccountRef]:
    """The wallets of many people by their id, in a fixed number of queries."""
    people = {owner_key_of(user_id): user_id for user_id in user_ids}
    symbol = platform_asset().symbol
    return {
        people[account.owner]: account
        for account in services.accounts(
            kind=AccountKind.WALLET, owners=list(people), asset=symbol
        )
    }


def lock_wallets(user_ids: Iterable[UUID]) -> None:
    """Lock the wallets of many people, in the order that all transfers share.

    For a transaction that posts several times: whoever it pays later is locked with
    whoever it pays first. It comes before any hot account.
    """
    standing.lock_plain(found.pk for found in wallets(user_ids).values())


def balance_of(user: User) -> int:
    """Base units in the person's wallet."""
    return selectors.balance(
        kind=AccountKind.WALLET, owner=user.owner_key, asset=platform_asset().symbol
    )


def position_of(user: User) -> selectors.Position:
    """How the person's wallet stands: all of it, and what holds keep."""
    return selectors.position(wallet(user))


@transaction.atomic
def faucet(*, user: User, amount: int, key: str, now: datetime) -> Transfer:
    """Give test tokens out of issuance; open only where a setting says so.

    Raises:
        Forbidden: there is no faucet here.
        Invalid: nothing was asked for.
        LimitReached: today's tokens were given out already.
    """
    if not settings.FAUCET:
        raise Forbidden(
            "faucet_closed",
            "There is no faucet on this platform.",
            fix="Ask its operators how tokens are brought in.",
        )
    if amount <= 0:
        raise Invalid("amount_not_positive", "Ask for more than 0.", where="amount")
    _check_daily_limit(wallet(user), amount=amount, key=key, now=now)
    return issue(
        user=user,
        amount=amount,
        caller=user.owner_key,
        key=key,
        kind="faucet",
        memo="Development faucet",
        now=now,
    )


@transaction.atomic
def issue(
    *,
    user: User,
    amount: int,
    caller: str,
    key: str,
    kind: str,
    memo: str,
    now: datetime,
) -> Transfer:
    """Bring new tokens into the book: out of issuance, into a person's wallet."""
    symbol = platform_asset().symbol
    source = services.account(kind=AccountKind.ISSUANCE, owner="platform", asset=symbol)
    return services.post(
        caller=caller,
        key=key,
        kind=kind,
        entries=[
            services.Entry(source, -amount),
            services.Entry(wallet(user), amount),
        ],
        reference=user.owner_key,
        memo=memo,
        now=now,
    )


def _check_daily_limit(
    target: Account, *, amount: int, key: str, now: datetime
) -> None:
    asset = platform_asset()
    limit = parse_amount(settings.FAUCET_DAILY_LIMIT, asset)
    # Requests of one person take turns, so that each sees what the others were given.
    Account.objects.select_for_update(no_key=True).get(pk=target.pk)
    recent = Posting.objects.filter(
        account=target,
        transfer__kind="faucet",
        transfer__recorded_at__gt=now - FAUCET_PERIOD,
    ).exclude(transfer__key=key)
    given = sum(recent.values_list("amount", flat=True))
    if given + amount > limit:
        raise LimitReached(
            "faucet_limit",
            f"The faucet gives {format_amount(limit, asset)} {asset.symbol} a day; "
            f"you had {format_amount(given, asset)}.",
            fix="Come back tomorrow.",
            retry_at=now + FAUCET_PERIOD,
        )
