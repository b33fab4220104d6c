"""Awards, and the one transfer that empties the escrow."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.protocol import prizes
from assay.protocol.canonical import Json
from assay.protocol.prizes import Awards, Contest
from assay.protocol.ranking import Placing
from assay.protocol.splitting import split
from catalogue import services as catalogue
from catalogue.services import Scored
from common.columns import write_column
from competitions import contests
from competitions.models import Award, Competition, Dues, Stake, Submission
from competitions.services import (
    budget,
    deposits,
    escrow,
    fees,
    history,
    paymaster,
)
from ledger import services as ledger
from ledger.services import Transfer
from ledger.wallets import lock_wallets, wallets


def finalists(competition: Competition) -> list[Submission]:
    """Who gets a private score, by the prize rule, in the rule's order."""
    keys = contests.finalists(competition)
    found = Submission.objects.select_related("model").in_bulk(keys)
    by_key = {str(pk): submission for pk, submission in found.items()}
    return [by_key[key] for key in keys]


def earned(
    competition: Competition, *, struck: Collection[str] = ()
) -> tuple[Contest, Sequence[Placing], Awards]:
    """The contest, its final board and the awards; without the ``struck`` entries."""
    held = contests.contest_of(
        competition, purse=escrow.escrow_balance(competition), struck=struck
    )
    rule, options = competition.prize_rule, competition.prize_options
    return held, prizes.board(rule, held), prizes.award(rule, options, held)


@transaction.atomic
def award(*, competition: Competition, now: datetime) -> bool:
    """Say what each entry has earned; nothing is paid before the challenge window.

    Returns:
        False when somebody was first.
    """
    held, board, awards = earned(competition)
    until = now + competition.challenge_window
    if not history.transition(
        competition=competition,
        to=Competition.Status.PROVISIONAL,
        actor="platform",
        now=now,
        facts=_board_facts(board, held.baseline),
        provisional_until=until,
    ):
        return False
    _write(competition, board, awards)
    return True


def award_again(*, competition: Competition, now: datetime) -> None:
    """Replace awards that are not paid, after an entry left the board.

    An entry that earns only now can be challenged as long as the first ones could:
    the window begins anew. Runs in the caller's transaction.
    """
    held, board, awards = earned(competition)
    before = {str(made.submission_id) for made in competition.awards.all()}
    competition.awards.filter(transfer=None).delete()
    _write(competition, board, awards)
    if set(awards.amounts) - before:
        until = now + competition.challenge_window
        competition.provisional_until = max(competition.provisional_until or now, until)
        competition.save(update_fields=["provisional_until"])
    history.record(
        competition=competition,
        kind="awarded_again",
        actor="platform",
        now=now,
        **_board_facts(board, held.baseline),
    )


def _board_facts(board: Sequence[Placing], baseline: float) -> dict[str, Json]:
    return {
        "board": [
            [place.entry.key, place.rank, repr(place.entry.score)] for place in board
        ],
        "baseline": repr(baseline),
    }


def _write(competition: Competition, board: Sequence[Placing], awards: Awards) -> None:
    Award.objects.bulk_create(
        Award(
            competition=competition,
            submission_id=UUID(place.entry.key),
            rank=place.rank,
            amount=awards.amounts[place.entry.key],
        )
        for place in board
        if place.entry.key in awards.amounts
    )


@transaction.atomic
def settle(*, competition: Competition, now: datetime) -> None:
    """Pay the awards to the contributors, the rest to the stakers; publish winners."""
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    if competition.status != Competition.Status.PROVISIONAL:
        return
    _close_accounts(competition, now=now)
    awards = list(
        competition.awards.select_related("submission__model").prefetch_related(
            "submission__model__contributors"
        )
    )
    rest = escrow.escrow_balance(competition) - sum(a.amount for a in awards)
    returned = escrow.refunds(competition, rest)
    transfer = _empty_escrow(competition, awards, returned, kind="settlement", now=now)
    history.transition(
        competition=competition,
        to=Competition.Status.SETTLED,
        actor="platform",
        now=now,
        facts={"transfer": str(transfer.id) if transfer else ""},
        settled_at=now,
    )
    competition.awards.update(transfer=transfer)
    for made in awards:
        catalogue.publish(
            model=made.submission.model,
            now=now,
            scored=_scored(competition, made.submission),
        )


