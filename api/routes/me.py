"""A person's own account: wallet, entries, licences and income."""

from ninja import Query, Router

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
    MeAnswer,
    StatementLine,
)
from api.schemas.submissions import SubmissionAnswer
from api.shapes import submission_answers
from common.clock import now
from competitions.selectors import submissions_of
from ledger import wallets
from ledger.selectors import Line, statement
from royalties.selectors import licences_of

router = Router(auth=PERSON, tags=["me"])


@router.get("/me", response=MeAnswer)
def show_me(request: ApiRequest) -> MeAnswer:
    """Who you are here, and what is in your wallet."""
    person, token = request.auth.person, request.auth.token
    return MeAnswer(
        handle=person.username,
        scope="session" if token is None else token.scope,
        balance=balance(wallets.balance_of(person)),
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
        transfer=transfer.id, balance=balance(wallets.balance_of(person))
    )


@router.get("/me/statement", response=PageAnswer[StatementLine])
def list_statement(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[StatementLine]:
    """Your wallet's movements, the newest first, each with the balance after it."""
    account = wallets.wallet(request.auth.person)
    lines = statement(
        account, before_seq=seq_after(paging.cursor), limit=paging.limit + 1
    )
    shown_lines = lines[: paging.limit]
    more = len(lines) > paging.limit
    return PageAnswer(
        items=[_line(line) for line in shown_lines],
        next=seq_cursor(shown_lines[-1].transfer.seq) if more else None,
    )


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


def _line(line: Line) -> StatementLine:
    return StatementLine(
        at=line.transfer.recorded_at,
        kind=line.transfer.kind,
        memo=line.transfer.memo,
        reference=line.transfer.reference,
        amount=shown(line.amount),
        running=shown(line.running),
        asset=symbol(),
        transfer=line.transfer.id,
    )
