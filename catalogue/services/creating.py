"""Creating models, which never change afterwards, and publishing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.lineage import Party, Relation
from assay.protocol.manifest import Manifest, ManifestFile, Share
from catalogue.models import Contributor, ExternalModel, Model, ModelFile
from catalogue.services import listing
from catalogue.services.deriving import Derivation, derive
from catalogue.services.listing import Scored
from catalogue.services.weighing import queue_sketch
from catalogue.services.wording import canonical_terms
from storage.models import Blob


@dataclass(frozen=True)
class ModelDraft:
    """All that a model is made of.

    Attributes:
        files: blob by path.
        terms: UDL tags, in any dialect that can be read.
        shares: integer parts by contributor.
        parents: the models it was derived from.
        external_parents: the same, of models that are not here.
        relations: how, by the parent's reference; the kind tells otherwise.
    """

    name: str
    kind: str
    files: Mapping[str, Blob]
    terms: Mapping[str, str]
    shares: Sequence[tuple[User, int]]
    parents: Sequence[Model] = ()
    card: str = ""
    architecture: str = ""
    external_parents: Sequence[ExternalModel] = ()
    relations: Mapping[str, Relation] = field(default_factory=dict)

    @property
    def lineage(self) -> Derivation:
        """What it was derived from, each with its relation."""
        usual = (
            Relation.ADAPTER if self.kind == Model.Kind.ADAPTER else Relation.FINE_TUNE
        )
        return Derivation(
            {p: self.relations.get(p.reference, usual) for p in self.parents},
            {p: self.relations.get(p.reference, usual) for p in self.external_parents},
        )


@transaction.atomic
def create_model(
    *, owner: User, draft: ModelDraft, now: datetime, rules: Sequence[Party] = ()
) -> Model:
    """Freeze a model; it is seen by its owner alone until it is published.

    Args:
        rules: who else has a say in its terms, such as a competition.

    Raises:
        Invalid: name, terms, shares, files or parents break a rule.
        LineageRefused: the parents, or ``rules``, do not go with its terms.
        Conflict: the owner has a model of that name.
    """
    canonical = canonical_terms(draft.terms)
    lineage = derive(
        draft.lineage, canonical, shares=len(draft.shares), rules=rules, now=now
    )
    model = Model(
        owner=owner,
        name=draft.name,
        kind=draft.kind,
        architecture=draft.architecture,
        manifest_digest=_manifest(draft, canonical).digest(),
        terms=canonical,
        card=draft.card,
        created_at=now,
    )
    _insert(model)
    ModelFile.objects.bulk_create(
        ModelFile(model=model, path=path, blob=blob)
        for path, blob in sorted(draft.files.items())
    )
    Contributor.objects.bulk_create(
        Contributor(model=model, user=user, parts=parts) for user, parts in draft.shares
    )
    lineage.keep(model)
    queue_sketch(model=model, now=now)
    return model


def _manifest(draft: ModelDraft, canonical: Mapping[str, str]) -> Manifest:
    return Manifest(
        files=tuple(
            ManifestFile(path=path, size=blob.size, sha256=blob.sha256)
            for path, blob in draft.files.items()
        ),
        terms=canonical,
        shares=tuple(
            Share(contributor=user.username, parts=parts)
            for user, parts in draft.shares
        ),
        parents=draft.lineage.statements(),
    )


def _insert(model: Model) -> None:
    try:
        model.clean_fields(exclude=["owner"])
        with transaction.atomic():
            model.save(force_insert=True)
    except ValidationError as error:
        raise Invalid("model_invalid", " ".join(error.messages)) from error
    except IntegrityError as error:
        raise Conflict(
            "model_name_taken",
            f"You have a model named {model.name}.",
            fix="Give this one another name.",
            where="name",
        ) from error


@transaction.atomic
def register_base_model(*, owner: User, draft: ModelDraft, now: datetime) -> Model:
    """Create and publish a model that competitions may build on.

    The same files registered again by the same owner under the same name are the
    same model.
    """
    known = Model.objects.filter(owner=owner, name=draft.name, is_base=True).first()
    if known is not None:
        return known
    model = create_model(owner=owner, draft=draft, now=now)
    model.is_base = True
    model.save(update_fields=["is_base"])
    publish(model=model, now=now)
    return model


@transaction.atomic
def publish(*, model: Model, now: datetime, scored: Scored | None = None) -> None:
    """Let everyone see the model; publishing twice changes nothing.

    Args:
        scored: what a competition found out of it, to be searched by.
    """
    unpublished = Model.objects.filter(pk=model.pk, published_at=None)
    if unpublished.update(published_at=now):
        model.published_at = now
        listing.enter(model, scored=scored, now=now)
