"""Accepting rules, challenging awarded entries, and what staff decides."""

from uuid import UUID

from ninja import Query, Router, Status

from api.authentication import PERSON, PUBLIC, STAFF, ApiRequest
from api.objections import challenge_answer, struck_answer
from api.schemas.challenges import (
    AcceptanceAnswer,
    AcceptanceBody,
    ChallengeAnswer,
    ChallengeBody,
    DecisionBody,
    ReasonBody,
    StruckAnswer,
)
from api.schemas.common import PageAnswer, Paging
from api.schemas.headers import IdempotencyKey
from common.clock import database_now as now
from competitions import selectors
from competitions.services import challenging, disqualifying, duties

router = Router(auth=PERSON, tags=["challenges"])


@router.post("/competitions/{slug}/acceptance", response=AcceptanceAnswer)
def accept_rules(
    request: ApiRequest, slug: str, body: AcceptanceBody
) -> AcceptanceAnswer:
    """Accept the rules as they were frozen; who has not cannot submit."""
    person = request.auth.person
    accepted = duties.accept_rules(
        competition=selectors.competition_by_slug(slug=slug, viewer=person),
        person=person,
        rules_digest=body.rules_digest,
        now=now(),
    )
    return AcceptanceAnswer(
        competition=slug,
        rules_digest=accepted.rules_digest,
        accepted_at=accepted.accepted_at,
    )


@router.get(
    "/competitions/{slug}/challenges",
    auth=PUBLIC,
    response=PageAnswer[ChallengeAnswer],
)
def list_challenges(
    request: ApiRequest, slug: str, paging: Query[Paging]
) -> PageAnswer[ChallengeAnswer]:
    """Every challenge of the competition's entries, the oldest first."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    page = selectors.challenges(
        competition=competition, cursor=paging.cursor, limit=paging.limit
    )
    items = [challenge_answer(row) for row in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/submissions/{submission_id}/challenges", response={201: ChallengeAnswer})
def raise_challenge(
    request: ApiRequest, submission_id: UUID, body: ChallengeBody, key: IdempotencyKey
) -> Status[ChallengeAnswer]:
    """Object to an entry that is to be paid; a deposit is held in your wallet."""
    challenger = request.auth.person
    made = challenging.raise_challenge(
        submission=selectors.submission_by_id(
            submission_id=str(submission_id), viewer=challenger
        ),
        challenger=challenger,
        objection=challenging.Objection(kind=body.kind, grounds=body.grounds, key=key),
        now=now(),
    )
    return Status(201, challenge_answer(made))


@router.get("/challenges/{challenge_id}", auth=PUBLIC, response=ChallengeAnswer)
def show_challenge(request: ApiRequest, challenge_id: UUID) -> ChallengeAnswer:
    """One challenge with its evidence and its decision."""
    found = selectors.challenge_by_id(
        challenge_id=str(challenge_id), viewer=request.auth.user
    )
    return challenge_answer(found)


@router.get("/challenges", auth=STAFF, response=PageAnswer[ChallengeAnswer])
def list_open_challenges(
    request: ApiRequest,  # noqa: ARG001
    paging: Query[Paging],
) -> PageAnswer[ChallengeAnswer]:
    """What staff has yet to decide, on the whole platform, the oldest first."""
    page = selectors.challenges(cursor=paging.cursor, limit=paging.limit)
    items = [challenge_answer(row) for row in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post(
    "/challenges/{challenge_id}/decision", auth=STAFF, response=ChallengeAnswer
)
def decide_challenge(
    request: ApiRequest, challenge_id: UUID, body: DecisionBody
) -> ChallengeAnswer:
    """Uphold a challenge, which disqualifies the entry, or dismiss it."""
    staff = request.auth.person
    decided = challenging.decide(
        challenge=selectors.challenge_by_id(
            challenge_id=str(challenge_id), viewer=staff
        ),
        actor=staff,
        upheld=body.upheld,
        reason=body.reason,
        now=now(),
    )
    return challenge_answer(decided)


@router.post(
    "/submissions/{submission_id}/disqualification",
    auth=STAFF,
    response={201: StruckAnswer},
)
def disqualify(
    request: ApiRequest, submission_id: UUID, body: ReasonBody
) -> Status[StruckAnswer]:
    """Strike an entry off the board, before or after it was judged."""
    staff = request.auth.person
    made = disqualifying.disqualify(
        submission=selectors.submission_by_id(
            submission_id=str(submission_id), viewer=staff
        ),
        actor=staff,
        reason=body.reason,
        now=now(),
    )
    return Status(201, struck_answer(made))
