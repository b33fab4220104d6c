"""Questions about licences and royalties."""

from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.models import User
from assay.protocol import terms as udl
from assay.protocol.errors import Forbidden, NotFound
from catalogue.models import Model, ModelFile
from common.amounts import AmountSum
from common.paging import Page, keyset
from royalties.models import Licence, Quote, Royalty, RoyaltyPart


def model_file(
    *, model: Model, path: str, viewer: User | None, now: datetime
) -> ModelFile:
    """A file of a model that the viewer sees, if its terms open it to them.

    Raises:
        NotFound: it has no such file.
        Forbidden: access costs a fee, or is restricted, and they hold no licence.
    """
    file = model.files.select_related("blob").filter(path=path).first()
    if file is None:
        raise NotFound(
            "file_not_found", f"{model.reference} has no file {path}.", where=path
        )
    if not may_download(model, viewer, now):
        raise Forbidden(
            "access_not_licensed",
            f"The terms of {model.reference} do not open its files to everyone.",
            fix=f"Buy access: assay licence buy {model.reference} --use access",
        )
    return file


def may_download(model: Model, viewer: User | None, now: datetime) -> bool:
    """Its owner; everyone where access is free; else whoever is licensed to access.

    A licence for another use does not do: each use is owed by itself.
    """
    if viewer is not None and viewer.pk == model.owner_id:
        return True
    access = udl.decide(
        udl.read_tags(model.terms).terms,
        udl.Use.ACCESS,
        on=now.date(),
        granted=model.created_at.date(),
    )
    if access.allowed and access.price is None:
        return True
    held = Licence.objects.filter(model=model, licensee=viewer, use=udl.Use.ACCESS)
    return viewer is not None and any(licence.is_valid(now) for licence in held)


def quote_by_id(*, quote_id: str, viewer: User) -> Quote:
    """A quote of the viewer's own.

    Raises:
        NotFound: there is none.
    """
    try:
        found = (
            Quote.objects.select_related("model__owner", "licence")
            .filter(pk=quote_id, licensee=viewer)
            .first()
        )
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("quote_not_found", "There is no such quote of yours.")
    return found


def licence_by_id(*, licence_id: str, viewer: User) -> Licence:
    """A licence that the viewer holds, or that was granted on a model of theirs.

    Raises:
        NotFound: there is none.
    """
    try:
        found = (
            Licence.objects.select_related("model__owner", "licensee", "quote")
            .filter(pk=licence_id)
            .first()
        )
    except ValidationError:
        found = None
    if found is None or viewer.pk not in {found.licensee_id, found.model.owner_id}:
        raise NotFound("licence_not_found", "There is no such licence of yours.")
    return found


def licences_of(
    user: User, *, cursor: str | None = None, limit: int = 20
) -> Page[Licence]:
    """What the person is licensed to do, newest first."""
    found = Licence.objects.filter(licensee=user).select_related(
        "model__owner", "licensee", "quote"
    )
    return keyset(found, cursor=cursor, limit=limit, order=["-issued_at", "-id"])


def royalty_parts_of(
    user: User, *, cursor: str | None = None, limit: int = 20
) -> Page[RoyaltyPart]:
    """What the person was paid out of royalties, newest first."""
    found = RoyaltyPart.objects.filter(payee=user).select_related(
        "royalty__licence__licensee", "royalty__licence__model__owner", "model__owner"
    )
    return keyset(found, cursor=cursor, limit=limit, order=["-id"])


def split_of(royalty: Royalty) -> list[RoyaltyPart]:
    """The whole split of one payment, the largest part first."""
    parts = royalty.parts.select_related("payee", "model__owner")
    return sorted(parts, key=lambda part: -part.amount)


def earnings(user: User) -> int:
    """Base units that the person ever got out of royalties."""
    total = RoyaltyPart.objects.filter(payee=user).aggregate(total=AmountSum("amount"))[
        "total"
    ]
    return total or 0
