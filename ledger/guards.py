"""The triggers that keep the book append-only, by name, and whether they stand."""

from django.db import connection

GUARDS = {
    "postgresql": {
        "ledger_account_fixed",
        "ledger_account_opened_empty",
        "ledger_asset_append_only",
        "ledger_chainlink_append_only",
        "ledger_hold_fixed",
        "ledger_hold_kept",
        "ledger_hold_opened",
        "ledger_posting_append_only",
        "ledger_posting_not_late",
        "ledger_transfer_append_only",
        "ledger_transfer_sealed",
    },
    "sqlite": {
        "ledger_account_fixed",
        "ledger_account_opened_empty",
        "ledger_asset_no_delete",
        "ledger_asset_no_update",
        "ledger_asset_not_replaced",
        "ledger_chainlink_no_delete",
        "ledger_chainlink_no_update",
        "ledger_chainlink_not_replaced",
        "ledger_hold_fixed",
        "ledger_hold_kept",
        "ledger_hold_opened",
        "ledger_posting_no_delete",
        "ledger_posting_no_update",
        "ledger_posting_not_late",
        "ledger_transfer_no_delete",
        "ledger_transfer_no_update",
        "ledger_transfer_sealed",
    },
}
STANDING = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


def missing() -> list[str]:
    """The guards that do not stand."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        standing = {name for (name,) in cursor.fetchall()}
    return sorted(GUARDS[connection.vendor] - standing)
