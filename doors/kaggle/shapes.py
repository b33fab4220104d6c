"""Competitions and submissions as Kaggle's clients read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import User
from assay.protocol.money import format_amount
from competitions.models import Attachment, Competition, Evaluation, Submission
from competitions.selectors import BoardRow, shown_evaluations
from ledger.wallets import platform_asset

STATUSES: Mapping[str, str] = {
    Submission.Status.QUEUED: "PENDING",
    Submission.Status.SCORED: "COMPLETE",
    Submission.Status.FAILED: "ERROR",
}


def moment(at: datetime) -> str:
    """ISO 8601 in UTC without a zone's offset, as the clients parse it."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}Z"


def number_of_submission(submission_id: UUID) -> int:
    """The submission's id as the whole number that the clients want."""
    return submission_id.int


def submission_of_number(number: int) -> str:
    """The id behind such a number; one that is no id finds nothing."""
    return str(UUID(int=number)) if 0 <= number < 2**128 else ""


def competition(
    found: Competition, *, staked: int, entrants: int, has_entered: bool
) -> dict[str, Any]:
    """A competition in a list; ``staked`` is in base units."""
    asset = platform_asset()
    return {
        "id": found.pk.int % 2**31,
        "ref": f"{settings.PUBLIC_URL}/competitions/{found.slug}",
        "url": f"{settings.PUBLIC_URL}/competitions/{found.slug}",
        "title": found.title,
        "description": found.summary,
        "organizationName": found.sponsor.username,
        "hostName": found.sponsor.username,
        "category": found.task_type,
        "reward": f"{format_amount(staked, asset)} {asset.symbol}",
        "deadline": moment(found.deadline),
        "enabledDate": moment(found.opened_at or found.created_at),
        "dateCreated": moment(found.created_at),
        "teamCount": entrants,
        "userHasEntered": has_entered,
        "maxDailySubmissions": found.daily_submissions,
        "maxTeamSize": 1,
        "evaluationMetric": found.metric,
        "submissionsDisabled": found.status != Competition.Status.OPEN,
        "licenseName": found.data_licence,
        "tags": [],
    }


def data_file(file: Attachment, found: Competition) -> dict[str, Any]:
    """A public file in a list."""
    return {
        "ref": file.path,
        "name": file.path,
        "description": "",
        "totalBytes": file.blob.size,
        "url": f"{settings.PUBLIC_URL}/competitions/{found.slug}/files/{file.path}",
        "creationDate": moment(file.blob.created_at),
    }


def submission(found: Submission) -> dict[str, Any]:
    """A submission with the scores that may be told."""
    scores = {e.split: _score(e) for e in shown_evaluations(found) if not e.repeat}
    return {
        "ref": number_of_submission(found.pk),
        "date": moment(found.created_at),
        "description": found.message,
        "fileName": found.model.reference,
        "status": STATUSES[found.status],
        "errorDescription": _failure(found),
        "publicScore": scores.get("public", ""),
        "privateScore": scores.get("private", ""),
        "submittedBy": found.miner.username,
        "submittedByRef": found.miner.username,
        "teamName": found.miner.username,
        "url": f"{settings.PUBLIC_URL}/submissions/{found.pk}",
    }


def board_row(row: BoardRow) -> dict[str, Any]:
    """A row of the leaderboard."""
    return {
        "teamId": team_number(row.submission.miner),
        "teamName": row.miner_handle,
        "submissionDate": moment(row.submitted_at),
        "score": f"{row.score:.5f}",
    }


def team_number(miner: User) -> int:
    """A number for a miner, who is a team of one."""
    return miner.pk.int >> 76


def _score(evaluation: Evaluation) -> str:
    told = evaluation.told
    return f"{told.value:.5f}" if told is not None else ""


def _failure(found: Submission) -> str:
    if found.status != Submission.Status.FAILED:
        return ""
    failed = [e for e in shown_evaluations(found) if e.failure_code]
    return " ".join(f"{e.failure_sentence} ({e.failure_code})" for e in failed[:1])
