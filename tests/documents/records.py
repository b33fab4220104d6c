"""A model as its documents tell of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assay.documents import FileRecord, ModelRecord, ParentRecord
from assay.protocol.terms import PRESETS, write_tags

GRANTED = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def record(**changes: Any) -> ModelRecord:
    """Maya's router, derived from two, for 10 % of revenue."""
    whole = ModelRecord(
        reference="maya/router",
        digest="a" * 64,
        kind="full",
        architecture="BertForSequenceClassification",
        page="https://assay.example/models/maya/router",
        terms=write_tags(PRESETS["share-alike"].terms),
        granted=GRANTED,
        parents=(
            ParentRecord("open-models/minilm", "b" * 64, "0"),
            ParentRecord("bob/secret", "", "12.5"),
        ),
        files=(
            FileRecord("config.json", 512, "c" * 64),
            FileRecord("model.safetensors", 2048, "d" * 64),
        ),
        card="# Router\n\nRoutes questions.",
    )
    return replace(whole, **changes)
