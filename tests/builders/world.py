"""Competitions, submissions and scores, made by the verbs that the doors call."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import EvaluatorKey, User
from assay.protocol import receipts
from assay.protocol.manifest import ManifestFile
from assay.protocol.scoring import Output, outputs_digest
from assay.protocol.signatures import key_id, public_key
from catalogue.models import Model
from catalogue.services import ModelDraft, register_base_model
from competitions.models import Competition, Evaluation, Submission
from competitions.services import (
    drafting,
    duties,
    escrow,
    evaluating,
    lifecycle,
    measuring,
    submitting,
)
from competitions.specification import CompetitionSpec, EntrySpec
from ledger import wallets
from ledger.services import AccountKind, account, ensure_asset
from storage.services import store_bytes
from tests.builders.weights import LABELS, bert_files

UNIT = 10**18
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
OPEN_TERMS = {
    "License": "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw",
    "Derivation": "Allowed-With-RevenueShare-10%",
    "Commercial-Use": "Allowed",
    "Data-Model-Training": "Allowed",
}
PAID_TERMS = {
    "License": "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw",
    "Derivation": "Allowed-With-RevenueShare-10%",
    "Commercial-Use": "Allowed-With-Fee-One-Time-25",
    "Currency": "AST",
}


def rows(split: str, count: int) -> list[dict[str, str]]:
    """Labelled rows of text classification; the labels take turns."""
    return [
        {
            "id": f"{split}-{index}",
            "text": f"{split} question {index}",
            "label": LABELS[index % len(LABELS)],
        }
        for index in range(count)
    ]


def lines(some: list[dict[str, Any]]) -> bytes:
    """Rows as JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in some)


def sha256(content: bytes) -> str:
    """The digest by which a blob is named."""
    return hashlib.sha256(content).hexdigest()


def fund(user: User, tokens: int, now: datetime) -> None:
    """Give whole tokens out of the faucet."""
    ensure_asset("AST", 18)
    account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    wallets.faucet(user=user, amount=tokens * UNIT, key=f"fund-{tokens}", now=now)


def stored(user: User, files: Mapping[str, bytes]) -> dict[str, str]:
    """Upload small files; returns digest by path."""
    return {
        path: store_bytes(owner=user, content=content).sha256
        for path, content in files.items()
    }


def base_model(owner: User, now: datetime) -> Model:
    """A published base model of ``owner`` that asks for 10 % of what is built on it."""
    blobs = {
        path: store_bytes(owner=owner, content=content)
        for path, content in bert_files(seed=1000).items()
    }
    return register_base_model(
        owner=owner,
        draft=ModelDraft(
            name="tiny-bert",
            kind="full",
            files=blobs,
            terms=OPEN_TERMS,
            shares=[(owner, 1)],
            architecture="BertForSequenceClassification",
        ),
        now=now,
    )


def spec(sponsor: User, base: Model, now: datetime, **changes: Any) -> CompetitionSpec:
    """A small classification task, its splits uploaded."""
    ensure_asset("AST", 18)
    splits = {
        name: store_bytes(owner=sponsor, content=lines(rows(name, 30))).sha256
        for name in ("sample", "public", "private")
    }
    fields: dict[str, Any] = {
        "slug": "bank-intents",
        "title": "Bank intents",
        "summary": "Route a customer's question.",
        "task_type": "text_classification",
        "task_options": {"labels": LABELS},
        "metric": "accuracy",
        "base_model": base.reference,
        "splits": splits,
        "minimum_stake": "100",
        "prize_rule": "winner_takes_all",
        "deadline": now + timedelta(days=7),
        "challenge_window": timedelta(0),
    }
    return CompetitionSpec(**{**fields, **changes})


def funded_competition(
    sponsor: User, base: Model, now: datetime, **changes: Any
) -> Competition:
    """Staked on with its minimum, its baseline measured at 10 of 30 right."""
    fund(sponsor, 1000, now)
    competition = drafting.create_competition(
        sponsor=sponsor, spec=spec(sponsor, base, now, **changes), now=now
    )
    escrow.stake(
        competition=competition,
        staker=sponsor,
        amount=100 * UNIT,
        key=f"stake-{competition.slug}",
        now=now,
    )
    for evaluation in competition.evaluations.all():
        score(evaluation, right=10, now=now)
    competition.refresh_from_db()
    return competition


def open_competition(
    sponsor: User, base: Model, now: datetime, **changes: Any
) -> Competition:
    """Taking submissions."""
    competition = funded_competition(sponsor, base, now, **changes)
    return lifecycle.open_competition(competition=competition, actor=sponsor, now=now)


def accept(person: User, competition: Competition, now: datetime) -> None:
    """Take part under the rules as they are."""
    duties.accept_rules(
        competition=competition,
        person=person,
        rules_digest=competition.rules_digest,
        now=now,
    )


def submit(
    miner: User,
    competition: Competition,
    now: datetime,
    *,
    seed: int,
    **changes: Any,
) -> Submission:
    """Accept the rules and enter a tiny model; another seed is another model."""
    if Competition.objects.filter(pk=competition.pk, status="open").exists():
        accept(miner, competition, now)
    fields: dict[str, Any] = {
        "name": f"model-{seed}",
        "kind": "full",
        "files": stored(miner, bert_files(seed=seed)),
        "terms": PAID_TERMS,
    }
    return submitting.submit(
        miner=miner,
        competition=competition,
        entry=EntrySpec(**{**fields, **changes}),
        now=now,
    )


