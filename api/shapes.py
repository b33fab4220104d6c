"""Shaping what several areas answer with: competitions, submissions, files."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import User
from api.amounts import shown
from api.lineages import resemblance_answers
from api.objections import duty_answers, struck_answer
from api.schemas.common import FileAnswer
from api.schemas.competitions import (
    BaselineAnswer,
    CompetitionAnswer,
    CompetitionSummary,
    HillAnswer,
    SeatAnswer,
)
from api.schemas.paymaster import DuesAnswer
from api.schemas.submissions import (
    EvaluationAnswer,
    FailureAnswer,
    ReceiptBriefAnswer,
    SliceAnswer,
    SubmissionAnswer,
)
from assay.protocol import prizes
from catalogue.models import ModelFile, Resemblance
from catalogue.selectors import resemblances_by_model, weights_states
from common import clock
from competitions import contests, selectors
from competitions.models import (
    Attachment,
    Competition,
    Dues,
    Evaluation,
    Submission,
)
from competitions.permissions import can_manage
from competitions.services import duties, waiting


def file_answer(file: ModelFile | Attachment) -> FileAnswer:
    """A stored file by its path."""
    return FileAnswer(path=file.path, size=file.blob.size, sha256=file.blob_id)


def competition_summary(competition: Competition, *, staked: int) -> CompetitionSummary:
    """A row of a list. ``staked`` is in base units."""
    return CompetitionSummary(
        slug=competition.slug,
        title=competition.title,
        summary=competition.summary,
        status=competition.status,
        sponsor=competition.sponsor.username,
        task_type=competition.task_type,
        metric=competition.metric,
        base_model=competition.base_model.reference,
        asset=competition.asset_id,
        staked=shown(staked),
        minimum_stake=shown(competition.minimum_stake),
        prize_rule=competition.prize_rule,
        deadline=competition.deadline,
        created_at=competition.created_at,
        opened_at=competition.opened_at,
        settled_at=competition.settled_at,
    )


def competition_answer(
    competition: Competition, *, viewer: User | None, now: datetime
) -> CompetitionAnswer:
    """A competition with all of its rules."""
    summary = competition_summary(competition, staked=selectors.staked(competition))
    split = selectors.board_split(competition)
    return CompetitionAnswer(
        **dict(summary),
        id=competition.id,
        description=competition.description,
        task_options=competition.task_options,
        prize_options=competition.prize_options,
        prize=prizes.describe(competition.prize_rule, competition.prize_options),
        hill=_hill_answer(contests.hill(competition, now=clock.now())),
        margin=competition.margin,
        board_step=competition.board_step,
        data_licence=competition.data_licence,
        required_uses=competition.required_uses,
        challenge_hours=competition.challenge_window / timedelta(hours=1),
        daily_submissions=competition.daily_submissions,
        daily_failures=competition.daily_failures,
        max_bytes=competition.max_bytes,
        max_seconds=competition.max_seconds,
        max_memory=competition.max_memory,
        fee_points=competition.fee_points,
        budget_points=competition.budget_points,
        second_price=shown(competition.second_price),
        submission_fee=shown(competition.submission_fee),
        deposit=shown(competition.deposit),
        splits=selectors.hidden_counts(competition),
        baseline=baseline_answer(selectors.baseline(competition, split)),
        provisional_until=competition.provisional_until,
        rules_digest=competition.rules_digest,
        rules_accepted=duties.has_accepted(competition, viewer),
        waits_for=waiting.in_words(competition, now=now),
        is_mine=can_manage(viewer, competition),
    )


def _hill_answer(hill: contests.Hill | None) -> HillAnswer | None:
    if hill is None:
        return None
    seats = [
        SeatAnswer(
            submission=seat.submission.id,
            miner=seat.submission.miner.username,
            model=seat.submission.model.reference,
            accrued=shown(seat.accrued),
            is_king=seat.is_king,
        )
        for seat in hill.seats
    ]
    return HillAnswer(
        seats=seats,
        since=hill.since,
        unclaimed=shown(hill.unclaimed),
        as_of=hill.as_of,
    )


def baseline_answer(found: selectors.Baseline | None) -> BaselineAnswer | None:
    """What the base model scores, once that is known."""
    if found is None:
        return None
    return BaselineAnswer(
        model=found.model_reference, score=found.score, low=found.low, high=found.high
    )


def submission_answers(
    submissions: Iterable[Submission], *, now: datetime
) -> list[SubmissionAnswer]:
    """Submissions with their ranks; each board is computed once."""
    rows = list(submissions)
    ranks: dict[object, int] = {}
    for competition in {row.competition for row in rows}:
        board = selectors.leaderboard(competition=competition, viewer=None, now=now)
        ranks.update({row.submission.pk: row.rank for row in board.rows})
    models = [row.model_id for row in rows]
    flags, states = resemblances_by_model(models), weights_states(models)
    return [
        _submission_answer(
            row,
            rank=ranks.get(row.pk),
            weights=states.get(row.model_id, "none"),
            flags=flags.get(row.model_id, ()),
            now=now,
        )
        for row in rows
    ]


def submission_answer(submission: Submission, *, now: datetime) -> SubmissionAnswer:
    """One submission with its rank."""
    return submission_answers([submission], now=now)[0]


def _submission_answer(
    submission: Submission,
    *,
    rank: int | None,
    weights: str,
    flags: Iterable[Resemblance],
    now: datetime,
) -> SubmissionAnswer:
    struck = getattr(submission, "disqualification", None)
    return SubmissionAnswer(
        id=submission.id,
        status=submission.status,
        competition=submission.competition.slug,
        model=submission.model.reference,
        miner=submission.miner.username,
        message=submission.message,
        created_at=submission.created_at,
        evaluations=[
            _evaluation_answer(evaluation)
            for evaluation in selectors.shown_evaluations(submission)
        ],
        rank=rank,
        duties=duty_answers(submission, now=now),
        disqualified=struck_answer(struck) if struck is not None else None,
        weights=weights,
        resemblances=resemblance_answers(flags),
        dues=dues_answer(submission.dues) if hasattr(submission, "dues") else None,
    )


def dues_answer(dues: Dues) -> DuesAnswer:
    """What a submission paid, and what became of its deposit."""
    submission = dues.submission
    return DuesAnswer(
        submission=submission.pk,
        competition=submission.competition.slug,
        model=submission.model.reference,
        miner=submission.miner.username,
        fee=shown(dues.fee),
        fee_returned=shown(dues.fee_returned),
        deposit=shown(dues.deposit),
        kept=shown(dues.kept),
        returned=shown(dues.returned),
        spent=shown(dues.spent),
        asset=submission.competition.asset_id,
        state=dues.state,
        reason=dues.reason,
        pool=dues.pool_id,
        created_at=dues.created_at,
        closed_at=dues.closed_at,
    )


def _evaluation_answer(evaluation: Evaluation) -> EvaluationAnswer:
    failure = None
    if evaluation.failure_code:
        failure = FailureAnswer(
            code=evaluation.failure_code, sentence=evaluation.failure_sentence
        )
    told = evaluation.told
    receipt = getattr(evaluation, "receipt", None)
    return EvaluationAnswer(
        id=evaluation.id,
        split=evaluation.split,
        repeat=evaluation.repeat,
        status=evaluation.status,
        score=told.value if told else None,
        low=told.low if told else None,
        high=told.high if told else None,
        done=evaluation.done,
        total=evaluation.total,
        attempts=evaluation.attempts,
        seconds=evaluation.usage.get("cpu_seconds"),
        queued_at=evaluation.queued_at,
        started_at=evaluation.started_at,
        finished_at=evaluation.finished_at,
        failure=failure,
        outputs_digest=evaluation.outputs_digest,
        engine_version=evaluation.engine_version,
        receipt=ReceiptBriefAnswer(
            digest=receipt.digest, root=receipt.root, key_id=receipt.key_id
        )
        if receipt
        else None,
        slices=[SliceAnswer(**one) for one in evaluation.told_slices],
    )
