"""What competitions cost: told before staking, shown while it is spent."""

from decimal import Decimal
from fractions import Fraction

from ninja import Query, Router

from api.amounts import exact, read_amount, shown, symbol
from api.authentication import PERSON, PUBLIC, ApiRequest
from api.schemas.common import Amount, PageAnswer, Paging
from api.schemas.economics import (
    BudgetAnswer,
    ChargeAnswer,
    EstimateAnswer,
    EstimateBody,
    Purpose,
    StakeTermsAnswer,
)
from assay.protocol.benchmarks import task_type
from catalogue.selectors import model_by_reference
from common.paging import keyset
from competitions import selectors
from competitions.models import Charge, Competition
from competitions.services import budget, estimating, fees
from competitions.services.estimating import Estimate

router = Router(auth=PUBLIC, tags=["economics"])


@router.get("/competitions/{slug}/stake-terms", response=StakeTermsAnswer)
def show_stake_terms(
    request: ApiRequest, slug: str, amount: Amount = "0", purpose: Purpose = "prize"
) -> StakeTermsAnswer:
    """What a stake would become: escrow, evaluation budget, and the platform's fee."""
    terms = fees.stake_terms(
        competition=selectors.competition_by_slug(slug=slug, viewer=request.auth.user),
        amount=read_amount(amount),
        purpose=purpose,
    )
    return StakeTermsAnswer(
        amount=shown(terms.amount),
        purpose=purpose,
        escrow=shown(terms.escrow),
        budget=shown(terms.budget),
        fee_points=terms.fee_points,
        most_fee=shown(terms.most_fee),
        asset=symbol(),
        sentences=list(terms.sentences),
    )


@router.get("/competitions/{slug}/budget", response=BudgetAnswer)
def show_budget(request: ApiRequest, slug: str) -> BudgetAnswer:
    """How the evaluation budget stands, and whether submissions wait for more."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    found = budget.budget_of(competition)
    return BudgetAnswer(
        competition=slug,
        asset=competition.asset_id,
        second_price=shown(competition.second_price),
        funded=shown(found.funded),
        spent=shown(found.spent),
        owed=shown(found.owed),
        left=shown(found.left),
        reserved=shown(found.reserved),
        pending=shown(found.pending),
        public_cost=shown(found.public_cost),
        private_cost=shown(found.private_cost),
        percent=found.percent if competition.is_metered else 0,
        paused=budget.is_paused(competition, found),
    )


@router.get("/competitions/{slug}/charges", response=PageAnswer[ChargeAnswer])
def list_charges(
    request: ApiRequest, slug: str, paging: Query[Paging]
) -> PageAnswer[ChargeAnswer]:
    """What each evaluation cost and who was paid, the oldest first.

    Those of the private split are shown with the final board.
    """
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    page = keyset(
        budget.shown_charges(competition),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["created_at", "id"],
    )
    items = [_charge_answer(charge, competition) for charge in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/estimates", auth=PERSON, response=EstimateAnswer)
def estimate_cost(request: ApiRequest, body: EstimateBody) -> EstimateAnswer:
    """What evaluation will cost, from measured times; null where none is known.

    Name a competition, or what one would be made of: base model, task type and the
    examples of both hidden splits.
    """
    person = request.auth.person
    if body.competition:
        competition = selectors.competition_by_slug(
            slug=body.competition, viewer=person
        )
        found = estimating.estimate_for(
            competition=competition, submissions=body.submissions, miners=body.miners
        )
        return _estimate_answer(found)
    task_type(body.task_type)
    found = estimating.estimate(
        base_model=model_by_reference(reference=body.base_model, viewer=person),
        task_type=body.task_type,
        plan=estimating.plan_of(
            submissions=body.submissions,
            miners=body.miners,
            public=body.public,
            private=body.private,
        ),
        budget_units=read_amount(body.budget, where="budget"),
    )
    return _estimate_answer(found)


def _charge_answer(charge: Charge, competition: Competition) -> ChargeAnswer:
    return ChargeAnswer(
        id=charge.id,
        submission=charge.evaluation.submission_id,
        split=charge.evaluation.split,
        evaluator=charge.payee.username,
        seconds=exact(Decimal(charge.milliseconds) / 1000),
        cost=shown(charge.cost),
        paid=shown(charge.paid),
        shortfall=shown(charge.shortfall),
        asset=competition.asset_id,
        created_at=charge.created_at,
        transfer=charge.transfer_id,
    )


def _estimate_answer(found: Estimate) -> EstimateAnswer:
    pace = found.pace
    return EstimateAnswer(
        submissions=found.plan.submissions,
        miners=found.plan.miners,
        examples=found.plan.examples,
        seconds_per_example=_rounded(pace.milliseconds / 1000) if pace else None,
        measured_from=pace.source if pace else None,
        evaluations=pace.evaluations if pace else 0,
        seconds=None
        if found.milliseconds is None
        else exact(Decimal(found.milliseconds) / 1000),
        second_price=shown(found.second_price),
        amount=None if found.amount is None else shown(found.amount),
        budget=shown(found.budget),
        missing=None if found.missing is None else shown(found.missing),
        asset=symbol(),
        sentence=found.in_words(),
    )


def _rounded(number: Fraction) -> str:
    return exact(Decimal(round(number * 10**6)) / 10**6)
