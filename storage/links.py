"""Addresses that let whoever has them do one thing for a while, without a token."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.core import signing

from assay.protocol.errors import Unauthenticated

SALT = "storage.links"
LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PartLink:
    """Takes one part of one upload, if its bytes have this digest.

    ``token`` is the id of the API token that asked for it, empty for a session: the
    link shuts with it.
    """

    user: str
    token: str
    upload: str
    number: int
    sha256: str

    def sign(self) -> str:
        """The link's secret, which can stand in an address."""
        return signing.dumps(asdict(self), salt=SALT)


def read_part_link(secret: str) -> PartLink:
    """What a link allows.

    Raises:
        Unauthenticated: it is none of ours, or too old.
    """
    try:
        return PartLink(**signing.loads(secret, salt=SALT, max_age=LIFE))
    except (signing.BadSignature, TypeError) as error:
        raise link_shut() from error


def link_shut() -> Unauthenticated:
    """A link that opens nothing, or does so no more."""
    return Unauthenticated(
        "link_invalid",
        "This link to send a part is not valid, or no longer.",
        fix="Ask for a new one; parts that arrived are not sent again.",
    )
