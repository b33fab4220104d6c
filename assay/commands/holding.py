"""What one does with a licence one holds: save, cancel, take back, declare."""

from pathlib import Path
from uuid import uuid4

import click

from assay.commands.licence import LIST
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command

FORMS = (
    "certificate.json",
    "licence.json",
    "licence.json.sig",
    "licence.jws",
    "certificate.pdf",
)
DECLARATIONS = ["period", "begins_at", "ends_at", "revenue", "owed", "asset", "note"]
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@click.argument("folder", type=FOLDER)
@click.pass_obj
def save(session: Session, licence_id: str, folder: Path) -> None:
    """Save a licence's files and invoices.

    The certificate in all its forms (JSON, OpenSSH signature, JWS, PDF), and each
    invoice as a PDF.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with session.login() as client:
        files = {form: client.licences.file(licence_id, form) for form in FORMS}
        for invoice in client.licences.invoices(licence_id):
            name = f"invoice-{invoice.number}.pdf"
            files[name] = client.licences.invoice(invoice.number)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        rows.append({"path": str(folder / name), "size": len(content)})
    show_list(session, rows, columns=["path", "size"], identity="path")


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@click.pass_obj
def cancel(session: Session, licence_id: str) -> None:
    """Stop a licence's renewing.

    It stays good until the period that is paid for ends.
    """
    with session.login() as client:
        row = row_of(client.licences.cancel(licence_id))
    show_one(session, row, columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@click.option("--reason", required=True, help="Why; it stands in the status list.")
@click.pass_obj
def refund(session: Session, licence_id: str, reason: str) -> None:
    """Take the newest payment back.

    Possible while the refund window is open. The licence ends with it.
    """
    session.confirm(f"End the licence {licence_id} and take its payment back?")
    with session.login() as client:
        row = row_of(client.licences.refund(licence_id, reason=reason))
    show_one(session, row, columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@click.pass_obj
def revenue(session: Session, licence_id: str) -> None:
    """List what was declared for a licence."""
    with session.login() as client:
        statement = client.licences.revenue(licence_id)
    owed = (
        f"{statement.revenue_share} % of revenue"
        if statement.revenue_share
        else ("No share of revenue is owed")
    )
    session.say(f"{owed}; now in period {statement.current_period}.")
    rows = [row_of(one) for one in statement.declarations]
    show_list(session, rows, columns=DECLARATIONS, identity="id")


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@click.argument("amount", metavar="REVENUE")
@click.option("--period", type=click.IntRange(1), help="The running one by default.")
@click.option("--note", default="", help="Kept with the declaration.")
@click.option("--key", help="Makes a repetition safe.")
@click.pass_obj
def declare(
    session: Session,
    licence_id: str,
    amount: str,
    *,
    period: int | None,
    note: str,
    key: str | None,
) -> None:
    """Declare revenue, and pay its share.

    REVENUE is what the period earned, in whole tokens; 0 is a declaration too. A
    second declaration of a period adds to the first.
    """
    with session.login() as client:
        statement = client.licences.revenue(licence_id)
        number = period or statement.current_period
        session.confirm(
            f"Declare {amount} for period {number} and pay {statement.revenue_share} %?"
        )
        made = client.licences.declare(
            licence_id, period=number, revenue=amount, note=note, key=key or uuid4().hex
        )
    show_one(session, row_of(made), columns=DECLARATIONS, identity="id")


@click.command(cls=Command)
@limit_option
@click.pass_obj
def notices(session: Session, limit: int) -> None:
    """List renewals, reminders and ends."""
    with session.login() as client:
        found = some(session, client.licences.notices(), limit)
    rows = [row_of(one) for one in found]
    show_list(session, rows, columns=["at", "model", "text"], identity="licence")
