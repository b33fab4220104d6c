"""Questions about licences and royalties."""

from royalties.selectors.licences import (
    invoice_by_number,
    invoices_of,
    is_id,
    licence_by_id,
    licences_of,
    may_download,
    model_file,
    notices_of,
    quote_by_id,
    revenue_reports,
)
from royalties.selectors.lineage import lineage_of, shares_of
from royalties.selectors.payments import (
    GROUPS,
    PartFilter,
    Total,
    awaited,
    earnings,
    payment_by_id,
    royalty_parts_of,
    split_of,
    totals_of,
    withdrawals_of,
    withdrawals_waiting,
)

__all__ = [
    "GROUPS",
    "PartFilter",
    "Total",
    "awaited",
    "earnings",
    "invoice_by_number",
    "invoices_of",
    "is_id",
    "licence_by_id",
    "licences_of",
    "lineage_of",
    "may_download",
    "model_file",
    "notices_of",
    "payment_by_id",
    "quote_by_id",
    "revenue_reports",
    "royalty_parts_of",
    "shares_of",
    "split_of",
    "totals_of",
    "withdrawals_of",
    "withdrawals_waiting",
]
