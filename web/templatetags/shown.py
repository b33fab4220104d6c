"""Numbers, times and digests as people read them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assay.protocol import money

register = template.Library()
MINUS, DASH, THIN = "\N{MINUS SIGN}", "\N{EN DASH}", "\N{NARROW NO-BREAK SPACE}"


class HasDecimals(Protocol):
    """An asset of the protocol or of the ledger."""

    symbol: str
    decimals: int


@register.simple_tag
def amount(units: int, asset: HasDecimals, *, signed: bool = False) -> SafeString:
    """Exact decimal with the asset's symbol; ``signed`` also writes a plus."""
    text = plain_amount(units, asset)
    sign = "+" if signed and units > 0 else ""
    return format_html(
        '<span class="amount">{}{} <span class="unit">{}</span></span>',
        sign,
        text.replace("-", MINUS),
        asset.symbol,
    )


@register.simple_tag
def plain_amount(units: int, asset: HasDecimals) -> str:
    """Exact decimal without the symbol."""
    return money.format_amount(units, money.Asset(asset.symbol, asset.decimals))


@register.filter
def moment(at: datetime | str | None) -> SafeString:
    """A time in UTC to the minute, machine-readable to the second."""
    if isinstance(at, str):  # as histories write it
        at = datetime.fromisoformat(at)
    if at is None:
        return SafeString(DASH)
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}{}UTC</time>',
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        utc.strftime("%Y-%m-%d %H:%M:%S UTC"),
        utc.strftime("%-d %b %Y, %H:%M"),
        "\N{NO-BREAK SPACE}",
    )


@register.filter
def score(value: float | None) -> str:
    """A score between 0 and 1 in percent, two digits after the point."""
    return DASH if value is None else f"{value * 100:.2f}".replace("-", MINUS)


@register.filter
def seconds(value: float | timedelta | str | None) -> str:
    """A duration, as fine as one cares about at its length; a dash when unknown."""
    if value is None or isinstance(value, str):
        return DASH
    if isinstance(value, float | int) and value < 60:
        return f"{value:.1f}{THIN}s"
    total = value.total_seconds() if isinstance(value, timedelta) else value
    minutes, rest = divmod(round(total), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = {"d": days, "h": hours, "min": minutes, "s": rest}
    shown = [f"{count}{THIN}{unit}" for unit, count in parts.items() if count]
    return " ".join(shown[:2]) or f"0{THIN}s"


@register.filter
def digest(sha256: str) -> SafeString:
    """First six and last four hex digits; the whole as its title."""
    if not sha256:
        return SafeString(DASH)
    return format_html(
        '<code class="digest" title="{}">{}…{}</code>', sha256, sha256[:6], sha256[-4:]
    )


@register.filter
def octets(size: int) -> str:
    """Bytes in the unit that suits them."""
    return filesizeformat(size)


@register.filter
def fact(value: object) -> str:
    """A fact of a history: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def words(code: str) -> str:
    """A code such as ``winner_takes_all`` in words."""
    return code.replace("_", " ").replace("-", " ")
