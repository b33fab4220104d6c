"""Moments as people write them: ISO 8601 with a zone, or a time from now."""

import re
from datetime import UTC, datetime, timedelta

from assay.protocol.errors import Invalid

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FROM_NOW = re.compile(r"\+([0-9]{1,6})([smhd])")


def read_moment(given: object, *, now: datetime, where: str) -> datetime:
    """The moment that a text or a TOML time names.

    ``+90s``, ``+30m``, ``+2h`` and ``+7d`` count from ``now``.

    Raises:
        Invalid: ``moment_malformed`` or ``moment_without_zone``.
    """
    moment = given if isinstance(given, datetime) else _parse(str(given), now, where)
    if moment.tzinfo is None:
        raise Invalid(
            "moment_without_zone",
            f"{given} does not say in which time zone.",
            fix="Add it, such as 2030-05-01T12:00:00Z or +02:00.",
            where=where,
        )
    return moment.astimezone(UTC)


def _parse(text: str, now: datetime, where: str) -> datetime:
    away = FROM_NOW.fullmatch(text.strip())
    if away is not None:
        return now + timedelta(**{UNITS[away[2]]: int(away[1])})
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(
            "moment_malformed",
            f"{text!r} is no time.",
            fix="Write 2030-05-01T12:00:00Z, or from now: +90s, +30m, +2h, +7d.",
            where=where,
        ) from error
