"""The organisation that a licence and its invoices are made out to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assay.protocol.errors import Invalid

COUNTRY = re.compile(r"[A-Z]{2}")
VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")
LONGEST = {"name": 120, "address": 300, "country": 2, "vat_id": 15, "email": 120}


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who stands on the invoice; ``country`` is ISO 3166, two letters.

    Raises:
        Invalid: ``organisation_invalid``, ``where`` is the field.
    """

    name: str
    address: str = ""
    country: str = ""
    vat_id: str = ""
    email: str = ""

    def __post_init__(self) -> None:
        for field, longest in LONGEST.items():
            value = getattr(self, field)
            if len(value) > longest or not value.replace("\n", " ").isprintable():
                raise _invalid(field, f"has at most {longest} printable characters")
        if not self.name.strip():
            raise _invalid("name", "cannot be empty")
        if self.country and not COUNTRY.fullmatch(self.country):
            raise _invalid("country", "is two capital letters, such as DE")
        if self.vat_id and not VAT_ID.fullmatch(self.vat_id):
            raise _invalid("vat_id", "begins with a country, such as DE123456789")

    def to_json(self) -> dict[str, str]:
        """The fields that are filled in."""
        return {
            field: value for field in LONGEST if (value := getattr(self, field).strip())
        }


def organisation_of(fields: Mapping[str, str]) -> Organisation | None:
    """The organisation that a form or body describes; None when it names none.

    Raises:
        Invalid: ``organisation_invalid``.
    """
    given = {field: value.strip() for field, value in fields.items() if value.strip()}
    if not given:
        return None
    return Organisation(**{"name": "", **given})


def _invalid(field: str, fault: str) -> Invalid:
    return Invalid(
        "organisation_invalid", f"An organisation's {field} {fault}.", where=field
    )
