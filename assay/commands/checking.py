"""Everything that the server would refuse, found before anything is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assay.client import Client
from assay.client.records import Competition, Model
from assay.commands.folder import LocalFile, kind_of
from assay.protocol.admission import AdmissionRules, Finding, inspect_files
from assay.protocol.errors import Invalid
from assay.protocol.manifest import Manifest, ManifestFile, Share
from assay.protocol.terms import Use, decide, read_tags

UNHASHED = "0" * 64  # no rule looks at a digest, and hashing gigabytes takes minutes


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A submission as it lies on disk; ``terms`` is None when none were given."""

    files: Mapping[str, Path]
    kind: str
    terms: Mapping[str, str] | None = None
    shares: Mapping[str, int] | None = None
    parents: Sequence[str] = ()


def find_faults(client: Client, slug: str, entry: LocalEntry) -> list[Finding]:
    """Every reason to refuse ``entry`` that can be found here."""
    competition = client.competitions.show(slug)
    base = client.models.show(competition.base_model)
    found = inspect_files(
        {path: LocalFile(file) for path, file in entry.files.items()},
        admission_rules(competition, base),
    )
    found += _kind_faults(entry)
    found += _faults(partial(_check_manifest, entry))
    if entry.terms is not None:
        found += _faults(partial(_check_terms, competition, entry.terms))
    return found


def admission_rules(competition: Competition, base: Model) -> AdmissionRules:
    """What the competition admits, as its server will ask."""
    labels = competition.task_options.get("labels")
    return AdmissionRules(
        architectures=frozenset({base.architecture}),
        max_total_bytes=competition.max_bytes,
        num_labels=len(labels) if labels else None,
    )


def _kind_faults(entry: LocalEntry) -> list[Finding]:
    if entry.kind == kind_of(dict(entry.files)):
        return []
    return [
        Finding(
            "kind_mistaken",
            "adapter_config.json",
            "It was to be an adapter, and there is no adapter_config.json.",
            "Leave --adapter out, or save the adapter alone.",
        )
    ]


def _check_manifest(entry: LocalEntry) -> None:
    shares = entry.shares or {"you": 1}
    Manifest(
        files=tuple(
            ManifestFile(path, file.stat().st_size, UNHASHED)
            for path, file in entry.files.items()
        ),
        terms=entry.terms or {},
        shares=tuple(Share(handle, parts) for handle, parts in shares.items()),
        parents=tuple(entry.parents),
    )


def _check_terms(competition: Competition, tags: Mapping[str, str]) -> None:
    terms = read_tags(tags).checked()
    for use in competition.required_uses:
        decision = decide(terms, Use(use))
        if not decision.allowed:
            raise Invalid(
                "terms_break_licence_rule",
                f"This competition asks that {use} be allowed, for a fee or free: "
                + " ".join(decision.reasons),
                fix="Change the terms; `assay terms explain FILE` shows what they say.",
                where="terms",
            )


def _faults(check: Callable[[], None]) -> list[Finding]:
    try:
        check()
    except Invalid as refusal:
        finding = Finding(refusal.code, refusal.where, refusal.sentence, refusal.fix)
        return [finding]
    return []
