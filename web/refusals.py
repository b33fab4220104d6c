"""How a refusal reaches a person: its status, and a page when no form can show it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import http_date

from assay.protocol.errors import (
    Conflict,
    Forbidden,
    InsufficientFunds,
    Invalid,
    LimitReached,
    NotFound,
    PaymentRequired,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

# From the special to the general: the first class that fits decides.
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (TooLarge, 413),
    (Invalid, 422),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (InsufficientFunds, 402),
    (PaymentRequired, 402),
    (Conflict, 409),
    (LimitReached, 429),
    (Unavailable, 503),
)
TITLES = {
    401: "Please log in",
    403: "This is not open to you",
    404: "There is no such page",
    409: "That cannot be done now",
    429: "Not yet",
    503: "A part of the platform is not available",
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of this kind of refusal."""
    return next((s for kind, s in STATUSES if isinstance(refusal, kind)), 400)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page with the refusal's sentence, its fix and a way back."""
    status = status_of(refusal)
    title = TITLES.get(status, "That was refused")
    context = {"refusal": refusal, "title": title}
    response = render(request, "web/refused.html", context, status=status)
    if isinstance(refusal, LimitReached) and refusal.retry_at is not None:
        response["Retry-After"] = http_date(refusal.retry_at.timestamp())
    return response
