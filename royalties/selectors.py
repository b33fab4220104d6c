"""Questions about licences and royalties."""

from django.core.exceptions import ValidationError

from accounts.models import User
from assay.protocol.errors import NotFound
from common.amounts import AmountSum
from common.paging import Page, keyset
from royalties.models import Licence, Quote, Royalty, RoyaltyPart


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
