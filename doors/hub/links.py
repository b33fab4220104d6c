"""Links that the Hub's clients put bytes to without showing their token."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core import signing

from accounts.models import ApiToken, User
from assay.protocol.errors import Unauthenticated
from doors.access import Access, admit
from storage.services import VALIDITY

SALT = "doors.hub.links"


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Lets whoever holds it send one part, or all (0), of one upload of a person's.

    It opens nothing once the token that it was made for is revoked.
    """

    token: str
    upload: str
    sha256: str
    part: int = 0

    def sign(self) -> str:
        """The link's secret, which can stand in an address."""
        return signing.dumps(asdict(self), salt=SALT)


def read_link(secret: str, *, now: datetime) -> tuple[UploadLink, User]:
    """What a link allows, and for whom.

    Raises:
        Unauthenticated: it is none of ours, too old, or its token was revoked.
    """
    try:
        link = UploadLink(**signing.loads(secret, salt=SALT, max_age=VALIDITY))
        token = ApiToken.objects.select_related("user").get(pk=link.token)
    except (signing.BadSignature, ApiToken.DoesNotExist) as error:
        raise _shut() from error
    if not token.is_live(now):
        raise _shut()
    return link, admit(token, Access.PERSON).person


def _shut() -> Unauthenticated:
    return Unauthenticated(
        "link_invalid",
        "This link to send a file is no longer valid.",
        fix="Run the command again; files that arrived whole are not sent twice.",
    )
