"""All of a submission but the submission: what would be entered, and for what."""

from assay.client import Client
from assay.client.records import Entry
from assay.commands.checking import LocalEntry
from assay.commands.output import show_one
from assay.commands.session import Session

SHOW = [
    "competition",
    "name",
    "kind",
    "files",
    "bytes",
    "repository",
    "fee",
    "deposit",
    "asset",
    "payer",
    "used",
    "limit",
    "next_at",
]


def rehearse(
    session: Session, client: Client, slug: str, stated: Entry, local: LocalEntry | None
) -> None:
    """Print what an entry would be and cost, and what is left of the day."""
    price, quota = client.submissions.price(slug), client.competitions.quota(slug)
    files = list(local.files.values()) if local else []
    row: dict[str, object] = {
        "competition": slug,
        "name": stated.name,
        "kind": local.kind if local else stated.kind,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "repository": stated.repository,
        "fee": price.fee,
        "deposit": price.deposit,
        "asset": price.asset,
        "payer": price.payer,
        "used": quota.used,
        "limit": quota.limit,
        "next_at": quota.next_at,
    }
    session.say("Nothing was sent. It would be entered like this:")
    show_one(session, row, columns=SHOW, identity="competition")