def outputs(evaluation: Evaluation, *, right: int) -> list[Output]:
    """What an evaluator would return: the first ``right`` examples are right."""
    result = []
    for index in range(evaluation.total):
        label = index % len(LABELS)
        chosen = label if index < right else (label + 1) % len(LABELS)
        scores = tuple(0.0 if i == chosen else -5.0 for i in range(len(LABELS)))
        result.append(Output(f"{evaluation.split}-{index}", scores))
    return result


def lease(evaluation: Evaluation, now: datetime) -> evaluating.LeasedJob:
    """Take it, as an evaluator does."""
    return evaluating.lease(
        evaluation_id=str(evaluation.id), evaluator=evaluator_with_key(), now=now
    )


def evaluator_with_key(handle: str = "evaluator") -> User:
    """An operator whose key counts from the beginning of time."""
    operator, _ = User.objects.get_or_create(username=handle)
    evaluator_key(operator)
    return operator


def evaluator_key(operator: User) -> EvaluatorKey:
    """The key of an operator, from ``seed_of`` its handle."""
    public = public_key(seed_of(operator.username))
    key, _ = EvaluatorKey.objects.get_or_create(
        key_id=key_id(public),
        defaults={"public": public, "operator": operator, "since": BEGINNING},
    )
    return key


def seed_of(handle: str) -> bytes:
    """The private key of an operator in tests."""
    return hashlib.sha256(handle.encode()).digest()


def receipt(
    job: evaluating.LeasedJob,
    said: Sequence[Output],
    *,
    usage: Mapping[str, Any],
    at: datetime,
    handle: str = "evaluator",
    **changes: Any,
) -> dict[str, Any]:
    """The receipt that an evaluator signs for these outputs."""
    signed = receipts.Receipt(
        evaluation=job.evaluation,
        split=job.split,
        weights=_weights(job.model_files),
        base=_weights(job.base_files),
        data=job.inputs.sha256,
        scorer=receipts.scorer_digest(
            task_type=job.task_type, options=job.options, metric=job.metric
        ),
        engine="test",
        precision=job.precision,
        root=receipts.root_of(said),
        examples=len(said),
        resources=receipts.Resources.of_usage(usage),
        at=at,
    )
    return receipts.sign_receipt(seed_of(handle), replace(signed, **changes))


def receipt_over_http(
    job: Mapping[str, Any],
    said: Sequence[Output],
    usage: Mapping[str, Any],
    handle: str,
) -> dict[str, Any]:
    """The same, for a lease that came as JSON; signed by that handle."""
    leased = evaluating.LeasedJob(
        **{
            **job,
            "model_files": [evaluating.JobFile(**file) for file in job["model_files"]],
            "base_files": [evaluating.JobFile(**file) for file in job["base_files"]],
            "inputs": evaluating.JobFile(path="inputs.jsonl", **job["inputs"]),
        }
    )
    at = datetime.fromisoformat(job["leased_at"])
    return receipt(leased, said, usage=usage, at=at, handle=handle, engine="1")


def _weights(files: Sequence[evaluating.JobFile]) -> str:
    return receipts.weights_digest(
        ManifestFile(file.path, file.size, file.sha256) for file in files
    )


def fail(
    evaluation: Evaluation, *, now: datetime, fault: str = "model", seconds: int = 0
) -> None:
    """Lease it and report a failure, ``seconds`` of jail time later."""
    job = lease(evaluation, now)
    evaluating.record_failure(
        evaluation_id=job.evaluation,
        lease=job.lease,
        fault=fault,
        code="broken",
        sentence="It broke.",
        usage={"cpu_seconds": 2.0, "wall_seconds": float(seconds)},
        now=now + timedelta(seconds=seconds),
    )


def score(
    evaluation: Evaluation, *, right: int, now: datetime, seconds: int = 0
) -> Evaluation:
    """Lease and return outputs, as an evaluator does, ``seconds`` later."""
    job = lease(evaluation, now)
    said = outputs(evaluation, right=right)
    usage = {"cpu_seconds": 1.5, "wall_seconds": float(seconds)}
    end = now + timedelta(seconds=seconds)
    return measuring.record_outputs(
        evaluation_id=job.evaluation,
        lease=job.lease,
        outputs=said,
        digest=outputs_digest(said),
        engine_version="test",
        usage=usage,
        certificate=receipt(job, said, usage=usage, at=end),
        now=end,
    )


def repeat(competition: Competition, *, now: datetime, seconds: int = 0) -> None:
    """Repeat what is to be repeated, each with the outputs that it had before."""
    pending = competition.evaluations.filter(repeat__gt=0, status="queued")
    for evaluation in pending.select_related("submission"):
        first = duties.counted(evaluation.submission)
        score(
            evaluation, right=round(first.score * first.total), now=now, seconds=seconds
        )


def rank_all(competition: Competition, right: Mapping[str, int], now: datetime) -> None:
    """Pass the deadline, and score the finalists' private split by handle.

    The competition is then provisional; repetitions are queued and not done.
    """
    lifecycle.advance(competition=competition, now=now)
    for evaluation in competition.evaluations.filter(
        split="private", repeat=0, submission__isnull=False
    ):
        score(evaluation, right=right[evaluation.submission.miner.username], now=now)
    lifecycle.advance(competition=competition, now=now)
    competition.refresh_from_db()
