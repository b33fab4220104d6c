"""Creating models, which never change afterwards, and publishing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol import terms as udl
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.manifest import Manifest, ManifestFile, Share
from catalogue import listing
from catalogue.listing import Scored
from catalogue.models import Contributor, Model, ModelFile, Parent
from ledger.wallets import platform_asset
from storage.models import Blob

FINEST_PERCENT = Decimal("0.000001")


@dataclass(frozen=True)
class ModelDraft:
    """All that a model is made of.

    Attributes:
        files: blob by path.
        terms: UDL tags, in any dialect that can be read.
        shares: integer parts by contributor.
        parents: the models it was derived from.
    """

    name: str
    kind: str
    files: Mapping[str, Blob]
    terms: Mapping[str, str]
    shares: Sequence[tuple[User, int]]
    parents: Sequence[Model] = ()
    card: str = ""
    architecture: str = ""


@transaction.atomic
def create_model(*, owner: User, draft: ModelDraft, now: datetime) -> Model:
    """Freeze a model; it is seen by its owner alone until it is published.

    Raises:
        Invalid: name, terms, shares, files or parents break a rule.
        Conflict: the owner has a model of that name.
    """
    canonical = canonical_terms(draft.terms)
    owed = {
        parent: _owed_to(parent, canonical, on=now.date()) for parent in draft.parents
    }
    if sum(owed.values()) > 100:
        raise Invalid(
            "parents_owed_too_much",
            f"The parents' terms ask for {sum(owed.values())} % of the income.",
            fix="Derive from fewer of them.",
            where="parents",
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
    Parent.objects.bulk_create(
        Parent(child=model, parent=parent, revenue_percent=percent)
        for parent, percent in owed.items()
    )
    return model


def canonical_terms(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags as canonical UDL v0.2, in the asset that is paid here.

    Raises:
        Invalid: they cannot be read without an error, or ask for another currency.
    """
    reading = udl.read_tags(tags)
    errors = [d for d in reading.diagnostics if d.severity == "error"]
    if errors:
        raise Invalid(
            "terms_invalid",
            " ".join(d.sentence for d in errors),
            fix="`assay terms check FILE` shows each tag.",
            where=errors[0].tag,
        )
    return udl.write_tags(_in_our_asset(reading.terms))


def _in_our_asset(terms: udl.Terms) -> udl.Terms:
    """Terms that name no currency mean the asset in which they are sold."""
    symbol = platform_asset().symbol
    if terms.currency not in {None, symbol}:
        raise Invalid(
            "terms_currency_foreign",
            f"These terms ask for {terms.currency}; royalties here are paid in "
            f"{symbol}.",
            fix=f"Set Currency to {symbol}, or leave it out.",
            where="Currency",
        )
    return replace(terms, currency=symbol)


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
        parents=tuple(parent.reference for parent in draft.parents),
    )


def _owed_to(parent: Model, child: Mapping[str, str], *, on: date) -> Decimal:
    """Percent of the child's income that the parent's terms ask for.

    Raises:
        Invalid: the parent's terms do not allow what the child's terms pass on, or
            ask for a fee, which cannot be owed by a model that is not sold yet.
    """
    commercial = udl.decide(
        udl.read_tags(child).terms, udl.Use.COMMERCIAL, on=on, granted=on
    )
    use = udl.Use.COMMERCIAL_DERIVATION if commercial.allowed else udl.Use.DERIVATION
    decision = udl.decide(
        udl.read_tags(parent.terms).terms,
        use,
        on=on,
        granted=parent.created_at.date(),
    )
    if not decision.allowed or decision.price is not None:
        raise Invalid(
            "parent_forbids_derivation",
            f"The terms of {parent.reference} do not allow this {use} for a share of "
            f"the income: {' '.join(decision.reasons)}",
            fix="Build on another model, or ask its owner for other terms.",
            where="parents",
        )
    return _kept_exactly(parent, decision.revenue_share or Decimal(0))


def _kept_exactly(parent: Model, percent: Decimal) -> Decimal:
    """The percent itself, when the waterfall can count with it."""
    if percent != percent.quantize(FINEST_PERCENT):
        raise Invalid(
            "parent_share_too_fine",
            f"The terms of {parent.reference} ask for {percent:f} %, which is finer "
            "than the millionth of a percent that is counted here.",
            fix="Build on another model, or ask its owner for other terms.",
            where="parents",
        )
    return percent


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
