"""What anyone may know of the platform itself."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from api.authentication import PUBLIC, ApiRequest
from api.schemas.platform import (
    AssetAnswer,
    KeyPeriodAnswer,
    KeysAnswer,
    VersionAnswer,
)
from assay import __version__
from assay.protocol.certificates import allowed_signers, jwk_set
from ledger.wallets import platform_asset
from royalties.keys import issuer_keys

router = Router(auth=PUBLIC, tags=["platform"])
TEXT = {"responses": {200: {"description": "Text", "content": {"text/plain": {}}}}}


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
    known = issuer_keys()
    return KeysAnswer(
        keys={name: key.public for name, key in known.items() if not key.is_revoked},
        periods={
            name: KeyPeriodAnswer.model_validate(key.to_json())
            for name, key in known.items()
        },
    )


@router.get("/jwks", response=dict[str, Any])
def list_jwks(request: ApiRequest) -> dict[str, Any]:  # noqa: ARG001
    """The same keys as a JSON Web Key Set, for every JOSE library."""
    return dict(jwk_set(issuer_keys().values()))


@router.get("/allowed-signers", response=None, openapi_extra=TEXT)
def list_allowed_signers(request: ApiRequest) -> HttpResponse:  # noqa: ARG001
    """The same keys as the file that `ssh-keygen -Y verify -f` takes."""
    signers = allowed_signers(issuer_keys().values())
    return HttpResponse(signers, content_type="text/plain; charset=utf-8")
