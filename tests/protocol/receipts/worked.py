"""The worked example of docs/algorithms/receipts.md."""

from datetime import UTC, datetime

from assay.protocol.manifest import ManifestFile
from assay.protocol.receipts import (
    EvaluatorKey,
    Receipt,
    Resources,
    root_of,
    scorer_digest,
    weights_digest,
)
from assay.protocol.scoring import Output
from assay.protocol.signatures import public_key

SEED = bytes(range(32))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OUTPUTS = [Output(f"q{n}", (-1.0 - n / 4, -2.0)) for n in range(1, 6)]
KEY = EvaluatorKey(
    public=public_key(SEED),
    operator="olga",
    since=datetime(2026, 1, 1, tzinfo=UTC),
)
KEYS = {KEY.key_id: KEY}
RECEIPT = Receipt(
    evaluation="00000000-0000-4000-8000-000000000001",
    split="public",
    weights=weights_digest([ManifestFile("model.safetensors", 3, "aa" * 32)]),
    base=weights_digest([ManifestFile("config.json", 2, "bb" * 32)]),
    data="cc" * 32,
    scorer=scorer_digest(task_type="multiple_choice", options={}, metric="accuracy"),
    engine="float32-1/torch-2.13.0/amd-avx2",
    precision="float32",
    root=root_of(OUTPUTS),
    examples=5,
    resources=Resources(cpu_ms=1500, wall_ms=1750, peak_bytes=1 << 29),
    at=NOON,
)
