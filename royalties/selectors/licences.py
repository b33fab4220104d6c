"""Questions about quotes, licences and what they open."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from assay.protocol import terms as udl
from assay.protocol.errors import Forbidden, NotFound
from catalogue.models import Model, ModelFile
from common.paging import Page, keyset
from royalties.models import Invoice, Licence, Notice, Quote, RevenueReport


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


def is_id(text: str) -> bool:
    """Whether a text can be an id at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def quote_by_id(*, quote_id: str, viewer: User) -> Quote:
    """A quote of the viewer's own.

    Raises:
        NotFound: there is none.
    """
    found = None
    if is_id(quote_id):
        found = (
            Quote.objects.select_related("model__owner", "licence")
            .filter(pk=quote_id, licensee=viewer)
            .first()
        )
    if found is None:
        raise NotFound("quote_not_found", "There is no such quote of yours.")
    return found


def licence_by_id(*, licence_id: str, viewer: User) -> Licence:
    """A licence that the viewer holds, or that was granted on a model of theirs.

    Raises:
        NotFound: there is none.
    """
    found = None
    if is_id(licence_id):
        found = (
            Licence.objects.select_related("model__owner", "licensee", "quote__asset")
            .filter(pk=licence_id)
            .first()
        )
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


def notices_of(
    user: User, *, cursor: str | None = None, limit: int = 20
) -> Page[Notice]:
    """What the person was told about their licences, newest first."""
    found = Notice.objects.filter(user=user).select_related("licence__model__owner")
    return keyset(found, cursor=cursor, limit=limit, order=["-id"])


def revenue_reports(licence: Licence) -> list[RevenueReport]:
    """Every declaration of a licence, the newest period first."""
    found = licence.revenue_reports.select_related("declared_by", "royalty")
    return list(found.order_by("-number", "-declared_at"))


def invoices_of(licence: Licence) -> list[Invoice]:
    """Invoices and credit notes of a licence, newest first."""
    found = Invoice.objects.filter(royalty__licence=licence)
    return list(found.select_related("corrects").order_by("-year", "-sequence"))


def invoice_by_number(*, number: str, viewer: User) -> Invoice:
    """An invoice of the viewer's own.

    Raises:
        NotFound: there is none.
    """
    year, _, sequence = number.partition("-")
    found = None
    small = len(year) <= 4 and len(sequence) <= 9
    if small and number.isascii() and year.isdecimal() and sequence.isdecimal():
        found = (
            Invoice.objects.select_related("royalty__licence", "corrects")
            .filter(year=int(year), sequence=int(sequence))
            .first()
        )
    if found is None or found.royalty.licence.licensee_id != viewer.pk:
        raise NotFound("invoice_not_found", "There is no such invoice of yours.")
    return found
