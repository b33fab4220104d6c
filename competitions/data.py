"""A competition's public data: who may fetch it, and what is told of it."""

from functools import lru_cache

from django.conf import settings

from accounts.models import User
from assay.documents.dataset import DataFile, DataRecord, Feature, features_of
from assay.protocol.errors import Conflict
from competitions.models import Attachment, Competition
from competitions.permissions import can_fetch_data
from competitions.selectors import attachment, hidden_counts
from storage.blobs import open_blob

SAMPLE = "sample.jsonl"


def data_file(
    *, competition: Competition, path: str, viewer: User | None
) -> Attachment:
    """A public file of a competition that the viewer sees.

    Raises:
        NotFound: it has none of that path.
        Conflict: the viewer has not accepted the rules (``rules_not_accepted``).
    """
    found = attachment(competition=competition, path=path)
    require_data(competition, viewer)
    return found


def require_data(competition: Competition, viewer: User | None) -> None:
    """Refuse whoever has to accept the rules before they get the data.

    Raises:
        Conflict: ``rules_not_accepted``.
    """
    if can_fetch_data(viewer, competition):
        return
    first = "Read" if viewer is not None else "Log in, read"
    how = f"run `assay competition rules accept {competition.slug}`."
    raise Conflict(
        "rules_not_accepted",
        f"The data of {competition.slug} is for those who have accepted its rules.",
        fix=f"{first} them on its page, then {how}",
        where="rules",
    )


def data_record(competition: Competition) -> DataRecord:
    """What is told of its data to everybody who sees the competition."""
    page = f"{settings.PUBLIC_URL}/competitions/{competition.slug}"
    files = [
        DataFile(
            file.path,
            f"{settings.PUBLIC_URL}/api/competitions/{competition.slug}"
            f"/files/{file.path}",
            file.blob.size,
            file.blob_id,
        )
        for file in competition.attachments.select_related("blob")
    ]
    sample = next(file for file in files if file.path == SAMPLE)
    labels = competition.task_options.get("labels") or ()
    return DataRecord(
        name=competition.slug,
        title=competition.title,
        summary=competition.summary,
        page=page,
        sponsor=competition.sponsor.username,
        published=competition.opened_at or competition.created_at,
        task_type=competition.task_type,
        metric=competition.metric,
        licence=competition.data_licence,
        counts=hidden_counts(competition),
        features=_features(sample.sha256, tuple(map(str, labels))),
        sample=sample,
        files=tuple(files),
    )


@lru_cache(maxsize=128)
def _features(sha256: str, labels: tuple[str, ...]) -> dict[str, Feature]:
    """Content-addressed, so that what was read once is right for ever."""
    with open_blob(sha256) as lines:
        return features_of(lines, labels=labels)
