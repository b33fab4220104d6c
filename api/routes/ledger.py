"""What anyone may know of the book."""

from ninja import Router

from api.authentication import PUBLIC, ApiRequest
from api.schemas.ledger import LedgerHeadAnswer
from ledger import chain

router = Router(auth=PUBLIC, tags=["ledger"])


@router.get("/ledger/head", response=LedgerHeadAnswer)
def show_ledger_head(request: ApiRequest) -> LedgerHeadAnswer:  # noqa: ARG001
    """The head of the chain that binds every transfer so far."""
    newest = chain.head()
    return LedgerHeadAnswer(
        number=newest.number, head=newest.head, transfer=newest.transfer
    )
