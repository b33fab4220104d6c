"""Awards, and the one transfer that empties the escrow."""

import uuid
from datetime import datetime

from django.db import transaction

from assay.protocol import prizes
from assay.protocol.canonical import Json
from assay.protocol.ranking import Entry, Placing, rank
from assay.protocol.splitting import split
from catalogue import services as catalogue
from competitions.models import Award, Competition, Evaluation, Split, Stake, Submission
from competitions.services import escrow, history
from ledger import services as ledger
from ledger.services import Transfer
from ledger.wallets import wallet


def finalists(competition: Competition) -> list[Submission]:
    """Each miner's best submission on the public split; the earlier one of equals."""
    scored = Evaluation.objects.filter(
        competition=competition,
        split=Split.Name.PUBLIC,
        status=Evaluation.Status.SCORED,
        submission__isnull=False,
        submission__disqualification=None,
    ).select_related("submission__miner")
    best: dict[object, Evaluation] = {}
    for evaluation in scored.order_by("-score", "submission__created_at", "id"):
        assert evaluation.submission is not None
        best.setdefault(evaluation.submission.miner_id, evaluation)
    return [e.submission for e in best.values() if e.submission is not None]


def placings(competition: Competition) -> list[Placing]:
    """The final board: finalists by their score on the private split."""
    evaluations = Evaluation.objects.filter(
        competition=competition,
        split=Split.Name.PRIVATE,
        repeat=0,
        status=Evaluation.Status.SCORED,
        submission__isnull=False,
        submission__disqualification=None,
    ).select_related("submission")
    return rank(
        Entry(str(e.submission_id), e.score, e.submission.created_at)
        for e in evaluations
        if e.submission is not None and e.score is not None
    )


@transaction.atomic
def award(*, competition: Competition, now: datetime) -> bool:
    """Say what each rank has earned; nothing is paid before the challenge window.

    Returns:
        False when somebody was first.
    """
    board, baseline = placings(competition), _baseline(competition)
    earned = _earned(competition, board, baseline)
    if not history.transition(
        competition=competition,
        to=Competition.Status.PROVISIONAL,
        actor="platform",
        now=now,
        facts=_board_facts(board, baseline),
        provisional_until=now + competition.challenge_window,
    ):
        return False
    Award.objects.bulk_create(earned)
    return True


def award_again(*, competition: Competition, now: datetime) -> None:
    """Replace awards that are not paid, after an entry left the board.

    An entry that earns only now can be challenged as long as the first ones could:
    the window begins anew. Runs in the caller's transaction.
    """
    board, baseline = placings(competition), _baseline(competition)
    earned = _earned(competition, board, baseline)
    before = set(competition.awards.values_list("submission_id", flat=True))
    competition.awards.filter(transfer=None).delete()
    Award.objects.bulk_create(earned)
    if {made.submission_id for made in earned} - before:
        until = now + competition.challenge_window
        competition.provisional_until = max(competition.provisional_until or now, until)
        competition.save(update_fields=["provisional_until"])
    history.record(
        competition=competition,
        kind="awarded_again",
        actor="platform",
        now=now,
        **_board_facts(board, baseline),
    )


def _baseline(competition: Competition) -> float:
    baseline = Evaluation.objects.get(
        competition=competition,
        submission=None,
        split=Split.Name.PRIVATE,
        status=Evaluation.Status.SCORED,
    )
    assert baseline.score is not None
    return baseline.score


def _earned(
    competition: Competition, board: list[Placing], baseline: float
) -> list[Award]:
    earned = prizes.award(
        competition.prize_rule,
        competition.prize_options,
        escrow.escrow_balance(competition),
        board,
        baseline,
        competition.margin,
    )
    return [
        Award(
            competition=competition,
            submission_id=uuid.UUID(place.entry.key),
            rank=place.rank,
            amount=earned.amounts[place.entry.key],
        )
        for place in board
        if place.entry.key in earned.amounts
    ]


def _board_facts(board: list[Placing], baseline: float) -> dict[str, Json]:
    return {
        "board": [
            [place.entry.key, place.rank, repr(place.entry.score)] for place in board
        ],
        "baseline": repr(baseline),
    }


@transaction.atomic
def settle(*, competition: Competition, now: datetime) -> None:
    """Pay the awards to the contributors, the rest to the stakers; publish winners."""
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    if competition.status != Competition.Status.PROVISIONAL:
        return
    awards = list(competition.awards.select_related("submission__model"))
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
    for made in awards:
        made.transfer = transfer
        made.save(update_fields=["transfer"])
        catalogue.publish(model=made.submission.model, now=now)


@transaction.atomic
def refund_all(*, competition: Competition, actor: str, now: datetime) -> bool:
    """Cancel: every stake goes back whole; False when somebody was first."""
    if not history.transition(
        competition=competition,
        to=Competition.Status.CANCELLED,
        actor=actor,
        now=now,
    ):
        return False
    # Read only now that no stake can be added: stakes lock the row that has moved.
    returned = escrow.refunds(competition, escrow.escrow_balance(competition))
    _empty_escrow(competition, [], returned, kind="refund", now=now)
    return True


def _empty_escrow(
    competition: Competition,
    awards: list[Award],
    returned: list[tuple[Stake, int]],
    *,
    kind: str,
    now: datetime,
) -> Transfer | None:
    entries = [ledger.Entry(wallet(made.staker), part) for made, part in returned]
    for made in awards:
        entries += _to_contributors(made)
    paid = sum(entry.amount for entry in entries)
    if not paid:
        return None
    entries.append(ledger.Entry(escrow.escrow_of(competition), -paid))
    for stake, part in returned:
        Stake.objects.filter(pk=stake.pk).update(returned=part)
    return ledger.post(
        caller=competition.owner_key,
        key=kind,
        kind=kind,
        entries=ledger.merged(entries),
        reference=competition.owner_key,
        memo=f"{kind.capitalize()} of {competition.slug}",
        now=now,
    )


def _to_contributors(made: Award) -> list[ledger.Entry]:
    """An award is income of the model, so its contributors share it."""
    shares = list(made.submission.model.contributors.select_related("user"))
    parts = split(made.amount, [share.parts for share in shares])
    return [
        ledger.Entry(wallet(share.user), part)
        for share, part in zip(shares, parts, strict=True)
    ]
