"""Creating a competition: reading its benchmark and measuring its baseline."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol import prizes
from assay.protocol.benchmarks import (
    Benchmark,
    read_benchmark,
    shared_inputs,
    task_type,
)
from assay.protocol.canonical import canonical_bytes
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.lifecycle import too_far
from assay.protocol.manifest import check_path
from assay.protocol.money import parse_amount
from assay.protocol.terms import NAMED_USES
from catalogue.models import Model
from catalogue.selectors import model_by_reference
from competitions.models import Attachment, Competition, Split
from competitions.services import evaluating, fees, history
from competitions.specification import CompetitionSpec
from ledger.wallets import platform_asset
from storage.blobs import open_blob
from storage.models import Blob
from storage.services import held_blob, store_bytes

MAX_SPLIT_BYTES = 200 * 2**20
MAX_STEP = 0.2
MAX_CHALLENGE = timedelta(days=60)
# An output on its way to the server, at the most: {"id":…,"scores":[…]} or "text"
ENVELOPE_BYTES, ROW_BYTES = 64 * 2**10, 24
LIMITS = {"daily_submissions": 1000, "max_seconds": 7 * 86400}


def create_competition(
    *, sponsor: User, spec: CompetitionSpec, now: datetime
) -> Competition:
    """Create a draft and queue the evaluations that give its baseline.

    Raises:
        Invalid: a field, an option or a row of the benchmark breaks a rule.
        Conflict: the slug is taken.
    """
    read = read_spec(sponsor, spec, now=now)
    with transaction.atomic():
        competition = _insert(sponsor, read, now=now)
        attach_files(competition, read)
        history.record(
            competition=competition, kind="draft", actor=sponsor.username, now=now
        )
        evaluating.queue_baseline(competition=competition, now=now)
    return competition


@dataclass(frozen=True)
class ReadSpec:
    """A spec that breaks no rule, with what it names.

    Attributes:
        sources: the sponsor's labelled files by split; ``benchmarks`` what they say.
        files: attachments by path, the sample among them.
    """

    spec: CompetitionSpec
    base_model: Model
    sources: Mapping[str, Blob]
    benchmarks: Mapping[str, Benchmark]
    files: Mapping[str, Blob]


def read_spec(sponsor: User, spec: CompetitionSpec, *, now: datetime) -> ReadSpec:
    """Read everything that the spec names, and check all of it.

    Raises:
        Invalid: a field, an option or a row of the benchmark breaks a rule.
    """
    base_model = model_by_reference(reference=spec.base_model, viewer=sponsor)
    _check(spec, base_model=base_model, now=now)
    sources = _sources(sponsor, spec)
    return ReadSpec(
        spec=spec,
        base_model=base_model,
        sources=sources,
        benchmarks=_read_splits(spec, sources),
        files=_files(sponsor, spec),
    )


def _check(spec: CompetitionSpec, *, base_model: Model, now: datetime) -> None:
    if not base_model.is_base:
        raise Invalid(
            "base_model_not_allowed",
            f"{base_model.reference} is not registered as a base model.",
            fix="Choose one of those that the page for a new competition lists.",
            where="base_model",
        )
    metrics = task_type(spec.task_type).metrics
    if spec.metric not in metrics:
        raise Invalid(
            "metric_not_for_task",
            f"{spec.metric!r} does not suit {spec.task_type}.",
            fix=f"Use one of: {', '.join(metrics)}.",
            where="metric",
        )
    prizes.check_options(spec.prize_rule, spec.prize_options)
    for where in ("task_options", "prize_options"):
        _require_exact(getattr(spec, where), where=where)
    unknown = set(spec.required_uses) - {use.value for use in NAMED_USES}
    if unknown:
        raise Invalid(
            "use_unknown",
            f"There is no use {min(unknown)!r}.",
            fix=f"Use some of: {', '.join(use.value for use in NAMED_USES)}.",
            where="required_uses",
        )
    if not math.isfinite(spec.margin) or not 0 <= spec.margin < 1:
        raise Invalid("margin_invalid", "The margin is 0 to below 1.", where="margin")
    if not math.isfinite(spec.board_step) or not 0 <= spec.board_step <= MAX_STEP:
        raise Invalid(
            "board_step_invalid",
            f"The board's step is 0 to {MAX_STEP}.",
            fix="One standard error of a score is a good step: 0.01 or so.",
            where="board_step",
        )
    _check_limits(spec)
    _check_schedule(spec, now)


def _check_limits(spec: CompetitionSpec) -> None:
    for field, most in LIMITS.items():
        if not 1 <= getattr(spec, field) <= most:
            raise Invalid("limit_invalid", f"{field} is 1 to {most}.", where=field)


def _require_exact(options: Mapping[str, Any], *, where: str) -> None:
    """Options become part of the hashed rules, which hold whole numbers only."""
    try:
        canonical_bytes(dict(options))
    except Invalid as error:
        raise Invalid(
            "options_not_exact",
            f"{where} cannot be hashed exactly: {error.sentence}",
            fix="Use whole numbers, texts and lists of them.",
            where=where,
        ) from error


def _check_schedule(spec: CompetitionSpec, now: datetime) -> None:
    if spec.deadline <= now:
        raise Invalid(
            "deadline_past",
            "The deadline has passed already.",
            fix="Name a later one, in UTC.",
            where="deadline",
        )
    too_late = too_far(spec.deadline, now)
    if too_late is not None:
        raise too_late
    if not timedelta(0) <= spec.challenge_window <= MAX_CHALLENGE:
        raise Invalid(
            "challenge_window_invalid",
            f"The challenge window is 0 to {MAX_CHALLENGE.days} days.",
            where="challenge_window",
        )


def _sources(sponsor: User, spec: CompetitionSpec) -> dict[str, Blob]:
    expected = {name.value for name in Split.Name}
    if set(spec.splits) != expected:
        raise Invalid(
            "splits_wrong",
            f"A benchmark has the splits {', '.join(sorted(expected))}.",
            where="splits",
        )
    found = {}
    for name in expected:
        blob = held_blob(owner=sponsor, sha256=spec.splits[name], where=name)
        if blob.size > MAX_SPLIT_BYTES:
            raise Invalid(
                "split_too_large",
                f"A split may have {MAX_SPLIT_BYTES} bytes; {name} has {blob.size}.",
                fix="Take fewer examples: some thousands tell models apart.",
                where=name,
            )
        found[name] = blob
    return found


def _read_splits(
    spec: CompetitionSpec, sources: Mapping[str, Blob]
) -> dict[str, Benchmark]:
    read = {}
    for name in Split.Name.values:
        with open_blob(sources[name].sha256) as content:
            read[name] = read_benchmark(
                task=spec.task_type,
                options=spec.task_options,
                content=content,
                split=name,
            )
        _check_outputs(spec, name, read[name])
    _check_leaks(read)
    return read


def _check_outputs(spec: CompetitionSpec, split: str, benchmark: Benchmark) -> None:
    """What a model says of a split comes back in one request, which must hold it."""
    kind = task_type(spec.task_type)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - ENVELOPE_BYTES
    size = sum(
        ROW_BYTES + len(json.dumps(e.id)) + kind.output_bytes(e, spec.task_options)
        for e in benchmark.examples
    )
    if size > most:
        raise Invalid(
            "split_too_large",
            f"The outputs for the {split} split would have {size} bytes; {most} fit.",
            fix="Take fewer examples: some thousands tell models apart.",
            where=split,
        )


def _check_leaks(read: Mapping[str, Benchmark]) -> None:
    """Hidden questions must be hidden: none may stand in the sample."""
    for hidden in (Split.Name.PUBLIC.value, Split.Name.PRIVATE.value):
        leaked = shared_inputs(read[hidden], read[Split.Name.SAMPLE.value])
        if leaked:
            raise Invalid(
                "benchmark_leak",
                f"{len(leaked)} questions of the {hidden} split also stand in the "
                f"sample, which everyone sees; the first is {leaked[0]}.",
                fix="Take them out of one of the two.",
                where=hidden,
            )


def _insert(sponsor: User, read: ReadSpec, *, now: datetime) -> Competition:
    asset = platform_asset()
    competition = Competition(
        sponsor=sponsor,
        slug=read.spec.slug,
        asset_id=asset.symbol,
        created_at=now,
        **columns(read),
    )
    try:
        check_columns(competition)
        with transaction.atomic():
            competition.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "slug_taken",
            f"There is a competition {read.spec.slug} already.",
            fix="Choose another slug.",
            where="slug",
        ) from error
    return competition


def columns(read: ReadSpec) -> dict[str, Any]:
    """What the spec says, as a competition's columns; all but slug and owner."""
    spec, asset = read.spec, platform_asset()
    return {
        "base_model": read.base_model,
        "minimum_stake": parse_amount(spec.minimum_stake, asset),
        "title": spec.title,
        "summary": spec.summary,
        "description": spec.description,
        "task_type": spec.task_type,
        "task_options": dict(spec.task_options),
        "metric": spec.metric,
        "prize_rule": spec.prize_rule,
        "prize_options": dict(spec.prize_options),
        "margin": spec.margin,
        "board_step": spec.board_step,
        "required_uses": list(spec.required_uses),
        "deadline": spec.deadline,
        "challenge_window": spec.challenge_window,
        "daily_submissions": spec.daily_submissions,
        "max_seconds": spec.max_seconds,
        "data_licence": spec.data_licence,
        **fees.frozen(spec, asset),
    }


