"""Headers that verbs ask for."""

from typing import Annotated

from ninja import Header

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this request: sent again, it is answered again and money "
        "moves once.",
    ),
]
