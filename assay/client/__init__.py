"""A typed client of the HTTP API.

    from assay import Client

    client = Client("https://assay.example", token="assay_…")
    for competition in client.competitions.list(status="open"):
        print(competition.slug, competition.staked, competition.asset)

For an event loop there is ``AsyncClient``, alike but awaited.

Every "no" of the server is raised as the same ``Refusal`` that the server raised.
"""

from assay.client.asynchronous import AsyncClient
from assay.client.client import Client
from assay.client.errors import EntryRefused, ServerFault, ServerUnreachable
from assay.client.transport import Patience

__all__ = [
    "AsyncClient",
    "Client",
    "EntryRefused",
    "Patience",
    "ServerFault",
    "ServerUnreachable",
]
