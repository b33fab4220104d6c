"""Entering a competition, and following an entry."""

from uuid import UUID

from ninja import Query, Router, Status

from api.authentication import PERSON, PUBLIC, ApiRequest
from api.lineages import preview_answer
from api.schemas.common import PageAnswer, Paging
from api.schemas.competitions import QuotaAnswer
from api.schemas.submissions import (
    EntryBody,
    SubmissionAnswer,
    TermsPreviewAnswer,
    TermsPreviewBody,
)
from api.shapes import submission_answer, submission_answers
from common.clock import database_now as now
from competitions import selectors
from competitions.services import cancelling, parentage, submitting

router = Router(auth=PERSON, tags=["submissions"])


@router.get("/competitions/{slug}/submissions", response=PageAnswer[SubmissionAnswer])
def list_my_entries(
    request: ApiRequest, slug: str, paging: Query[Paging]
) -> PageAnswer[SubmissionAnswer]:
    """Your own submissions to this competition, the newest first."""
    miner = request.auth.person
    page = selectors.submissions_of(
        miner=miner,
        competition=selectors.competition_by_slug(slug=slug, viewer=miner),
        cursor=paging.cursor,
        limit=paging.limit,
    )
    items = submission_answers(page.items, now=now())
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/competitions/{slug}/submissions", response={201: SubmissionAnswer})
def submit(request: ApiRequest, slug: str, body: EntryBody) -> Status[SubmissionAnswer]:
    """Enter files that you have uploaded; what breaks a rule is refused at once.

    A refusal of the files has the code `submission_refused` and lists every
    finding, each with its file and how to mend it.
    """
    miner, moment = request.auth.person, now()
    submission = submitting.submit(
        miner=miner,
        competition=selectors.competition_by_slug(slug=slug, viewer=miner),
        entry=body.spec(),
        now=moment,
    )
    return Status(201, submission_answer(submission, now=moment))


@router.post(
    "/competitions/{slug}/terms-preview", auth=PUBLIC, response=TermsPreviewAnswer
)
def preview_terms(
    request: ApiRequest, slug: str, body: TermsPreviewBody
) -> TermsPreviewAnswer:
    """What an entry's terms may say, given its parents; nothing is kept."""
    viewer = request.auth.user
    found = parentage.preview(
        miner=viewer,
        competition=selectors.competition_by_slug(slug=slug, viewer=viewer),
        kind=body.kind,
        parents=body.parents,
        terms=body.terms,
        now=now(),
    )
    return preview_answer(found)


@router.get("/competitions/{slug}/quota", response=QuotaAnswer)
def show_quota(request: ApiRequest, slug: str) -> QuotaAnswer:
    """How many of the day's submissions you have used."""
    miner = request.auth.person
    used = submitting.quota(
        competition=selectors.competition_by_slug(slug=slug, viewer=miner),
        miner=miner,
        now=now(),
    )
    return QuotaAnswer(
        used=used.used,
        limit=used.limit,
        failures=used.failures,
        failure_limit=used.failure_limit,
        next_at=used.next_at,
    )


@router.get("/submissions/{submission_id}", auth=PUBLIC, response=SubmissionAnswer)
def show_submission(request: ApiRequest, submission_id: UUID) -> SubmissionAnswer:
    """A submission with its evaluations; private scores come with the final board."""
    submission = selectors.submission_by_id(
        submission_id=str(submission_id), viewer=request.auth.user
    )
    return submission_answer(submission, now=now())


@router.post("/submissions/{submission_id}/cancel", response=SubmissionAnswer)
def cancel_submission(request: ApiRequest, submission_id: UUID) -> SubmissionAnswer:
    """Stop your entry's evaluation; before it has begun, that costs nothing."""
    miner, moment = request.auth.person, now()
    submission = cancelling.cancel(
        submission=selectors.submission_by_id(
            submission_id=str(submission_id), viewer=miner
        ),
        actor=miner,
        now=moment,
    )
    return submission_answer(submission, now=moment)


@router.post("/submissions/{submission_id}/withdraw", response=SubmissionAnswer)
def withdraw_submission(request: ApiRequest, submission_id: UUID) -> SubmissionAnswer:
    """Take your scored entry off the board for good, until judging begins."""
    miner, moment = request.auth.person, now()
    found = selectors.submission_by_id(submission_id=str(submission_id), viewer=miner)
    cancelling.withdraw(submission=found, actor=miner, now=moment)
    submission = selectors.submission_by_id(
        submission_id=str(submission_id), viewer=miner
    )
    return submission_answer(submission, now=moment)
