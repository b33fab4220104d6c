"""The envelope of every error."""

from api.schemas.common import Amount, Answer, Moment


class FindingAnswer(Answer):
    """One thing that inspection found wrong in an entry's files."""

    code: str
    path: str
    sentence: str
    fix: str


class PaymentAnswer(Answer):
    """What has to be agreed to; `total` must be in the wallet."""

    fee: Amount
    deposit: Amount
    total: Amount
    asset: str


class ErrorDetail(Answer):
    """What is wrong, for programs (`code`) and for people (`sentence`, `fix`)."""

    code: str
    sentence: str
    fix: str = ""
    where: str = ""
    findings: list[FindingAnswer] | None = None
    retry_at: Moment | None = None
    payment: PaymentAnswer | None = None
    request_id: str | None = None


class ErrorAnswer(Answer):
    """Every error looks like this."""

    error: ErrorDetail
