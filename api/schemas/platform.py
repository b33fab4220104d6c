"""What the platform says of itself."""

from api.schemas.common import Answer


class AssetAnswer(Answer):
    """The asset of all amounts; one whole is 10 to the power of its decimals."""

    symbol: str
    decimals: int


class VersionAnswer(Answer):
    """The server's version and what it deals in."""

    version: str
    asset: AssetAnswer
    faucet: bool


class KeyPeriodAnswer(Answer):
    """The time in which a key signed; a revoked one proves nothing any more."""

    public: str
    since: str
    until: str | None
    revoked: bool


class KeysAnswer(Answer):
    """Public keys, in Base64, that certificates are signed with, by key id.

    `keys` are those that are trusted; `periods` tells of all that there ever were.
    """

    keys: dict[str, str]
    periods: dict[str, KeyPeriodAnswer]
