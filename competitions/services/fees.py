"""What a competition costs whom: frozen at creation, hashed at opening, told before.

The rules with worked numbers: docs/algorithms/economics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from assay.protocol.canonical import Json
from assay.protocol.errors import Invalid
from assay.protocol.money import Asset, format_amount, parse_amount
from assay.protocol.pricing import part_of
from competitions.models import Award, Competition, Stake
from competitions.specification import CompetitionSpec
from ledger import services as ledger
from ledger.services import AccountKind
from ledger.wallets import platform_asset

MAX_BUDGET_POINTS = 5_000


def frozen(spec: CompetitionSpec, asset: Asset) -> dict[str, int]:
    """The columns of a new competition that say what it costs.

    Evaluation has a price only where there is a budget to pay it from.

    Raises:
        Invalid: a part or an amount breaks a rule.
    """
    if not 0 <= spec.budget_points <= MAX_BUDGET_POINTS:
        raise Invalid(
            "budget_points_invalid",
            f"Evaluation may take 0 to {MAX_BUDGET_POINTS} basis points of a stake, "
            f"which is half of it; {spec.budget_points} were given.",
            fix="One percent is 100 basis points.",
            where="budget_points",
        )
    amounts = {
        name: _amount(getattr(spec, name), asset, name)
        for name in ("submission_fee", "deposit")
    }
    paid = spec.budget_points > 0 or amounts["submission_fee"] > 0
    return {
        "fee_points": settings.FEE_POINTS,
        "budget_points": spec.budget_points,
        "second_price": second_price(asset) if paid else 0,
        **amounts,
    }


def _amount(text: str, asset: Asset, where: str) -> int:
    try:
        return parse_amount(text, asset)
    except Invalid as refusal:
        refusal.where = where
        raise


def second_price(asset: Asset) -> int:
    """What new competitions pay for a second of evaluation, in base units."""
    return parse_amount(settings.EVALUATION_PRICE, asset)


def rules_of(competition: Competition) -> Json:
    """The economic part of the hashed rules; amounts in base units, as text."""
    return {
        "fee_points": competition.fee_points,
        "budget_points": competition.budget_points,
        "second_price": str(competition.second_price),
        "submission_fee": str(competition.submission_fee),
        "deposit": str(competition.deposit),
    }


def fee_on(award: Award, competition: Competition) -> int:
    """What the platform takes of an award, in base units."""
    return part_of(award.amount, competition.fee_points)


def fee_entries(
    awards: Sequence[Award], competition: Competition
) -> list[ledger.Entry]:
    """The platform's part of a settlement; nothing where there is no fee."""
    total = sum(fee_on(award, competition) for award in awards)
    if not total:
        return []
    account = ledger.account(
        kind=AccountKind.FEES, owner="platform", asset=competition.asset_id
    )
    return [ledger.Entry(account, total)]


@dataclass(frozen=True)
class StakeTerms:
    """What becomes of a stake; amounts in base units.

    Attributes:
        most_fee: what the platform would take if awards paid all of the escrow part.
    """

    amount: int
    escrow: int
    budget: int
    fee_points: int
    most_fee: int
    sentences: Sequence[str]


def stake_terms(
    *, competition: Competition, amount: int, purpose: str = Stake.Purpose.PRIZE
) -> StakeTerms:
    """What a stake of ``amount`` would do, before anybody makes it."""
    budget = amount
    if purpose == Stake.Purpose.PRIZE:
        budget = part_of(amount, competition.budget_points)
    escrow = amount - budget
    most_fee = part_of(escrow, competition.fee_points)
    return StakeTerms(
        amount=amount,
        escrow=escrow,
        budget=budget,
        fee_points=competition.fee_points,
        most_fee=most_fee,
        sentences=tuple(_sentences(competition, escrow, budget, most_fee)),
    )


def _sentences(
    competition: Competition, escrow: int, budget: int, most_fee: int
) -> list[str]:
    asset = platform_asset()

    def said(units: int) -> str:
        return f"{format_amount(units, asset)} {asset.symbol}"

    found = []
    if escrow:
        found.append(f"{said(escrow)} go into the escrow and pay the prizes.")
    if budget:
        found.append(
            f"{said(budget)} pay for evaluations, at "
            f"{said(competition.second_price)} a second; what is left comes back."
        )
    if escrow and competition.fee_points:
        found.append(
            f"The platform takes {percent(competition.fee_points)} of what awards "
            f"pay, of this stake at most {said(most_fee)}; nothing of what comes back."
        )
    elif escrow:
        found.append("The platform takes no fee.")
    return found


def percent(points: int) -> str:
    """Basis points as a percentage: 250 are ``2.5 %``."""
    whole, rest = divmod(points, 100)
    decimals = f"{rest:02d}".rstrip("0")
    return f"{whole}.{decimals} %" if decimals else f"{whole} %"
