"""The one place that reads the time; verbs take it as an argument."""

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

# SQLite's database is a file of this host, so its clock is this host's too.
READINGS = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
}


def now() -> datetime:
    """The present moment in UTC, by this host's clock."""
    return timezone.now()


def database_now() -> datetime:
    """The present moment in UTC by the database's clock, which all hosts share.

    Whatever is due at a moment (deadlines, challenge windows, leases) is compared
    with this one, so that a host whose clock is wrong can do nothing too early.
    """
    with connection.cursor() as cursor:
        cursor.execute(READINGS[connection.vendor])
        (moment,) = cursor.fetchone()
    if isinstance(moment, str):
        moment = parse_datetime(moment)
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)