def _scored(competition: Competition, submission: Submission) -> Scored:
    """What the catalogue is told of a winner: its newest score, the private last."""
    scores = submission.evaluations.exclude(score=None).order_by("split", "finished_at")
    newest = scores.values_list("score", flat=True).first()
    return Scored(task=competition.task_type, score=newest)


@transaction.atomic
def refund_all(*, competition: Competition, actor: str, now: datetime) -> bool:
    """Cancel: every stake goes back, whole but for what evaluations have cost.

    Returns:
        False when somebody was first; then nothing was written.
    """
    if not history.transition(
        competition=competition,
        to=Competition.Status.CANCELLED,
        actor=actor,
        now=now,
    ):
        return False
    # Read only now that no stake can be added: stakes lock the row that has moved.
    _close_accounts(competition, now=now)
    returned = escrow.refunds(competition, escrow.escrow_balance(competition))
    _empty_escrow(competition, [], returned, kind="refund", now=now)
    return True


def _close_accounts(competition: Competition, *, now: datetime) -> None:
    """Before the escrow is emptied: deposits back, evaluations paid, pools closed."""
    _lock_in_order(competition)
    deposits.give_back_all(competition=competition, now=now)
    paymaster.close_all(competition=competition)
    budget.pay_due(competition=competition, now=now, is_final=True)


def _lock_in_order(competition: Competition) -> None:
    """Lock what the end of another competition could hold as well: pools, wallets.

    The money leaves by many transfers. Were each to lock its own accounts, two that
    end at once could wait for each other: one's miner is the other's sponsor.
    """
    paymaster.lock_all(competition=competition)
    open_entries = competition.submissions.filter(dues__status=Dues.Status.OPEN)
    concerned = {
        *competition.stakes.values_list("staker", flat=True),
        *competition.charges.filter(transfer=None).values_list("payee", flat=True),
        *open_entries.values_list("miner", flat=True),
        *competition.awards.values_list(
            "submission__model__contributors__user", flat=True
        ),
    }
    lock_wallets(concerned - {None})


def _empty_escrow(
    competition: Competition,
    awards: list[Award],
    returned: list[tuple[Stake, int]],
    *,
    kind: str,
    now: datetime,
) -> Transfer | None:
    spare = budget.refunds(competition)
    gains = [(made.staker_id, part) for made, part in returned + spare]
    for earned_by in awards:
        gains += _to_contributors(earned_by, competition)
    entries = [*_to_wallets(gains), *fees.fee_entries(awards, competition)]
    left = sum(part for _, part in spare)
    paid = sum(entry.amount for entry in entries)
    if not paid:
        return None
    entries.append(ledger.Entry(escrow.escrow_of(competition), left - paid))
    if left:
        entries.append(ledger.Entry(budget.account_of(competition), -left))
    came_back = {
        stake.pk: part + unspent
        for (stake, part), (_, unspent) in zip(returned, spare, strict=True)
    }
    write_column(Stake, "returned", came_back)
    return ledger.post(
        caller=competition.owner_key,
        key=kind,
        kind=kind,
        entries=ledger.merged(entries),
        reference=competition.owner_key,
        memo=f"{kind.capitalize()} of {competition.slug}",
        now=now,
    )


def _to_wallets(gains: Iterable[tuple[UUID, int]]) -> list[ledger.Entry]:
    """One entry a person, whatever number of stakes and shares they have."""
    totals: Counter[UUID] = Counter()
    for person, units in gains:
        totals[person] += units
    accounts = wallets(person for person, units in totals.items() if units)
    return [
        ledger.Entry(account, totals[person]) for person, account in accounts.items()
    ]


def _to_contributors(made: Award, competition: Competition) -> list[tuple[UUID, int]]:
    """An award less the fee is income of the model, so its contributors share it."""
    shares = list(made.submission.model.contributors.all())
    income = made.amount - fees.fee_on(made, competition)
    parts = split(income, [share.parts for share in shares])
    return [(share.user_id, part) for share, part in zip(shares, parts, strict=True)]
