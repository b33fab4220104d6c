"""A stake that its staker takes back before the opening."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assay.protocol.errors import Forbidden
from assay.protocol.money import format_amount
from competitions import selectors
from competitions.permissions import can_withdraw
from competitions.services import withdrawing
from web.access import PersonRequest, person
from web.forms.sponsoring import ConfirmForm
from web.views.competitions import frame


@person
@require_http_methods(["GET", "POST"])
def withdraw(request: PersonRequest, slug: str, stake_id: UUID) -> HttpResponse:
    """Say what comes back, and give it back."""
    context = frame(request, slug, "stakes")
    competition, asset = context["competition"], context["asset"].unit
    stake = selectors.stake_of(competition=competition, stake_id=str(stake_id))
    if not can_withdraw(request.user, stake):
        raise Forbidden("not_your_stake", "Only who made a stake takes it back.")
    form = ConfirmForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            made = withdrawing.withdraw_stake(
                stake=stake, actor=request.user, now=context["now"]
            )
            back = f"{format_amount(made.returned, asset)} {asset.symbol}"
            messages.success(request, f"{back} are back in your wallet.")
            return redirect("competition-stakes", slug=slug)
    context |= {
        "form": form,
        "stake": stake,
        "comes_back": withdrawing.comes_back(stake),
    }
    return render(
        request, "web/competitions/withdraw.html", context, status=form.status
    )
