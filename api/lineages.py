"""Shaping lineages: parents, ancestors, and what parents leave to a child."""

from collections.abc import Iterable

from accounts.models import User
from api.amounts import exact
from api.schemas.models import (
    AncestorAnswer,
    CarriedDutyAnswer,
    ExternalModelAnswer,
    ExternalParentAnswer,
    ParentAnswer,
    ResemblanceAnswer,
    TensorMatchAnswer,
)
from api.schemas.submissions import ConflictAnswer, OwedAnswer, TermsPreviewAnswer
from assay.protocol.terms import write_tags
from catalogue import selectors
from catalogue.models import ExternalModel, Model, Resemblance
from competitions.services.parentage import Preview


def parent_answers(model: Model, viewer: User | None) -> list[ParentAnswer]:
    """The models here that it was derived from, in the order given.

    One that the viewer may not know of has no reference.
    """
    return [
        ParentAnswer(
            reference=(
                edge.parent.reference if selectors.may_see(edge.parent, viewer) else ""
            ),
            percent=exact(edge.revenue_percent),
            relation=edge.relation,
            digest=edge.parent.manifest_digest if edge.parent.published_at else "",
        )
        for edge in model.parents.select_related("parent__owner").order_by("id")
    ]


def external_parent_answers(model: Model) -> list[ExternalParentAnswer]:
    """The models elsewhere that it was derived from."""
    edges = model.external_parents.select_related("external__registered_by")
    return [
        ExternalParentAnswer(
            reference=edge.external.reference,
            relation=edge.relation,
            source=edge.external.source,
            digest=edge.external.digest,
            licence=edge.external.licence,
            stated_by=edge.external.registered_by.username,
        )
        for edge in edges.order_by("id")
    ]


def lineage_answers(model: Model, viewer: User | None) -> list[AncestorAnswer]:
    """All above it that the viewer may see, nearest first."""
    return [
        AncestorAnswer(
            reference=ancestor.model.reference,
            depth=ancestor.depth,
            relation=ancestor.relation,
            percent=exact(ancestor.percent),
        )
        for ancestor in selectors.ancestors(model)
        if selectors.may_see(ancestor.model, viewer)
    ]


def resemblance_answers(flags: Iterable[Resemblance]) -> list[ResemblanceAnswer]:
    """What models look derived from, with the tensors that say so."""
    return [
        ResemblanceAnswer(
            known=flag.known.reference,
            kind=flag.kind,
            similarity=flag.similarity,
            share=flag.share,
            count=flag.count,
            matches=[TensorMatchAnswer(**match) for match in flag.matches],
            at=flag.created_at,
        )
        for flag in flags
    ]


def external_answer(stated: ExternalModel) -> ExternalModelAnswer:
    """A statement about a model elsewhere."""
    return ExternalModelAnswer(
        reference=stated.reference,
        source=stated.source,
        digest=stated.digest,
        licence=stated.licence,
        stated_by=stated.registered_by.username,
        created_at=stated.created_at,
    )


def preview_answer(found: Preview) -> TermsPreviewAnswer:
    """What an entry's terms may say, and what stands against them."""
    left = found.left
    return TermsPreviewAnswer(
        commercial=left.commercial,
        training=left.training,
        widest=None if left.widest is None else write_tags(left.widest),
        same_as=list(left.same_as),
        required=[str(use) for use in left.required],
        ends=None if left.ends is None else left.ends.isoformat(),
        duties=[CarriedDutyAnswer(duty=duty, to=name) for duty, name in left.duties],
        owed=[OwedAnswer(to=name, percent=percent) for name, percent in found.owed],
        conflicts=[
            ConflictAnswer(
                path=list(one.path),
                code=one.code,
                sentence=one.sentence,
                fix=one.fix,
                where=one.where,
            )
            for one in found.conflicts
        ],
    )
