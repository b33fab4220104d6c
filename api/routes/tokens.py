"""A person's tokens.

Tokens of evaluators are issued by operators alone: they read hidden inputs and
every miner's weights.
"""

from uuid import UUID

from ninja import Query, Router, Status

from accounts.models import ApiToken
from accounts.services import issue_token, revoke_token
from api.authentication import PERSON, ApiRequest
from api.schemas.common import PageAnswer, Paging
from api.schemas.me import NewTokenAnswer, TokenAnswer, TokenBody
from common import throttling
from common.clock import now
from common.paging import keyset

router = Router(auth=PERSON, tags=["me"])


@router.get("/me/tokens", response=PageAnswer[TokenAnswer])
def list_tokens(request: ApiRequest, paging: Query[Paging]) -> PageAnswer[TokenAnswer]:
    """Your tokens, the newest first; secrets are not kept."""
    page = keyset(
        request.auth.person.tokens.all(),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["-created_at", "-id"],
    )
    items = [_token_answer(token) for token in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/me/tokens", response={201: NewTokenAnswer})
def create_token(request: ApiRequest, body: TokenBody) -> Status[NewTokenAnswer]:
    """Make a token for programs that act for you; its secret is shown only now."""
    throttling.spend("token", person=str(request.auth.person.pk))
    token, secret = issue_token(
        user=request.auth.person, name=body.name, expires_at=body.expires_at
    )
    return Status(201, NewTokenAnswer(**dict(_token_answer(token)), secret=secret))


@router.delete("/me/tokens/{token_id}", response={204: None})
def delete_token(request: ApiRequest, token_id: UUID) -> Status[None]:
    """Revoke one of your tokens, which may be the one you call with."""
    revoke_token(user=request.auth.person, token_id=str(token_id), now=now())
    return Status(204, None)


def _token_answer(token: ApiToken) -> TokenAnswer:
    return TokenAnswer(
        id=token.id,
        name=token.name,
        scope=token.scope,
        prefix=token.prefix,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
