"""Taking a submission: everything that can be refused is refused here, at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from assay.protocol.admission import AdmissionRules, Finding, Kind, inspect_files
from assay.protocol.errors import Conflict, Forbidden, Invalid, LimitReached
from catalogue import services as catalogue
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Split, Submission
from competitions.selectors import SPARED
from competitions.services import (
    budget,
    deposits,
    duties,
    evaluating,
    gathering,
    history,
    parentage,
    steps,
)
from competitions.specification import EntrySpec
from storage.blobs import StoredFile
from storage.models import Blob
from storage.scanning import non_finite_findings
from storage.services import held_blob

QUOTA_PERIOD = timedelta(days=1)


class SubmissionRefused(Invalid):
    """The files break a rule; ``findings`` lists every one, with its fix."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(
            "submission_refused",
            f"{first.sentence}{more}",
            fix=first.fix,
            where=first.path,
        )
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Quota:
    """How many submissions a day are used, and when the next one is allowed."""

    used: int
    limit: int
    failures: int
    failure_limit: int
    next_at: datetime | None


def submit(
    *, miner: User, competition: Competition, entry: EntrySpec, now: datetime
) -> Submission:
    """Accept a model and queue its evaluation on the public split.

    Raises:
        SubmissionRefused: the files break a rule.
        Invalid: terms, shares or parents do.
        NotFound: the miner has no such repository or commit.
        Conflict: the competition does not take submissions, or the miner has not
            accepted its rules (``rules_not_accepted``).
        Forbidden: the sponsor has a part in the entry (``sponsor_may_not_enter``).
        LimitReached: today's submissions are used up, or the space for entries is.
        PaymentRequired: an entry costs something, and the miner has not agreed to it.
        InsufficientFunds: the wallet holds less than that.
    """
    steps.require("submit", competition, now)
    _require_entrant(competition, miner, entry)
    if entry.repository:
        entry = gathering.from_repository(miner=miner, entry=entry)
    blobs = {
        path: held_blob(owner=miner, sha256=sha256, where=path)
        for path, sha256 in entry.files.items()
    }
    _inspect(competition, entry, blobs)
    with transaction.atomic():
        # One submission at a time: quotas and copies are told by what came before.
        competition = Competition.objects.select_for_update(no_key=True).get(
            pk=competition.pk
        )
        steps.require("submit", competition, now)
        _require_quota(competition, miner, now)
        _require_space(competition, miner, blobs)
        budget.require_room(
            competition=competition, miner=miner, income=competition.submission_fee
        )
        declared = parentage.declared_parents(
            miner=miner, competition=competition, kind=entry.kind, texts=entry.parents
        )
        model = catalogue.create_model(
            owner=miner,
            draft=catalogue.ModelDraft(
                name=entry.name,
                kind=entry.kind,
                files=blobs,
                terms=entry.terms,
                shares=_contributors(miner, entry.shares),
                parents=declared.models,
                external_parents=declared.externals,
                relations=declared.relations,
                card=entry.card,
            ),
            rules=[parentage.licence_rule(competition)],
            now=now,
        )
        _refuse_copies(competition, model)
        submission = Submission.objects.create(
            competition=competition,
            miner=miner,
            model=model,
            message=entry.message[:200],
            created_at=now,
        )
        deposits.collect(submission=submission, consents=entry.pay, now=now)
        evaluating.queue(
            competition=competition,
            model=model,
            split=Split.Name.PUBLIC,
            submission=submission,
            now=now,
        )
        history.record(
            competition=competition,
            kind="submitted",
            actor=miner.username,
            now=now,
            submission=str(submission.id),
            manifest_digest=model.manifest_digest,
        )
    return submission


def _require_entrant(competition: Competition, miner: User, entry: EntrySpec) -> None:
    """Who knows the answers stays out, and who enters has accepted the rules."""
    sponsor = competition.sponsor.username
    if sponsor in {miner.username, *entry.shares}:
        raise Forbidden(
            "sponsor_may_not_enter",
            f"{sponsor} sponsors {competition.slug} and knows its hidden answers, so "
            "cannot enter it or share in an entry.",
            where="shares" if sponsor in entry.shares else "",
        )
    if not duties.has_accepted(competition, miner):
        raise Conflict(
            "rules_not_accepted",
            f"You have not accepted the rules of {competition.slug}, which have the "
            f"digest {competition.rules_digest}.",
            fix=f"Read them on its page, then run `assay competition rules accept "
            f"{competition.slug}`.",
            where="rules",
        )


