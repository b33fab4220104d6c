"""Licence terms as values: what one work's licence lets others do, and at what price.

Source of the words: the Universal Data License (UDL) 0.1 and 0.2. A ``Terms`` that
exists is coherent: amounts are exact and within bounds, every grant uses only the
conditions that its right knows, and no two windows contradict each other by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from assay.protocol.errors import Invalid
from assay.protocol.terms.bounds import (
    check_amount,
    check_share,
    check_years,
    is_address,
    is_currency,
    is_transaction,
)
from assay.protocol.terms.vocabulary import (
    Condition,
    PaymentMode,
    Period,
    Right,
    Side,
)

V01: Final = "yRj4a5KMctX_uOmKWCFJIjmY8DeJcusVk6-HzLiM_t8"
V02: Final = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
V02_ARDRIVE: Final = "IVjAM1C3x3GFdc3t9EqMnbtGnpgTuJbaiYZa1lk09_8"
# Two different transactions are both called 0.2; both carry the same grammar.
VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {V01: "0.1", V02: "0.2", V02_ARDRIVE: "0.2"}
)

MAX_WINDOWS: Final = 32


CONDITIONS: Final[Mapping[Right, frozenset[Condition]]] = MappingProxyType(
    {
        Right.DERIVATION: frozenset(Condition),
        Right.COMMERCIAL_USE: frozenset(
            {
                Condition.DENIED,
                Condition.ALLOWED,
                Condition.CREDIT,
                Condition.REVENUE_SHARE,
                Condition.FEE,
            }
        ),
        Right.TRAINING: frozenset({Condition.DENIED, Condition.ALLOWED, Condition.FEE}),
    }
)


@dataclass(frozen=True, slots=True)
class Fee:
    """An exact amount of the terms' currency, greater than zero, and its period."""

    amount: Decimal
    period: Period

    def __post_init__(self) -> None:
        check_amount(self.amount)


@dataclass(frozen=True, slots=True)
class Grant:
    """One right: denied, or allowed on exactly one condition.

    ``fee`` is set exactly when the condition is FEE, ``share`` (percent, above 0, at
    most 100) exactly when it is REVENUE_SHARE.
    """

    condition: Condition
    fee: Fee | None = None
    share: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.fee is not None) != (self.condition is Condition.FEE):
            raise Invalid("terms_grant", "A fee belongs to a grant with a fee only.")
        if (self.share is not None) != (self.condition is Condition.REVENUE_SHARE):
            raise Invalid(
                "terms_grant", "A share belongs to a grant with a revenue share only."
            )
        if self.share is not None:
            check_share(self.share)

    @property
    def allowed(self) -> bool:
        """Whether the right is granted at all, perhaps for payment."""
        return self.condition is not Condition.DENIED


DENIED: Final = Grant(Condition.DENIED)
NONCOMMERCIAL: Final = Grant(Condition.NONCOMMERCIAL)
ALLOWED: Final = Grant(Condition.ALLOWED)
WITH_CREDIT: Final = Grant(Condition.CREDIT)
WITH_INDICATION: Final = Grant(Condition.INDICATION)
WITH_PASSTHROUGH: Final = Grant(Condition.PASSTHROUGH)


def for_fee(amount: Decimal, period: Period = Period.ONE_TIME) -> Grant:
    """A grant that costs ``amount``, once or every month."""
    return Grant(Condition.FEE, fee=Fee(amount, period))


def for_share(percent: Decimal) -> Grant:
    """A grant that costs ``percent`` of the revenue."""
    return Grant(Condition.REVENUE_SHARE, share=percent)


@dataclass(frozen=True, slots=True, order=True)
class WindowKey:
    """``After-2-Years-Derivation`` as (right, side, years)."""

    right: Right
    side: Side
    years: int

    def __post_init__(self) -> None:
        check_years(self.years)


@dataclass(frozen=True, slots=True)
class Window:
    """A grant that replaces the plain one before or after an anniversary."""

    key: WindowKey
    grant: Grant

    def __post_init__(self) -> None:
        if self.grant.condition is Condition.NONCOMMERCIAL:
            raise Invalid(
                "terms_windows", "A time window cannot say 'non-commercial only'."
            )
        check_condition(self.key.right, self.grant)


