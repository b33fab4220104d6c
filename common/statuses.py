"""The one table from refusals to HTTP statuses, for every door that speaks HTTP."""

from collections.abc import Mapping

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

STATUS: Mapping[type[Refusal], int] = {
    Refusal: 400,
    Unauthenticated: 401,
    InsufficientFunds: 402,
    PaymentRequired: 402,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    LimitReached: 429,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of the nearest class in the table."""
    return next(STATUS[cls] for cls in type(refusal).__mro__ if cls in STATUS)
