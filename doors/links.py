"""Links that clients follow without showing their token; each is for one thing."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing

from accounts.models import ApiToken
from assay.protocol.errors import Unauthenticated
from doors.access import Access, Caller, admit


def sign(kind: str, token: ApiToken | None, values: dict[str, Any]) -> str:
    """A secret that can stand in an address, for whoever showed ``token``."""
    who = str(token.pk) if token else ""
    return signing.dumps({**values, "token": who}, salt=f"doors.{kind}")


def read(
    kind: str, secret: str, *, valid: timedelta, now: datetime
) -> tuple[dict[str, Any], Caller]:
    """What a link says, and whoever it was made for; nobody for nobody's.

    Raises:
        Unauthenticated: it is none of ours or of another kind, older than ``valid``,
            or its token was revoked.
    """
    try:
        values = signing.loads(secret, salt=f"doors.{kind}", max_age=valid)
        who = values.pop("token")
        if not who:
            return values, Caller()
        token = ApiToken.objects.select_related("user").get(pk=who)
    except (signing.BadSignature, ApiToken.DoesNotExist) as error:
        raise _shut() from error
    if not token.is_live(now):
        raise _shut()
    return values, admit(token, Access.PERSON)


def _shut() -> Unauthenticated:
    return Unauthenticated(
        "link_invalid",
        "This link is no longer valid.",
        fix="Run the command again; files that arrived whole are not sent twice.",
    )
