"""Links that the Hub's clients put the bytes of large files to."""

from dataclasses import asdict, dataclass
from datetime import datetime

from accounts.models import ApiToken, User
from doors import links
from storage.services import VALIDITY

KIND = "hub.upload"


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Lets whoever holds it send one part, or all (0), of one upload of a person's.

    It opens nothing once the token that it was made for is revoked.
    """

    upload: str
    sha256: str
    part: int = 0

    def sign(self, token: ApiToken) -> str:
        """The link's secret."""
        return links.sign(KIND, token, asdict(self))


def read_link(secret: str, *, now: datetime) -> tuple[UploadLink, User]:
    """What a link allows, and for whom.

    Raises:
        Unauthenticated: it is none of ours, too old, or its token was revoked.
    """
    values, caller = links.read(KIND, secret, valid=VALIDITY, now=now)
    return UploadLink(**values), caller.person
