"""From tags to terms: every dialect in circulation, and nothing granted by accident.

Reading never raises. What cannot be read becomes an error and closes the rights it
could have limited: an unreadable ``Access-Fee`` does not make access free.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assay.protocol.errors import Invalid
from assay.protocol.terms.closing import close
from assay.protocol.terms.diagnostics import Diagnostic, Severity
from assay.protocol.terms.model import (
    DENIED,
    VERSIONS,
    Fee,
    Grant,
    Terms,
    Window,
    WindowKey,
    default_derivation,
)
from assay.protocol.terms.names import Slot, Tag
from assay.protocol.terms.neighbours import narrow
from assay.protocol.terms.sheet import Sheet
from assay.protocol.terms.slots import fill_slots
from assay.protocol.terms.vocabulary import Condition, PaymentMode, Right

# What UDL 0.1 has no word for; ``Allowed`` is new for derivation only.
_NEWER_CONDITIONS: Final[Mapping[Right, frozenset[Condition]]] = {
    Right.DERIVATION: frozenset({Condition.ALLOWED, Condition.FEE}),
    Right.COMMERCIAL_USE: frozenset({Condition.REVENUE_SHARE, Condition.FEE}),
    Right.TRAINING: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What tags say, and what is to be said about them."""

    terms: Terms
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that closed something."""
        return tuple(
            remark for remark in self.diagnostics if remark.severity is Severity.ERROR
        )

    def checked(self) -> Terms:
        """The terms, when nothing was in error.

        Raises:
            Invalid: ``terms_<code>`` of the first error.
        """
        for remark in self.errors:
            raise Invalid(
                f"terms_{remark.code}",
                remark.sentence,
                fix="Correct the tag, or leave it out.",
                where=remark.tag,
            )
        return self.terms


class _Values:
    """The parsed value of each slot, typed where it is taken out."""

    def __init__(self, parsed: Mapping[Slot, Any]) -> None:
        self._parsed = parsed

    def text(self, tag: Tag) -> str | None:
        value: str | None = self._parsed.get(tag)
        return value

    def fee(self, tag: Tag) -> Fee | None:
        value: Fee | None = self._parsed.get(tag)
        return value

    def flag(self, tag: Tag) -> bool:
        return bool(self._parsed.get(tag, False))

    def years(self) -> int | None:
        value: int | None = self._parsed.get(Tag.EXPIRY)
        return value

    def grant(self, right: Right, default: Grant) -> Grant:
        value: Grant = self._parsed.get(Tag(right.value), default)
        return value

    def mode(self) -> PaymentMode:
        value: PaymentMode = self._parsed.get(Tag.PAYMENT_MODE, PaymentMode.ADDRESS)
        return value

    def windows(self) -> tuple[Window, ...]:
        keys = sorted(key for key in self._parsed if isinstance(key, WindowKey))
        return tuple(Window(key, self._parsed[key]) for key in keys)


def read_tags(tags: Mapping[str, str]) -> Reading:
    """Read UDL tags of version 0.1 or 0.2, in any case, canonical or Studio dialect.

    Tags that have nothing to do with licences are noted and ignored.
    """
    sheet = Sheet()
    filled = fill_slots(tags, sheet)
    terms = _assemble(_Values(filled.parsed), sheet)
    terms = narrow(terms, filled.beside, sheet)
    return Reading(close(terms, sheet.faults), tuple(sheet.remarks))


def _assemble(values: _Values, sheet: Sheet) -> Terms:
    licence = _licence(values, sheet)
    version = VERSIONS.get(licence)
    windows = values.windows()
    training = values.grant(Right.TRAINING, DENIED)
    if version == "0.1":
        training, windows = _without_training(training, windows, sheet)
    commercial = values.grant(Right.COMMERCIAL_USE, DENIED)
    terms = Terms(
        licence=licence,
        restricted=values.flag(Tag.ACCESS),
        access_fee=values.fee(Tag.ACCESS_FEE),
        derivation=values.grant(Right.DERIVATION, default_derivation(licence)),
        commercial_use=commercial,
        training=training,
        licence_fee=_licence_fee(values, commercial, windows, sheet),
        windows=windows,
        unknown_rights_excluded=values.flag(Tag.UNKNOWN_RIGHTS),
        expiry_years=values.years(),
        currency=values.text(Tag.CURRENCY),
        payment_address=values.text(Tag.PAYMENT_ADDRESS),
        payment_mode=values.mode(),
    )
    _remark_on_versions(terms, sheet)
    return terms


def _licence(values: _Values, sheet: Sheet) -> str:
    """The licence's id; a missing or foreign one is an error and grants nothing.

    The other tags keep what they say, so that they can be shown and written again.
    """
    licence = values.text(Tag.LICENSE) or ""
    if not licence and Tag.LICENSE not in sheet.faults:
        sentence = "There is no License tag, so nothing is licensed."
        sheet.error(None, "licence_missing", Tag.LICENSE, sentence)
    if licence and licence not in VERSIONS:
        sentence = "The License tag names a licence that is not the UDL."
        sheet.error(None, "licence_unknown", Tag.LICENSE, sentence)
    return licence


def _without_training(
    training: Grant, windows: tuple[Window, ...], sheet: Sheet
) -> tuple[Grant, tuple[Window, ...]]:
    kept = tuple(window for window in windows if window.key.right is not Right.TRAINING)
    if training.allowed or kept != windows:
        sentence = "UDL 0.1 knows no right to train models; it is not granted."
        said = f"{Right.TRAINING} = Disallowed"
        sheet.warn("not_in_version", Right.TRAINING, sentence, said)
    return DENIED, kept


def _licence_fee(
    values: _Values, commercial: Grant, windows: tuple[Window, ...], sheet: Sheet
) -> Fee | None:
    fee = values.fee(Tag.LICENSE_FEE)
    later = [w.grant for w in windows if w.key.right is Right.COMMERCIAL_USE]
    priced = [grant for grant in (commercial, *later) if grant.fee is not None]
    if fee is None or not priced:
        return fee
    if not later and commercial.fee == fee:
        sentence = "License-Fee repeats the fee of Commercial-Use; it is owed once."
        sheet.warn("fee_twice", Tag.LICENSE_FEE, sentence)
        return None
    sentence = "Commercial-Use has a fee of its own and License-Fee says another."
    sheet.error(Tag.LICENSE_FEE, "two_fees", Tag.LICENSE_FEE, sentence)
    return None


def _remark_on_versions(terms: Terms, sheet: Sheet) -> None:
    if terms.version == "0.2" and terms.licence_fee is not None:
        sentence = "License-Fee belongs to UDL 0.1; it is owed for commercial use."
        sheet.warn("older_tag", Tag.LICENSE_FEE, sentence)
    if terms.licence_fee is not None and not terms.commercial_use.allowed:
        sentence = "License-Fee allows nothing: Commercial-Use is not allowed."
        sheet.warn("fee_without_use", Tag.LICENSE_FEE, sentence)
    if terms.version != "0.1":
        return
    for right in Right:
        conditions = {grant.condition for grant in terms.grants_of(right)}
        if conditions & _NEWER_CONDITIONS[right]:
            sentence = f"{right} uses a value that UDL 0.2 brought; it is read as said."
            sheet.warn("newer_value", right, sentence)
