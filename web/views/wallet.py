"""Balance, statement, royalties and licences of the person."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol.money import format_amount
from common.clock import now
from competitions import pool_selectors
from ledger import selectors as ledger
from ledger import wallets
from royalties import selectors as royalties
from web.access import PersonRequest, person
from web.forms.wallet import FaucetForm

PAGE_SIZE = 25


def _frame(request: PersonRequest, tab: str) -> dict[str, Any]:
    return {
        "tab": tab,
        "asset": wallets.platform_asset(),
        "balance": wallets.balance_of(request.user),
    }


@person
@require_http_methods(["GET", "POST"])
def wallet(request: PersonRequest) -> HttpResponse:
    """The statement; where there is a faucet, a POST asks it."""
    asset = wallets.platform_asset()
    form = FaucetForm.of(request, asset=asset)
    if form.is_bound and form.is_valid():
        amount = form.cleaned_data["amount"]
        with form.refusing():
            wallets.faucet(
                user=request.user,
                amount=amount,
                key=form.cleaned_data["key"],
                now=now(),
            )
            text = f"The faucet gave {format_amount(amount, asset)} {asset.symbol}."
            messages.success(request, text)
            return redirect("wallet")
    context = _frame(request, "statement")
    cursor = request.GET.get("cursor", "")
    lines = ledger.statement(
        wallets.wallet(request.user),
        before_seq=int(cursor) if cursor.isdecimal() else None,
        limit=PAGE_SIZE,
    )
    full = len(lines) == PAGE_SIZE
    context |= {
        "form": form,
        "faucet": settings.FAUCET,
        "lines": lines,
        "page": {"next_cursor": lines[-1].transfer.seq if full else None},
    }
    return render(request, "web/wallet/statement.html", context, status=form.status)


@person
@require_safe
def received_royalties(request: PersonRequest) -> HttpResponse:
    """Each royalty that paid the person, with the whole split it came from."""
    context = _frame(request, "royalties")
    page = royalties.royalty_parts_of(
        request.user, cursor=request.GET.get("cursor"), limit=10
    )
    prefetch_related_objects(
        page.items, "royalty__parts__payee", "royalty__parts__model__owner"
    )
    context |= {"earnings": royalties.earnings(request.user), "page": page}
    return render(request, "web/wallet/royalties.html", context)


@person
@require_safe
def deposits(request: PersonRequest) -> HttpResponse:
    """Fees and deposits of the person's entries, and what became of them."""
    context = _frame(request, "deposits")
    context["page"] = pool_selectors.dues_of(
        request.user, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    return render(request, "web/wallet/deposits.html", context)


@person
@require_safe
def licences(request: PersonRequest) -> HttpResponse:
    """What the person has licensed."""
    context = _frame(request, "licences")
    context |= {
        "page": royalties.licences_of(
            request.user, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
        ),
        "now": now(),
    }
    return render(request, "web/wallet/licences.html", context)
