"""What a model's documents say of it: card, bill of materials, weights."""

from django.conf import settings

from assay.documents import FileRecord, ModelRecord, ParentRecord
from catalogue.models import Model


def model_record(model: Model) -> ModelRecord:
    """What a model's documents say of it; bounded queries.

    A parent's digest is told only when that parent is published.
    """
    edges = model.parents.select_related("parent__owner").order_by("id")
    return ModelRecord(
        reference=model.reference,
        digest=model.manifest_digest,
        kind=model.kind,
        architecture=model.architecture,
        page=f"{settings.PUBLIC_URL}/models/{model.reference}",
        terms=dict(model.terms),
        granted=model.created_at,
        parents=tuple(
            ParentRecord(
                reference=edge.parent.reference,
                digest=edge.parent.manifest_digest if edge.parent.published_at else "",
                percent=f"{edge.revenue_percent.normalize():f}",
            )
            for edge in edges
        ),
        files=tuple(
            FileRecord(file.path, file.blob.size, file.blob_id)
            for file in model.files.select_related("blob")
        ),
        card=model.card,
    )
