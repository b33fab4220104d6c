"""Pools that pay other people's fees and deposits: list, one, open, fund, close."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol.errors import Forbidden
from assay.protocol.money import format_amount
from common.clock import now
from competitions import permissions, pool_selectors, selectors
from competitions.services import paymaster, pooling
from ledger.selectors import funds_of
from ledger.services import AccountKind
from ledger.wallets import balance_of, platform_asset
from web.access import PersonRequest, person, public, viewer
from web.forms.pools import FundForm, PoolForm
from web.forms.sponsoring import ConfirmForm

PAGE_SIZE = 25


@public
@require_safe
def pool_list(request: HttpRequest) -> HttpResponse:
    """Pools that anyone may see, the newest first."""
    page = pool_selectors.visible_pools(
        cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    funds = funds_of(
        kind=AccountKind.POOL,
        owners=[pool.owner_key for pool in page.items],
        asset=platform_asset().symbol,
    )
    context = {
        "page": page,
        "entries": [(pool, funds[pool.owner_key][1]) for pool in page.items],
        "asset": platform_asset(),
    }
    return render(request, "web/pools/list.html", context)


@person
@require_http_methods(["GET", "POST"])
def open_pool(request: PersonRequest) -> HttpResponse:
    """Describe a pool; it is funded on its own page."""
    wanted = {"competition": request.GET.get("competition", "")}
    form = PoolForm.of(request, asset=platform_asset(), initial=wanted)
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        with form.refusing():
            competition = None
            if sent["competition"]:
                competition = selectors.competition_by_slug(
                    slug=sent["competition"], viewer=request.user
                )
            plain = ("title", "admits", "first", "user_cap", "day_cap")
            pool = pooling.open_pool(
                owner=request.user,
                spec=pooling.PoolSpec(
                    **{name: sent[name] for name in plain},
                    handles=form.handle_list,
                    competition=competition,
                ),
                now=now(),
            )
            messages.success(request, "The pool is open and empty: fund it now.")
            return redirect("pool", pool_id=pool.pk)
    return render(request, "web/pools/open.html", {"form": form}, status=form.status)


@public
@require_safe
def pool(request: HttpRequest, pool_id: str) -> HttpResponse:
    """Whom it pays for, what it has, and what it has paid."""
    person_or_none = viewer(request)
    found = pool_selectors.pool_by_id(pool_id=str(pool_id), viewer=person_or_none)
    key = found.owner_key
    balance, free = funds_of(kind=AccountKind.POOL, owners=[key], asset=found.asset_id)[
        key
    ]
    funded, admitted = pool_selectors.totals_of([found])[found.pk]
    context = {
        "pool": found,
        "asset": found.asset,
        "free": free,
        "held": balance - free,
        "funded": funded,
        "admitted": admitted,
        "fundings": found.fundings.select_related("funder")[:100],
        "may_close": permissions.can_close_pool(person_or_none, found),
        "page": pool_selectors.payments_of(
            found, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
        ),
    }
    return render(request, "web/pools/pool.html", context)


@person
@require_http_methods(["GET", "POST"])
def fund(request: PersonRequest, pool_id: str) -> HttpResponse:
    """Put tokens into the pool."""
    found = pool_selectors.pool_by_id(pool_id=str(pool_id), viewer=request.user)
    asset = platform_asset()
    form = FundForm.of(request, asset=asset)
    if form.is_bound and form.is_valid():
        amount = form.cleaned_data["amount"]
        with form.refusing():
            paymaster.fund(
                pool=found,
                funder=request.user,
                amount=amount,
                key=form.cleaned_data["key"],
                now=now(),
            )
            text = f"{format_amount(amount, asset)} {asset.symbol} are in the pool."
            messages.success(request, text)
            return redirect("pool", pool_id=found.pk)
    context = {"form": form, "pool": found, "asset": asset}
    context["balance"] = balance_of(request.user)
    return render(request, "web/pools/fund.html", context, status=form.status)


@person
@require_http_methods(["GET", "POST"])
def close(request: PersonRequest, pool_id: str) -> HttpResponse:
    """Ask, then close it."""
    found = pool_selectors.pool_by_id(pool_id=str(pool_id), viewer=request.user)
    if not permissions.can_close_pool(request.user, found):
        raise Forbidden(
            "not_the_pools_owner",
            f"Only {found.owner.username}, who opened this pool, closes it.",
        )
    form = ConfirmForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            paymaster.close(pool=found, actor=request.user, now=now())
            messages.success(request, "The pool pays for nobody any more.")
            return redirect("pool", pool_id=found.pk)
    context = {"form": form, "pool": found}
    return render(request, "web/pools/close.html", context, status=form.status)
