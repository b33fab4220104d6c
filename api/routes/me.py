"""A person's own account: wallet, entries, licences and income."""

from collections.abc import Sequence

from ninja import Query, Router, Status

from accounts.selectors import person_by_handle
from api.amounts import balance, read_amount, shown, symbol
from api.authentication import PERSON, ApiRequest
from api.cursors import seq_after, seq_cursor
from api.routes.licences import licence_answers
from api.schemas.common import PageAnswer, Paging
from api.schemas.headers import IdempotencyKey
from api.schemas.licences import LicenceAnswer
from api.schemas.me import (
    FaucetAnswer,
    FaucetBody,
    HoldAnswer,
    MeAnswer,
    SendBody,
    SentAnswer,
    StatementAnswer,
    StatementLine,
    StatementQuery,
)
from api.schemas.submissions import SubmissionAnswer
from api.shapes import submission_answers
from common.clock import now
from competitions.causes import pages_of
from competitions.selectors import submissions_of
from ledger import selectors as ledger
from ledger import sending, statements, wallets
from ledger.holds import Hold
from ledger.statements import Line
from royalties.selectors import licences_of

router = Router(auth=PERSON, tags=["me"])


@router.get("/me", response=MeAnswer)
def show_me(request: ApiRequest) -> MeAnswer:
    """Who you are here, and what is in your wallet."""
    person, token = request.auth.person, request.auth.token
    return MeAnswer(
        handle=person.username,
        scope="session" if token is None else token.scope,
        balance=balance(wallets.position_of(person)),
    )


@router.post("/me/faucet", response=FaucetAnswer)
def use_faucet(
    request: ApiRequest, body: FaucetBody, key: IdempotencyKey
) -> FaucetAnswer:
    """Get test tokens, where the platform gives them away."""
    person = request.auth.person
    transfer = wallets.faucet(
        user=person, amount=read_amount(body.amount), key=key, now=now()
    )
    return FaucetAnswer(
        transfer=transfer.id, balance=balance(wallets.position_of(person))
    )


@router.post("/me/transfers", response={201: SentAnswer})
def send_tokens(
    request: ApiRequest, body: SendBody, key: IdempotencyKey
) -> Status[SentAnswer]:
    """Send tokens from your wallet to somebody else's."""
    person, amount = request.auth.person, read_amount(body.amount)
    transfer = sending.send(
        sender=person,
        receiver=person_by_handle(body.to, where="to"),
        amount=amount,
        memo=body.memo,
        key=key,
        now=now(),
    )
    answer = SentAnswer(
        transfer=transfer.id,
        to=body.to,
        amount=shown(amount),
        balance=balance(wallets.position_of(person)),
    )
    return Status(201, answer)


@router.get("/me/statement", response=StatementAnswer)
def list_statement(
    request: ApiRequest, query: Query[StatementQuery]
) -> StatementAnswer:
    """Your wallet's movements, the newest first, each with the balance after it."""
    account = wallets.wallet(request.auth.person)
    period = statements.read_period(query.start, query.end)
    found = statements.lines(
        account,
        before_seq=seq_after(query.cursor),
        limit=query.limit + 1,
        period=period,
    )
    lines = found[: query.limit]
    more = len(found) > query.limit
    totals = statements.totals(account, period)
    return StatementAnswer(
        items=_lines(lines),
        next=seq_cursor(lines[-1].transfer.seq) if more else None,
        asset=symbol(),
        opening=shown(totals.opening),
        closing=shown(totals.closing),
    )


@router.get("/me/holds", response=PageAnswer[HoldAnswer])
def list_my_holds(request: ApiRequest) -> PageAnswer[HoldAnswer]:
    """What is held on your wallet now, the oldest first."""
    held = ledger.open_holds(wallets.wallet(request.auth.person))
    return PageAnswer(items=[_hold(one) for one in held], next=None)


@router.get("/me/submissions", response=PageAnswer[SubmissionAnswer])
def list_my_submissions(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[SubmissionAnswer]:
    """Your submissions to all competitions, the newest first."""
    page = submissions_of(
        miner=request.auth.person, cursor=paging.cursor, limit=paging.limit
    )
    items = submission_answers(page.items, now=now())
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/me/licences", response=PageAnswer[LicenceAnswer])
def list_my_licences(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[LicenceAnswer]:
    """The licences that you hold, the newest first."""
    page = licences_of(request.auth.person, cursor=paging.cursor, limit=paging.limit)
    return PageAnswer(items=licence_answers(page.items), next=page.next_cursor)


def _lines(lines: Sequence[Line]) -> list[StatementLine]:
    pages = pages_of(line.transfer.reference for line in lines)
    return [
        StatementLine(
            at=line.transfer.recorded_at,
            kind=line.transfer.kind,
            memo=line.transfer.memo,
            reference=line.transfer.reference,
            amount=shown(line.amount),
            running=shown(line.running),
            asset=symbol(),
            transfer=line.transfer.id,
            page=pages.get(line.transfer.reference),
        )
        for line in lines
    ]


def _hold(held: Hold) -> HoldAnswer:
    return HoldAnswer(
        id=held.id,
        amount=shown(held.amount),
        asset=symbol(),
        memo=held.memo,
        reference=held.reference,
        created_at=held.created_at,
        expires_at=held.expires_at,
    )
