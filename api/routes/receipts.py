"""Evaluators' keys and the receipts that they signed."""

from uuid import UUID

from ninja import Query, Router

from accounts import keys
from accounts.models import EvaluatorKey
from api.authentication import EVALUATOR, PERSON, PUBLIC, ApiRequest
from api.schemas.common import PageAnswer, Paging
from api.schemas.evaluator import EvaluatorKeyAnswer, EvaluatorKeyBody, RevocationBody
from api.schemas.receipts import ReceiptAnswer, ReceiptScoreAnswer
from common.clock import database_now as now
from common.paging import keyset
from competitions import receipt_selectors

router = Router(auth=PERSON, tags=["receipts"])


@router.post("/evaluator/keys", auth=EVALUATOR, response=EvaluatorKeyAnswer)
def register_key(request: ApiRequest, body: EvaluatorKeyBody) -> EvaluatorKeyAnswer:
    """Have this host's key count; the same key again changes nothing."""
    key = keys.register(
        operator=request.auth.person,
        public=body.public,
        signature=body.signature,
        replaces=body.replaces,
        now=now(),
    )
    return _key_answer(key)


@router.get("/evaluator-keys", auth=PUBLIC, response=PageAnswer[EvaluatorKeyAnswer])
def list_evaluator_keys(
    request: ApiRequest,  # noqa: ARG001
    paging: Query[Paging],
) -> PageAnswer[EvaluatorKeyAnswer]:
    """Every key that ever signed receipts, the oldest first."""
    page = keyset(
        keys.evaluator_keys(),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["since", "key_id"],
    )
    items = [_key_answer(key) for key in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/evaluator-keys/{key_id}/revoke", response=EvaluatorKeyAnswer)
def revoke_key(
    request: ApiRequest, key_id: str, body: RevocationBody
) -> EvaluatorKeyAnswer:
    """Believe nothing more of a key, as its operator or as staff."""
    moment = now()
    key = keys.revoke(
        name=key_id,
        actor=request.auth.person,
        since=body.since or moment,
        now=moment,
    )
    return _key_answer(key)


@router.get("/evaluations/{evaluation_id}/receipt", auth=PUBLIC, response=ReceiptAnswer)
def show_receipt(request: ApiRequest, evaluation_id: UUID) -> ReceiptAnswer:
    """The receipt of an evaluation; of a private split with the final board.

    `score` is what the platform made of the outputs; empty where a board that rises
    by steps does not tell it yet.
    """
    shown = receipt_selectors.shown_receipt(
        evaluation_id=evaluation_id, viewer=request.auth.user
    )
    score = shown.score
    return ReceiptAnswer(
        receipt=shown.receipt.certificate,
        digest=shown.receipt.digest,
        competition=shown.competition.slug,
        submission=shown.submission_id,
        model=shown.model.reference,
        score=ReceiptScoreAnswer(
            metric=shown.competition.metric,
            value=score.value,
            low=score.low,
            high=score.high,
        )
        if score
        else None,
    )


def _key_answer(key: EvaluatorKey) -> EvaluatorKeyAnswer:
    return EvaluatorKeyAnswer(
        key_id=key.key_id,
        public=key.public,
        operator=key.operator.username,
        since=key.since,
        until=key.until,
        revoked_at=key.revoked_at,
    )
