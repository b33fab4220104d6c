"""What anyone may know of the platform itself."""

from django.conf import settings
from ninja import Router

from api.authentication import PUBLIC, ApiRequest
from api.schemas.platform import AssetAnswer, KeysAnswer, VersionAnswer
from assay import __version__
from ledger.wallets import platform_asset
from royalties.keys import public_keys

router = Router(auth=PUBLIC, tags=["platform"])


@router.get("/version", response=VersionAnswer)
def show_version(request: ApiRequest) -> VersionAnswer:  # noqa: ARG001
    """The server's version, its asset, and whether it gives test tokens away."""
    asset = platform_asset()
    return VersionAnswer(
        version=__version__,
        asset=AssetAnswer(symbol=asset.symbol, decimals=asset.decimals),
        faucet=settings.FAUCET,
    )


@router.get("/keys", response=KeysAnswer)
def list_keys(request: ApiRequest) -> KeysAnswer:  # noqa: ARG001
    """The public keys with which licence certificates can be checked offline."""
    return KeysAnswer(keys=dict(public_keys()))
