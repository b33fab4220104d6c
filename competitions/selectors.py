"""Questions that pages and routes ask of competitions."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from assay.protocol import prizes
from assay.protocol.errors import NotFound
from assay.protocol.ranking import Entry, rank
from common.amounts import AmountSum
from common.paging import Page, keyset
from competitions.models import (
    Attachment,
    Challenge,
    Competition,
    Disqualification,
    Evaluation,
    Split,
    Stake,
    Submission,
)
from competitions.permissions import can_manage, can_see, can_see_submission
from storage.models import Blob

Status = Competition.Status
GAVE_UP = "platform_gave_up"
CANCELLED_UNBEGUN = "cancelled_unbegun"
SPARED = (GAVE_UP, CANCELLED_UNBEGUN)
"""Failure codes of evaluations that cost nobody a place of the day's quota."""
FINAL_BOARD = {Status.PROVISIONAL, Status.SETTLED}


@dataclass(frozen=True)
class BoardRow:
    """One miner's place. ``amount`` is what it earned, in base units, once known."""

    rank: int
    tied: bool
    submission: Submission
    miner_handle: str
    model_reference: str
    score: float
    low: float
    high: float
    seconds: float | None
    submitted_at: datetime
    amount: int | None
    is_mine: bool


@dataclass(frozen=True)
class Baseline:
    """What the base model scores on the same split."""

    model_reference: str
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Board:
    """A leaderboard: each miner's best entry, on the split that counts now.

    ``struck`` are entries that were disqualified, with the reasons.
    ``is_by_entry``: every entry that has a score, because the prize rule pays entries.
    """

    rows: Sequence[BoardRow]
    baseline: Baseline | None
    split: str
    count_hidden: int
    as_of: datetime
    is_by_entry: bool
    struck: Sequence[Disqualification] = ()


def _visible(viewer: User | None) -> QuerySet[Competition]:
    public = ~Q(status=Status.DRAFT) & (
        ~Q(status=Status.CANCELLED) | Q(opened_at__isnull=False)
    )
    if viewer is None:
        return Competition.objects.filter(public)
    staked_on = Stake.objects.filter(staker=viewer).values("competition")
    mine = Q(sponsor=viewer) | Q(pk__in=staked_on)
    return Competition.objects.filter(public | mine)


def visible_competitions(
    *,
    viewer: User | None,
    query: str = "",
    status: str = "",
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Competition]:
    """Competitions that the viewer may see, newest first."""
    found = _visible(viewer).select_related("sponsor", "base_model__owner")
    if query:
        found = found.filter(
            Q(title__icontains=query)
            | Q(slug__icontains=query)
            | Q(summary__icontains=query)
        )
    if status:
        found = found.filter(status=status)
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])


def standing(competition: Competition) -> QuerySet[Stake]:
    """Its stakes but those that were withdrawn."""
    return competition.stakes.filter(withdrawn_at=None)


def stake_of(*, competition: Competition, stake_id: str) -> Stake:
    """The stake of that id, withdrawn or not.

    Raises:
        NotFound: the competition has none such.
    """
    found = competition.stakes.select_related("staker", "competition")
    stake = found.filter(pk=stake_id).first() if _is_uuid(stake_id) else None
    if stake is None:
        raise NotFound("stake_not_found", f"{competition.slug} has no such stake.")
    return stake


def staked_in(competitions: Iterable[Competition]) -> dict[uuid.UUID, int]:
    """Base units staked for the prize and not withdrawn, by competition; one query."""
    totals = (
        Competition.objects.filter(pk__in=[c.pk for c in competitions])
        .annotate(
            total=AmountSum(
                "stakes__amount",
                filter=Q(
                    stakes__purpose=Stake.Purpose.PRIZE, stakes__withdrawn_at=None
                ),
            )
        )
        .values_list("pk", "total")
    )
    return {pk: total or 0 for pk, total in totals}


def competition_by_slug(*, slug: str, viewer: User | None) -> Competition:
    """The competition of this slug.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    competition = (
        Competition.objects.select_related("sponsor", "base_model__owner", "asset")
        .filter(slug=slug)
        .first()
    )
    if competition is None or not can_see(viewer, competition):
        raise NotFound(
            "competition_not_found", f"There is no competition {slug} that you may see."
        )
    return competition


def staked(competition: Competition) -> int:
    """Base units that were staked on it for the prize, and not withdrawn."""
    return staked_in([competition])[competition.pk]


def purse_of(competition: Competition) -> int:
    """Base units that were staked on it to be won: without the budget's part."""
    sums = standing(competition).aggregate(
        all=AmountSum("amount"), not_=AmountSum("budget")
    )
    units: int = sums["all"] - sums["not_"]
    return units


def hidden_counts(competition: Competition) -> dict[str, int]:
    """Examples by split."""
    return dict(competition.splits.values_list("name", "count"))