def check_columns(competition: Competition) -> None:
    """Refuse a text that is too long, a slug that is none, and the like.

    Raises:
        Invalid: ``competition_invalid``.
    """
    try:
        competition.clean_fields(exclude=["sponsor", "base_model", "asset"])
    except ValidationError as error:
        raise Invalid(
            "competition_invalid",
            " ".join(error.messages),
            where=next(iter(error.message_dict)),
        ) from error


def attach_files(competition: Competition, read: ReadSpec) -> None:
    """Give a competition its splits and the files for everyone, and no others."""
    competition.splits.all().delete()
    competition.attachments.all().delete()
    for name, benchmark in read.benchmarks.items():
        Split.objects.create(
            competition=competition,
            name=name,
            inputs=store_bytes(owner=None, content=benchmark.inputs),
            answers=store_bytes(owner=None, content=benchmark.answers),
            source=read.sources[name],
            count=len(benchmark.examples),
        )
    Attachment.objects.bulk_create(
        Attachment(competition=competition, path=path, blob=blob)
        for path, blob in sorted(read.files.items())
    )


def _files(sponsor: User, spec: CompetitionSpec) -> dict[str, Blob]:
    """The sponsor's files, and the sample with its answers, for everyone."""
    files = {**spec.attachments, "sample.jsonl": spec.splits[Split.Name.SAMPLE]}
    hidden = {spec.splits[Split.Name.PUBLIC], spec.splits[Split.Name.PRIVATE]}
    for path, sha256 in files.items():
        check_path(path)
        if sha256 in hidden:
            raise Invalid(
                "benchmark_leak",
                f"{path} is a hidden split with its answers, and attachments are for "
                "everyone.",
                fix="Take it out of the attachments.",
                where=path,
            )
    return {
        path: held_blob(owner=sponsor, sha256=sha256, where=path)
        for path, sha256 in files.items()
    }
