"""The API, put together from its areas."""

from api import errors
from api.authentication import Undeclared
from api.openapi import DocumentedAPI
from api.parsing import StrictParser
from api.routes import (
    boards,
    challenges,
    competitions,
    economics,
    evaluator,
    externals,
    ledger,
    licences,
    me,
    meters,
    models,
    paymaster,
    platform,
    receipts,
    revealing,
    royalties,
    submissions,
    tokens,
    uploads,
)
from assay import __version__

DESCRIPTION = """\
Amounts are decimal strings, times are ISO 8601 in UTC. Verbs that move money ask \
for an `Idempotency-Key`. Every error is `{"error": {"code", "sentence", "fix", \
"where"}}`; codes are stable.
"""

api = DocumentedAPI(
    title="Assay API",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[Undeclared()],
    parser=StrictParser(),
)
for area in (
    platform,
    ledger,
    me,
    tokens,
    uploads,
    economics,
    competitions,
    boards,
    submissions,
    challenges,
    paymaster,
    models,
    licences,
    royalties,
    meters,
    evaluator,
    receipts,
    revealing,
    externals,
):
    api.add_router("", area.router)
errors.install(api)
