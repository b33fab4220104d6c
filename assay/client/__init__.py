"""A typed client of the HTTP API.

    from assay import Client

    client = Client("https://assay.example", token="assay_…")
    for competition in client.competitions.list(status="open"):
        print(competition.slug, competition.staked, competition.asset)

Every "no" of the server is raised as the same ``Refusal`` that the server raised.
"""

from assay.client.client import Client
from assay.client.errors import EntryRefused, ServerFault, ServerUnreachable
from assay.client.transport import Patience

__all__ = ["Client", "EntryRefused", "Patience", "ServerFault", "ServerUnreachable"]
