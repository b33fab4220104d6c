"""The catalogue: models, their terms and their files."""

from pathlib import Path
from urllib.parse import quote

from assay.client.downloads import Downloads, OnProgress
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import ExternalModel, Model, ModelSummary
from assay.client.transport import Transport
from assay.documents import FileRecord, ModelRecord, ParentRecord
from assay.protocol.errors import Invalid


class Models:
    """Models that the caller may see."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, query: str = "", **wanted: str) -> Walk[ModelSummary]:
        """Published models, the newest first.

        ``wanted`` narrows them: ``task``, ``base``, ``uses``, ``max_price``,
        ``min_score``, ``max_size``, and ``sort`` (newest, score, price, size).
        """
        words = {"query": query, **wanted}
        return Walk(
            lambda page: self._transport.get("/api/models", {**words, **page}),
            ModelSummary,
        )

    def show(self, reference: str) -> Model:
        """One model by ``owner/name``."""
        return read(Model, self._transport.get(place_of(reference)))

    def download(
        self, reference: str, folder: Path, *, on_progress: OnProgress | None = None
    ) -> tuple[Path, ...]:
        """Fetch all of a model's files into ``folder``; those already right stay."""
        place = place_of(reference)
        return Downloads(self._transport).fetch_all(
            self.show(reference).files,
            folder,
            address=lambda path: f"{place}/files/{quote(path)}",
            on_progress=on_progress,
        )

    def externals(self, *, query: str = "") -> Walk[ExternalModel]:
        """Statements about models elsewhere, the newest first."""
        return Walk(
            lambda page: self._transport.get(
                "/api/external-models", {"query": query, **page}
            ),
            ExternalModel,
        )

    def register_external(
        self, *, name: str, source: str, digest: str, licence: str
    ) -> ExternalModel:
        """State that a model exists elsewhere; the same again is the same."""
        body = {"name": name, "source": source, "digest": digest, "licence": licence}
        return read(ExternalModel, self._transport.post("/api/external-models", body))

    def card(self, reference: str) -> str:
        """The model card with the terms, as the Hugging Face Hub reads them."""
        return self._transport.text(f"{place_of(reference)}/card")

    def bom(self, reference: str) -> str:
        """The bill of materials with the terms, as CycloneDX JSON."""
        return self._transport.text(f"{place_of(reference)}/bom")

    def record(self, reference: str) -> ModelRecord:
        """What documents say of the model."""
        found = self.show(reference)
        return ModelRecord(
            reference=found.reference,
            digest=found.manifest_digest,
            kind=found.kind,
            architecture=found.architecture,
            page=f"{self._transport.endpoint}/models/{found.reference}",
            terms=found.terms,
            granted=found.granted_at,
            parents=tuple(
                ParentRecord(parent.reference, parent.digest, parent.percent)
                for parent in found.parents
            ),
            files=tuple(
                FileRecord(file.path, file.size, file.sha256) for file in found.files
            ),
            card=found.card,
        )


def place_of(reference: str) -> str:
    """The route of a model.

    Raises:
        Invalid: ``model_reference_malformed``.
    """
    owner, slash, name = reference.partition("/")
    if not (owner and slash and name) or "/" in name:
        raise Invalid(
            "model_reference_malformed",
            f"{reference!r} does not name a model.",
            fix="Write owner/name, as `assay model list` shows it.",
        )
    return f"/api/models/{quote(owner, safe='')}/{quote(name, safe='')}"
