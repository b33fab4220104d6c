"""Writing the many parts of one payment in one statement.

A payment can have ten thousand parts; an object each would cost more than the money's
own transfer. The columns' formats are the model fields' own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from common.amounts import encode
from royalties.models import Royalty

ON_SQLITE = """
    INSERT INTO royalties_royaltypart
        (royalty_id, payee_id, model_id, numerator, denominator, amount)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
# Joined text is read by the server much faster than it is quoted here.
ON_POSTGRESQL = """
    INSERT INTO royalties_royaltypart
        (royalty_id, payee_id, model_id, numerator, denominator, amount)
    SELECT %s, payee::uuid, model::uuid, numerator, denominator, amount::numeric
    FROM unnest(
        string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','),
        string_to_array(%s, ','), string_to_array(%s, ',')
    ) WITH ORDINALITY AS part (payee, model, numerator, denominator, amount, number)
    ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part, as its row has it; ``amount`` in base units."""

    payee: UUID
    model: UUID
    numerator: int
    denominator: int
    amount: int


def insert_parts(royalty: Royalty, rows: Sequence[PartRow]) -> None:
    """Write all parts of a payment, in their order."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                ON_SQLITE,
                [
                    (
                        royalty.pk.hex,
                        row.payee.hex,
                        row.model.hex,
                        str(row.numerator),
                        str(row.denominator),
                        encode(row.amount),
                    )
                    for row in rows
                ],
            )
            return
        columns = [
            [row.payee.hex for row in rows],
            [row.model.hex for row in rows],
            [str(row.numerator) for row in rows],
            [str(row.denominator) for row in rows],
            [str(row.amount) for row in rows],
        ]
        texts = [",".join(column) for column in columns]
        cursor.execute(ON_POSTGRESQL, [royalty.pk, *texts])