def attachment(*, competition: Competition, path: str) -> Attachment:
    """A public file of the competition.

    Raises:
        NotFound: it has none of that path.
    """
    found = competition.attachments.select_related("blob").filter(path=path).first()
    if found is None:
        raise NotFound(
            "file_not_found", f"{competition.slug} has no file {path}.", where=path
        )
    return found


def split_sources(*, competition: Competition, viewer: User) -> dict[str, Blob]:
    """The labelled files by split, for the sponsor; nothing for anybody else."""
    if not can_manage(viewer, competition):
        return {}
    known = competition.splits.exclude(source=None).select_related("source")
    return {split.name: split.source for split in known if split.source is not None}


def split_source(*, competition: Competition, name: str, viewer: User) -> Blob:
    """The labelled file of a split, as its sponsor uploaded it; for the sponsor alone.

    Raises:
        NotFound: there is none, it is not known any more, or it is another's.
    """
    source = split_sources(competition=competition, viewer=viewer).get(name)
    if source is None:
        raise NotFound(
            "split_not_found",
            f"{competition.slug} has no file of a split {name} for you.",
            fix="Its sponsor has it, where it was created since version 0.2.",
            where=name,
        )
    return source


def board_split(competition: Competition) -> str:
    """The split whose scores are shown now."""
    final = competition.status in FINAL_BOARD
    return Split.Name.PRIVATE if final else Split.Name.PUBLIC


def baseline(competition: Competition, split: str) -> Baseline | None:
    """What the base model scored on this split, once it is known."""
    scored = Evaluation.objects.filter(
        competition=competition,
        submission=None,
        split=split,
        status=Evaluation.Status.SCORED,
    ).first()
    if scored is None:
        return None
    return Baseline(competition.base_model.reference, *_interval(scored))


def leaderboard(
    *, competition: Competition, viewer: User | None, now: datetime
) -> Board:
    """Each miner's best scored entry, ranked; a tie is shown as a tie.

    On the final board of a rule that pays entries, every entry that was judged.
    """
    split = board_split(competition)
    pays_entries = not prizes.find(competition.prize_rule).one_entry_each
    is_by_entry = pays_entries and split == Split.Name.PRIVATE
    best = _shown(competition, split, is_by_entry=is_by_entry)
    placings = rank(
        Entry(key, _interval(e)[0], e.submission.created_at)
        for key, e in best.items()
        if e.submission is not None
    )
    rows = [
        _row(best[p.entry.key], rank=p.rank, tied=p.tied_with > 0, viewer=viewer)
        for p in placings
    ]
    return Board(
        rows=rows,
        baseline=baseline(competition, split),
        split=split,
        count_hidden=hidden_counts(competition).get(split, 0),
        as_of=now,
        is_by_entry=is_by_entry,
        struck=struck(competition),
    )


def struck(competition: Competition) -> list[Disqualification]:
    """Entries that no longer count, the first struck off first."""
    found = Disqualification.objects.filter(submission__competition=competition)
    return list(
        found.select_related("submission__miner", "submission__model__owner").order_by(
            "at", "pk"
        )
    )


def challenges(
    *, competition: Competition | None = None, cursor: str | None, limit: int
) -> Page[Challenge]:
    """A competition's challenges; of all competitions the undecided, oldest first."""
    found = Challenge.objects.select_related(
        "challenger", "competition", "submission__miner", "submission__model__owner"
    )
    if competition is not None:
        found = found.filter(competition=competition)
    else:
        found = found.filter(status=Challenge.Status.OPEN)
    return keyset(found, cursor=cursor, limit=limit, order=["created_at", "id"])


