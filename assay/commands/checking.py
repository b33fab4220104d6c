"""Everything that the server would refuse, found before anything is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assay.client import Client
from assay.client.records import Competition, Model, TermsPreview
from assay.commands.folder import LocalFile, kind_of
from assay.protocol.admission import AdmissionRules, Finding, inspect_files
from assay.protocol.errors import Invalid, NotFound, Refusal
from assay.protocol.manifest import Manifest, ManifestFile, Share
from assay.protocol.terms import read_tags

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
    return found + _lineage_faults(client, slug, entry)


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


def _lineage_faults(client: Client, slug: str, entry: LocalEntry) -> list[Finding]:
    """What parents and licence rule say; the parents' terms are the server's."""
    if entry.terms is not None:
        unread = _faults(read_tags(entry.terms).checked)
        if unread:
            return unread
    try:
        preview = preview_of(client, slug, entry)
    except (Invalid, NotFound) as refusal:
        return [_finding(refusal)]
    return [Finding(c.code, c.where, c.sentence, c.fix) for c in preview.conflicts]


def preview_of(client: Client, slug: str, entry: LocalEntry) -> TermsPreview:
    """What the entry's terms may say, and what stands against them."""
    return client.submissions.preview(
        slug, kind=entry.kind, parents=entry.parents, terms=entry.terms
    )


def _faults(check: Callable[[], object]) -> list[Finding]:
    try:
        check()
    except Invalid as refusal:
        return [_finding(refusal)]
    return []


def _finding(refusal: Refusal) -> Finding:
    return Finding(refusal.code, refusal.where, refusal.sentence, refusal.fix)
