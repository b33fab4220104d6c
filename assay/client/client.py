"""The client: one server, one token, an attribute for each area."""

from types import TracebackType

from assay.client.areas.challenges import Challenges
from assay.client.areas.competitions import Competitions
from assay.client.areas.economics import Economics
from assay.client.areas.licences import Licences
from assay.client.areas.meters import Meters
from assay.client.areas.models import Models
from assay.client.areas.pools import Pools
from assay.client.areas.receipts import Receipts
from assay.client.areas.royalties import Royalties
from assay.client.areas.submissions import Submissions
from assay.client.areas.wallet import Wallet
from assay.client.reading import read
from assay.client.records import Me, PlatformVersion
from assay.client.transport import Patience, Transport
from assay.client.uploads import Uploads


class Client:
    """A synchronous client; close it, or use it in a ``with`` statement.

    Args:
        endpoint: the server's address, such as ``https://assay.example``.
        token: an API token; empty to see what everybody sees.
        patience: how lost connections are tried again.
    """

    def __init__(
        self, endpoint: str, *, token: str = "", patience: Patience | None = None
    ) -> None:
        transport = Transport(endpoint, token=token, patience=patience or Patience())
        self._transport = transport
        self.competitions = Competitions(transport)
        self.challenges = Challenges(transport)
        self.economics = Economics(transport)
        self.submissions = Submissions(transport)
        self.pools = Pools(transport)
        self.models = Models(transport)
        self.licences = Licences(transport)
        self.receipts = Receipts(transport)
        self.royalties = Royalties(transport)
        self.meters = Meters(transport)
        self.wallet = Wallet(transport)
        self.uploads = Uploads(transport)

    @property
    def endpoint(self) -> str:
        """The server's address, without a slash at its end."""
        return self._transport.endpoint

    def version(self) -> PlatformVersion:
        """The server's version, its asset, and whether it has a faucet."""
        return read(PlatformVersion, self._transport.get("/api/version"))

    def me(self) -> Me:
        """Who the token belongs to.

        Raises:
            Unauthenticated: to nobody.
        """
        return read(Me, self._transport.get("/api/me"))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
