"""Closing what could not be read: the narrow side of every doubt."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Final

from assay.protocol.terms.model import DENIED, Grant, Terms, Window
from assay.protocol.terms.names import Tag
from assay.protocol.terms.vocabulary import Condition, Right

_PRICED: Final = frozenset({Condition.FEE, Condition.REVENUE_SHARE})


def close(terms: Terms, faults: Set[Tag]) -> Terms:
    """``terms`` without anything that the unreadable tags could have limited."""
    for tag in sorted(faults):
        terms = _CLOSERS[tag](terms)
    return terms


def _close_everything(terms: Terms) -> Terms:
    return replace(
        terms, licence="", derivation=DENIED, commercial_use=DENIED, training=DENIED
    )


def _close_access(terms: Terms) -> Terms:
    return replace(terms, restricted=True, access_fee=None)


def _close_derivation(terms: Terms) -> Terms:
    return replace(terms, derivation=DENIED, windows=_without(terms, Right.DERIVATION))


def _close_commercial_use(terms: Terms) -> Terms:
    return replace(
        terms,
        commercial_use=DENIED,
        licence_fee=None,
        windows=_without(terms, Right.COMMERCIAL_USE),
    )


def _close_training(terms: Terms) -> Terms:
    return replace(terms, training=DENIED, windows=_without(terms, Right.TRAINING))


def _exclude_unknown_rights(terms: Terms) -> Terms:
    return replace(terms, unknown_rights_excluded=True)


def _close_what_costs(terms: Terms) -> Terms:
    """Whom or in what to pay is unknown, so whatever costs cannot be had."""
    if terms.access_fee is not None:
        terms = _close_access(terms)
    if terms.licence_fee is not None:
        terms = _close_commercial_use(terms)
    return replace(
        terms,
        derivation=_unpriced(terms.derivation),
        commercial_use=_unpriced(terms.commercial_use),
        training=_unpriced(terms.training),
        windows=tuple(
            Window(window.key, _unpriced(window.grant)) for window in terms.windows
        ),
    )


def _unpriced(grant: Grant) -> Grant:
    return DENIED if grant.condition in _PRICED else grant


def _without(terms: Terms, right: Right) -> tuple[Window, ...]:
    return tuple(window for window in terms.windows if window.key.right is not right)


_CLOSERS: Final[Mapping[Tag, Callable[[Terms], Terms]]] = {
    Tag.LICENSE: _close_everything,
    Tag.ACCESS: _close_access,
    Tag.ACCESS_FEE: _close_access,
    Tag.DERIVATION: _close_derivation,
    Tag.COMMERCIAL_USE: _close_commercial_use,
    Tag.TRAINING: _close_training,
    Tag.LICENSE_FEE: _close_commercial_use,
    Tag.UNKNOWN_RIGHTS: _exclude_unknown_rights,
    # A term whose end is unknown may have ended already.
    Tag.EXPIRY: _close_everything,
    Tag.CURRENCY: _close_what_costs,
    Tag.PAYMENT_ADDRESS: _close_what_costs,
    Tag.PAYMENT_MODE: _close_what_costs,
}
