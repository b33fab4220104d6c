"""Any terms that can exist."""

from decimal import Decimal

from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    V01,
    V02,
    V02_ARDRIVE,
    Condition,
    Fee,
    Grant,
    PaymentMode,
    Period,
    Right,
    Side,
    Terms,
    Window,
    WindowKey,
)
from assay.protocol.terms.model import CONDITIONS

amounts = st.builds(
    lambda units, decimals: Decimal(units).scaleb(-decimals),
    st.integers(1, 10**27),
    st.integers(0, 24),
)
shares = st.builds(
    lambda millionths: Decimal(millionths).scaleb(-6), st.integers(1, 100_000_000)
)
fees = st.builds(Fee, amounts, st.sampled_from(Period))
years = st.integers(1, 40)
words = st.text("ABCxyz019-_", min_size=1, max_size=43)
transactions = st.text("ABCxyz019-_", min_size=43, max_size=43)


def grants(right, *, window=False):
    conditions = set(CONDITIONS[right]) - (
        {Condition.NONCOMMERCIAL} if window else set()
    )
    return st.sampled_from(sorted(conditions)).flatmap(_grant)


def _grant(condition):
    if condition is Condition.FEE:
        return st.builds(Grant, st.just(condition), fee=fees)
    if condition is Condition.REVENUE_SHARE:
        return st.builds(Grant, st.just(condition), share=shares)
    return st.just(Grant(condition))


def _window(right):
    keys = st.builds(WindowKey, st.just(right), st.sampled_from(Side), years)
    return st.builds(Window, keys, grants(right, window=True))


windows = st.lists(
    st.sampled_from(Right).flatmap(_window), max_size=4, unique_by=lambda w: w.key
).map(lambda found: tuple(sorted(found, key=lambda w: w.key)))


@st.composite
def terms(draw):
    """Terms of any licence; combinations that cannot exist are drawn again."""
    try:
        return Terms(
            licence=draw(st.sampled_from([V01, V02, V02_ARDRIVE, "", "x" * 43])),
            restricted=draw(st.booleans()),
            access_fee=draw(st.none() | fees),
            derivation=draw(grants(Right.DERIVATION)),
            commercial_use=draw(grants(Right.COMMERCIAL_USE)),
            training=draw(grants(Right.TRAINING)),
            licence_fee=draw(st.none() | fees),
            windows=draw(st.just(()) | windows),
            unknown_rights_excluded=draw(st.booleans()),
            expiry_years=draw(st.none() | years),
            currency=draw(st.none() | words.filter(lambda word: word != "Arweave")),
            payment_address=draw(st.none() | words),
            payment_mode=draw(st.sampled_from(PaymentMode)),
        )
    except Invalid:
        return draw(st.nothing())
