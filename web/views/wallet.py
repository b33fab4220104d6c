"""Balance, statement, royalties and licences of the person."""

import re
from datetime import UTC
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol.errors import NotFound
from assay.protocol.money import format_amount
from common.clock import now
from competitions import pool_selectors
from competitions.causes import pages_of
from ledger import selectors as ledger
from ledger import statements, wallets
from ledger.statements import Period
from royalties import selectors as royalties
from web import exports
from web.access import PersonRequest, person
from web.forms.wallet import FaucetForm
from web.views.income import frame

PAGE_SIZE = 25
SEQ = re.compile(r"[0-9]{1,18}")


def _period(request: HttpRequest) -> Period:
    """The period that the address asks for."""
    return statements.read_period(
        request.GET.get("from", ""), request.GET.get("to", "")
    )


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
    context = frame(request, "statement")
    context |= {"form": form, "faucet": settings.FAUCET, **_statement(request)}
    return render(request, "web/wallet/statement.html", context, status=form.status)


def _statement(request: PersonRequest) -> dict[str, Any]:
    account = wallets.wallet(request.user)
    period = _period(request)
    cursor = request.GET.get("cursor", "")
    lines = statements.lines(
        account,
        before_seq=int(cursor) if SEQ.fullmatch(cursor) else None,
        limit=PAGE_SIZE,
        period=period,
    )
    pages = pages_of(line.transfer.reference for line in lines)
    full = len(lines) == PAGE_SIZE
    return {
        "lines": [(line, pages.get(line.transfer.reference)) for line in lines],
        "page": {"next_cursor": lines[-1].transfer.seq if full else None},
        "period": {name: request.GET.get(name, "") for name in ("from", "to")},
        "totals": statements.totals(account, period),
        "holds": ledger.open_holds(account),
    }


@person
@require_safe
def statement_file(request: PersonRequest, form: str) -> StreamingHttpResponse:
    """A period's whole statement as a file, sent while it is read."""
    if form not in exports.TYPES:
        raise NotFound("statement_form", f"Statements are no {form} files.")
    account, period = wallets.wallet(request.user), _period(request)
    rows = (
        {
            "at": line.transfer.recorded_at.astimezone(UTC).isoformat(),
            "kind": line.transfer.kind,
            "memo": line.transfer.memo,
            "reference": line.transfer.reference,
            "amount": format_amount(line.amount, wallets.platform_asset()),
            "running": format_amount(line.running, wallets.platform_asset()),
            "asset": account.asset_id,
            "transfer": str(line.transfer.id),
        }
        for line in statements.walk(account, period)
    )
    content = exports.csv_lines(rows) if form == "csv" else exports.json_lines(rows)
    return StreamingHttpResponse(
        content,
        content_type=exports.TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="statement.{form}"'},
    )


@person
@require_safe
def deposits(request: PersonRequest) -> HttpResponse:
    """Fees and deposits of the person's entries, and what became of them."""
    context = frame(request, "deposits")
    context["page"] = pool_selectors.dues_of(
        request.user, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    return render(request, "web/wallet/deposits.html", context)


@person
@require_safe
def licences(request: PersonRequest) -> HttpResponse:
    """What the person has licensed."""
    context = frame(request, "licences")
    context |= {
        "page": royalties.licences_of(
            request.user, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
        ),
        "notices": royalties.notices_of(request.user, limit=10).items,
        "now": now(),
    }
    return render(request, "web/wallet/licences.html", context)