@dataclass(frozen=True, slots=True)
class Terms:
    """Canonical licence terms of one work.

    Attributes:
        licence: transaction id of the licence text; empty when none can be read. A
            licence outside ``VERSIONS`` is kept and grants nothing.
        restricted: the work is shown to those who paid only.
        access_fee: what reading the work costs.
        licence_fee: UDL 0.1's separate fee, owed for commercial use.
        windows: sorted by key, no key twice.
        expiry_years: full years after the terms were granted; None is unlimited.
        currency: symbol or token id; None means UDL's default, $U.
        payment_address: None means whoever signed the upload.

    Raises:
        Invalid: a code that starts with ``terms_`` when the values do not fit together.
    """

    licence: str = V02
    restricted: bool = False
    access_fee: Fee | None = None
    derivation: Grant = NONCOMMERCIAL
    commercial_use: Grant = DENIED
    training: Grant = DENIED
    licence_fee: Fee | None = None
    windows: tuple[Window, ...] = ()
    unknown_rights_excluded: bool = False
    expiry_years: int | None = None
    currency: str | None = None
    payment_address: str | None = None
    payment_mode: PaymentMode = PaymentMode.ADDRESS

    def __post_init__(self) -> None:
        self._check_texts()
        for right in Right:
            check_condition(right, self.grant(right))
        if self.expiry_years is not None:
            check_years(self.expiry_years)
        self._check_version()
        self._check_windows()
        self._check_fees()

    @property
    def version(self) -> str | None:
        """The UDL version, or None when the licence is not a known one."""
        return VERSIONS.get(self.licence)

    def grant(self, right: Right) -> Grant:
        """The plain grant of ``right``, without its time windows."""
        grants = {
            Right.DERIVATION: self.derivation,
            Right.COMMERCIAL_USE: self.commercial_use,
            Right.TRAINING: self.training,
        }
        return grants[right]

    def windows_of(self, right: Right) -> tuple[Window, ...]:
        """The time windows of ``right``, sorted."""
        return tuple(window for window in self.windows if window.key.right is right)

    def grants_of(self, right: Right) -> tuple[Grant, ...]:
        """Every grant that ``right`` has on some day."""
        return (
            self.grant(right),
            *(window.grant for window in self.windows_of(right)),
        )

    def _check_texts(self) -> None:
        if self.licence and not is_transaction(self.licence):
            raise Invalid("terms_licence", "A licence id has 43 characters of base64.")
        if self.currency is not None and not is_currency(self.currency):
            raise Invalid("terms_currency", "The currency is no symbol or token id.")
        if self.payment_address is not None and not is_address(self.payment_address):
            raise Invalid("terms_payment_address", "The payment address is no address.")

    def _check_version(self) -> None:
        if self.version == "0.2":
            return
        if self.derivation.condition is Condition.NONCOMMERCIAL:
            raise Invalid(
                "terms_version", "Only UDL 0.2 allows non-commercial derivation alone."
            )
        if self.version == "0.1" and (
            self.training.allowed or self.windows_of(Right.TRAINING)
        ):
            raise Invalid("terms_version", "UDL 0.1 knows no right to train models.")

    def _check_windows(self) -> None:
        keys = [window.key for window in self.windows]
        if keys != sorted(set(keys)):
            raise Invalid("terms_windows", "Time windows are sorted and not repeated.")
        if len(keys) > MAX_WINDOWS:
            raise Invalid("terms_windows", f"At most {MAX_WINDOWS} time windows.")

    def _check_fees(self) -> None:
        if self.licence_fee is None:
            return
        grants = self.grants_of(Right.COMMERCIAL_USE)
        if any(grant.condition is Condition.FEE for grant in grants):
            raise Invalid(
                "terms_two_fees", "Commercial use has a fee and a licence fee: say one."
            )


def default_derivation(licence: str) -> Grant:
    """What a missing ``Derivation`` tag means under ``licence``."""
    return NONCOMMERCIAL if VERSIONS.get(licence) == "0.2" else DENIED


def check_condition(right: Right, grant: Grant) -> None:
    """Raise Invalid ``terms_grant`` when ``right`` knows no such condition."""
    if grant.condition not in CONDITIONS[right]:
        raise Invalid("terms_grant", f"{right} cannot be granted as {grant.condition}.")
