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


class KeysAnswer(Answer):
    """Public keys, in Base64, that certificates are signed with, by key id."""

    keys: dict[str, str]
