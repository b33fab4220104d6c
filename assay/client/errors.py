"""The server's errors as the refusals they were, and those of the way there.

Refusal
├── … as in assay.protocol.errors, by HTTP status
├── Invalid
│   └── EntryRefused       a submission's files break rules; has findings
├── Unavailable
│   └── ServerUnreachable  no answer came: name, network, or server
└── ServerFault            the server broke, or is no Assay server
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assay.protocol.admission import Finding
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    InsufficientFunds,
    Invalid,
    LimitReached,
    NotFound,
    PaymentRequired,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

CLASSES: Mapping[int, type[Refusal]] = {
    400: Invalid,
    401: Unauthenticated,
    402: InsufficientFunds,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    429: LimitReached,
    503: Unavailable,
}


class EntryRefused(Invalid):
    """A submission's files break rules; ``findings`` lists every one with its fix."""

    def __init__(self, code: str, sentence: str, findings: Sequence[Finding]) -> None:
        super().__init__(code, sentence)
        self.findings = tuple(findings)


class ServerUnreachable(Unavailable):
    """No answer came from the server."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(
            "server_unreachable",
            f"No answer from {endpoint}: {reason}.",
            fix="Check the address (ASSAY_ENDPOINT or `assay auth login --endpoint`) "
            "and that the server runs, then try again.",
        )


class ServerFault(Refusal):
    """The server broke, or what answers is no Assay server."""


def refusal_of(status: int, document: object) -> Refusal:
    """The refusal that an answer of this status carries.

    Args:
        document: the body as read from JSON; None when it is no JSON.
    """
    detail = document.get("error") if isinstance(document, Mapping) else None
    if not isinstance(detail, Mapping) or "code" not in detail:
        return _stranger(status)
    if detail.get("findings"):
        return _entry_refused(detail)
    return _refusal(status, detail)


def _refusal(status: int, detail: Mapping[str, Any]) -> Refusal:
    kind = CLASSES.get(status, ServerFault)
    fix = str(detail.get("fix", ""))
    if detail.get("request_id"):
        fix = f"{fix} The request id is {detail['request_id']}.".strip()
    words: dict[str, Any] = {"fix": fix, "where": str(detail.get("where", ""))}
    payment = detail.get("payment")
    if isinstance(payment, Mapping):
        kind = PaymentRequired
        names = ("fee", "deposit", "total", "asset")
        words |= {name: str(payment.get(name, "")) for name in names}
    if kind is LimitReached and detail.get("retry_at"):
        words["retry_at"] = datetime.fromisoformat(detail["retry_at"])
    return kind(str(detail["code"]), str(detail.get("sentence", "")), **words)


def _entry_refused(detail: Mapping[str, Any]) -> EntryRefused:
    findings = [
        Finding(
            code=str(found.get("code", "")),
            path=str(found.get("path", "")),
            sentence=str(found.get("sentence", "")),
            fix=str(found.get("fix", "")),
        )
        for found in detail["findings"]
    ]
    return EntryRefused(str(detail["code"]), str(detail["sentence"]), findings)


def _stranger(status: int) -> Refusal:
    """An answer without our envelope: a proxy's page, or another server's."""
    if status in {502, 503, 504}:
        return Unavailable(
            "server_unavailable",
            f"The server cannot answer now (HTTP {status}).",
            fix="Try again in a moment.",
        )
    return ServerFault(
        "answer_unreadable",
        f"The answer is not one of an Assay server (HTTP {status}).",
        fix="Check the address: ASSAY_ENDPOINT or `assay auth login --endpoint`.",
    )