def _inspect(
    competition: Competition, entry: EntrySpec, blobs: Mapping[str, Blob]
) -> None:
    labels = competition.task_options.get("labels")
    rules = AdmissionRules(
        kinds=frozenset({_kind(entry)}),
        architectures=frozenset({competition.base_model.architecture}),
        max_total_bytes=competition.max_bytes,
        num_labels=len(labels) if labels else None,
    )
    stored = {path: StoredFile(blob.sha256, blob.size) for path, blob in blobs.items()}
    findings = inspect_files(stored, rules) or non_finite_findings(
        {path: file for path, file in stored.items() if path.endswith(".safetensors")}
    )
    if findings:
        raise SubmissionRefused(findings)


def _require_space(
    competition: Competition, miner: User, blobs: Mapping[str, Blob]
) -> None:
    """What one miner's entries keep stored, files that they share counted once."""
    entered = Submission.objects.filter(competition=competition, miner=miner)
    names = {blob.pk for blob in blobs.values()}
    kept = Blob.objects.filter(
        Q(pk__in=names) | Q(model_files__model__in=entered.values("model"))
    )
    size = sum(dict(kept.values_list("pk", "size")).values())
    if size > settings.ENTRANT_BYTES:
        raise LimitReached(
            "competition_storage_quota",
            f"With this entry your files in {competition.slug} would have {size} "
            f"bytes; {settings.ENTRANT_BYTES} is the most.",
            fix="Enter adapters, or whole models in bfloat16.",
        )


def _kind(entry: EntrySpec) -> Kind:
    try:
        return Kind(entry.kind)
    except ValueError as error:
        raise Invalid(
            "kind_unknown",
            f"There is no kind of submission {entry.kind!r}.",
            fix=f"Use one of: {', '.join(Kind)}.",
            where="kind",
        ) from error


def _contributors(miner: User, shares: Mapping[str, int]) -> list[tuple[User, int]]:
    if not shares:
        return [(miner, 1)]
    known = User.objects.in_bulk(list(shares), field_name="username")
    missing = set(shares) - set(known)
    if missing:
        raise Invalid(
            "contributor_unknown",
            f"Nobody here has the handle {min(missing)}.",
            fix="A contributor signs up first.",
            where="shares",
        )
    return [(known[handle], parts) for handle, parts in shares.items()]


def _refuse_copies(competition: Competition, model: Model) -> None:
    """The earliest holder of a set of weights keeps it; the second is a copy."""
    weights = set(
        model.files.filter(path__endswith=".safetensors").values_list(
            "blob_id", flat=True
        )
    )
    entered = Submission.objects.filter(
        competition=competition, model__files__blob_id__in=weights
    ).exclude(status=Submission.Status.CANCELLED, miner=model.owner)
    base = competition.base_model.files.filter(blob_id__in=weights)
    if entered.exists() or base.exists():
        raise Conflict(
            "weights_known",
            "These weights have been entered in this competition before.",
            fix="Submit a model that differs.",
        )


def quota(*, competition: Competition, miner: User, now: datetime) -> Quota:
    """What is used of the miner's day.

    What the platform failed, or was cancelled before it began, does not count; what
    was cancelled while it ran is used, and only the model's own failures are failures.
    """
    recent = Submission.objects.filter(
        competition=competition, miner=miner, created_at__gt=now - QUOTA_PERIOD
    ).order_by("created_at")
    spared = Evaluation.objects.filter(
        failure_code__in=SPARED, submission__isnull=False
    ).values("submission")
    ended = [Submission.Status.FAILED, Submission.Status.CANCELLED]
    counted = list(recent.exclude(status__in=ended, pk__in=spared))
    failed = [s for s in counted if s.status == Submission.Status.FAILED]
    waits = [
        *_wait(counted, competition.daily_submissions),
        *_wait(failed, competition.daily_failures),
    ]
    return Quota(
        used=len(counted),
        limit=competition.daily_submissions,
        failures=len(failed),
        failure_limit=competition.daily_failures,
        next_at=max(waits, default=None),
    )


def _wait(used: Sequence[Submission], limit: int) -> list[datetime]:
    """When fewer than ``limit`` of these, oldest first, count; nothing if so now."""
    if len(used) < limit:
        return []
    return [used[len(used) - limit].created_at + QUOTA_PERIOD]


def _require_quota(competition: Competition, miner: User, now: datetime) -> None:
    used = quota(competition=competition, miner=miner, now=now)
    if used.next_at is not None:
        raise LimitReached(
            "submission_quota",
            f"{used.used} of {used.limit} submissions of the last 24 hours are used.",
            fix=f"The next one is allowed at {used.next_at:%F %R} UTC.",
            retry_at=used.next_at,
        )