def challenge_by_id(*, challenge_id: str, viewer: User | None) -> Challenge:
    """The challenge; who sees the competition sees it.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    found = Challenge.objects.select_related(
        "challenger",
        "competition__sponsor",
        "hold",
        "submission__miner",
        "submission__model__owner",
    )
    challenge = (
        found.filter(pk=challenge_id).first() if _is_uuid(challenge_id) else None
    )
    if challenge is None or not can_see(viewer, challenge.competition):
        raise NotFound("challenge_not_found", "There is no such challenge.")
    return challenge


def given_up() -> list[Evaluation]:
    """Evaluations that the platform gave up and something waits for; at most 100."""
    found = Evaluation.objects.filter(
        status=Evaluation.Status.FAILED,
        failure_code=GAVE_UP,
        submission__disqualification=None,
    ).exclude(competition__status__in=[Status.SETTLED, Status.CANCELLED])
    return list(
        found.select_related("competition", "model__owner").order_by("finished_at")[
            :100
        ]
    )


def _shown(
    competition: Competition, split: str, *, is_by_entry: bool
) -> dict[str, Evaluation]:
    scored = Evaluation.objects.filter(
        competition=competition,
        split=split,
        repeat=0,
        status=Evaluation.Status.SCORED,
        submission__isnull=False,
        submission__disqualification=None,
        climbed=True,
    ).select_related(
        "submission__miner", "submission__award", "submission__model__owner"
    )
    best: dict[object, Evaluation] = {}
    for evaluation in scored.order_by(
        Coalesce("shown", "score").desc(), "submission__created_at", "id"
    ):
        assert evaluation.submission is not None
        entrant = evaluation.submission.miner_id
        best.setdefault(evaluation.pk if is_by_entry else entrant, evaluation)
    return {str(e.submission_id): e for e in best.values()}


def _row(
    evaluation: Evaluation, *, rank: int, tied: bool, viewer: User | None
) -> BoardRow:
    submission = evaluation.submission
    assert submission is not None
    award = getattr(submission, "award", None)
    value, low, high = _interval(evaluation)
    return BoardRow(
        rank=rank,
        tied=tied,
        submission=submission,
        miner_handle=submission.miner.username,
        model_reference=submission.model.reference,
        score=value,
        low=low,
        high=high,
        seconds=evaluation.usage.get("cpu_seconds"),
        submitted_at=submission.created_at,
        amount=award.amount if award is not None else None,
        is_mine=viewer is not None and viewer.pk == submission.miner_id,
    )


def _interval(evaluation: Evaluation) -> tuple[float, float, float]:
    """Value, low and high that may be told of a scored evaluation."""
    told = evaluation.told
    assert told is not None
    return told.value, told.low, told.high


def submission_by_id(*, submission_id: str, viewer: User | None) -> Submission:
    """The submission.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    submission = None
    if _is_uuid(submission_id):
        submission = (
            Submission.objects.select_related(
                "competition__sponsor",
                "miner",
                "model__owner",
                "disqualification",
                "dues__pool",
            )
            .filter(pk=submission_id)
            .first()
        )
    if submission is None or not can_see_submission(viewer, submission):
        raise NotFound("submission_not_found", "There is no such submission.")
    return submission


def shown_evaluations(submission: Submission) -> list[Evaluation]:
    """Its evaluations; private scores only once the final board is out."""
    found = submission.evaluations.select_related("receipt__key__operator").order_by(
        "queued_at"
    )
    if submission.competition.status not in FINAL_BOARD:
        found = found.exclude(split=Split.Name.PRIVATE)
    return list(found)


def submissions_of(
    *,
    miner: User,
    competition: Competition | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Submission]:
    """The miner's own submissions, newest first."""
    found = Submission.objects.filter(miner=miner).select_related(
        "competition",
        "miner",
        "model__owner",
        "disqualification",
        "award",
        "dues__pool",
    )
    if competition is not None:
        found = found.filter(competition=competition)
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])


def rank_of(*, submission: Submission, now: datetime) -> int | None:
    """Its rank on the board that counts now; None when it is not on it."""
    board = leaderboard(competition=submission.competition, viewer=None, now=now)
    ranks = {row.submission.pk: row.rank for row in board.rows}
    return ranks.get(submission.pk)


def blob_for_evaluator(*, sha256: str) -> Blob:
    """A file of a pending evaluation: inputs and models, never answers.

    Raises:
        NotFound: no pending evaluation needs it.
    """
    needed = Evaluation.objects.filter(
        Q(model__files__blob_id=sha256)
        | Q(competition__base_model__files__blob_id=sha256)
        | Q(competition__splits__inputs_id=sha256),
        status__in=[Evaluation.Status.QUEUED, Evaluation.Status.LEASED],
    )
    answers = Split.objects.filter(answers_id=sha256)
    if not needed.exists() or answers.exists():
        raise NotFound("blob_not_found", "No pending evaluation needs this file.")
    return Blob.objects.get(pk=sha256)


def live_figures() -> dict[str, Any]:
    """For the landing page: open competitions, base units staked and paid out."""
    counts = Competition.objects.aggregate(
        open=Count("pk", filter=Q(status=Status.OPEN)),
        settled=Count("pk", filter=Q(status=Status.SETTLED)),
    )
    staked_total = Stake.objects.filter(withdrawn_at=None).aggregate(
        total=AmountSum("amount")
    )
    paid = Competition.objects.filter(status=Status.SETTLED).aggregate(
        total=AmountSum("awards__amount")
    )
    return {
        **counts,
        "staked": staked_total["total"] or 0,
        "paid": paid["total"] or 0,
    }


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def slugs_of(ids: Iterable[str]) -> dict[str, str]:
    """The slugs of competitions, by id; other ids are left out."""
    rows = Competition.objects.filter(pk__in=list(ids)).values_list("pk", "slug")
    return {str(pk): slug for pk, slug in rows}
