"""What the evaluation of a competition will cost, before anybody stakes on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assay.protocol.errors import Invalid
from assay.protocol.money import format_amount
from assay.protocol.pricing import metered
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Split
from competitions.services import budget, fees
from ledger.wallets import platform_asset

MOST_SUBMISSIONS = 1_000_000
MOST_EXAMPLES = 200_000
RECENT = 20


@dataclass(frozen=True)
class Pace:
    """How long one example takes, as it was measured.

    Attributes:
        milliseconds: exact, an example.
        source: ``baseline`` for the competition's own, ``alike`` for other
            evaluations with the same base model and task.
        evaluations: how many were measured.
    """

    milliseconds: Fraction
    source: Literal["baseline", "alike"]
    evaluations: int


@dataclass(frozen=True)
class Plan:
    """What is to be evaluated: splits in examples, entries, miners.

    Every entry is scored on the public split, each miner's best on the private one,
    and the base model on both.
    """

    submissions: int
    miners: int
    public: int
    private: int

    @property
    def examples(self) -> int:
        """Examples in all."""
        return (self.submissions + 1) * self.public + (self.miners + 1) * self.private


@dataclass(frozen=True)
class Estimate:
    """What a plan will take; time and amount are None while no pace is known.

    Attributes:
        amount: base units, rounded up.
        budget: base units that there are or would be for it.
    """

    plan: Plan
    pace: Pace | None
    second_price: int
    milliseconds: int | None
    amount: int | None
    budget: int

    @property
    def missing(self) -> int | None:
        """Base units by which the budget is too small; 0 when it is enough."""
        return None if self.amount is None else max(0, self.amount - self.budget)

    def in_words(self) -> str:
        """The estimate as one or two sentences."""
        if self.pace is None or self.amount is None or self.milliseconds is None:
            return (
                "What it will cost is not known yet: nothing with this base model and "
                "task was measured so far. Save the draft, and its baseline is."
            )
        if not self.second_price:
            return "Evaluation costs nothing here."
        asset = platform_asset()
        cost = f"{format_amount(self.amount, asset)} {asset.symbol}"
        seconds = -(-self.milliseconds // 1000)
        said = f"{self.plan.examples} examples take about {seconds} s and cost {cost}."
        if not self.missing:
            return f"{said} The budget is enough."
        missing = f"{format_amount(self.missing, asset)} {asset.symbol}"
        return f"{said} The budget is too small by {missing}."


def plan_of(*, submissions: int, miners: int | None, public: int, private: int) -> Plan:
    """A plan within the limits; as many miners as submissions unless said.

    Raises:
        Invalid: a number is out of bounds.
    """
    miners = submissions if miners is None else miners
    bounds = {
        "submissions": (submissions, 0, MOST_SUBMISSIONS),
        "miners": (miners, 0, submissions),
        "public": (public, 1, MOST_EXAMPLES),
        "private": (private, 1, MOST_EXAMPLES),
    }
    for name, (given, least, most) in bounds.items():
        if not least <= given <= most:
            raise Invalid(
                "estimate_out_of_bounds",
                f"{name} is {given}; {least} to {most} can be estimated.",
                where=name,
            )
    return Plan(submissions, miners, public, private)


def estimate(
    *, base_model: Model, task_type: str, plan: Plan, budget_units: int
) -> Estimate:
    """What a competition that does not exist yet would cost to evaluate."""
    price = fees.second_price(platform_asset())
    pace = _pace_alike(base_model, task_type)
    return _estimate(plan, pace, price=price, budget_units=budget_units)


def estimate_for(
    *, competition: Competition, submissions: int, miners: int | None = None
) -> Estimate:
    """What the competition will cost to evaluate, from its own baseline if measured.

    Raises:
        Invalid: a number is out of bounds.
    """
    counts = dict(competition.splits.values_list("name", "count"))
    plan = plan_of(
        submissions=submissions,
        miners=miners,
        public=counts[Split.Name.PUBLIC],
        private=counts[Split.Name.PRIVATE],
    )
    own = competition.evaluations.filter(
        submission=None, status=Evaluation.Status.SCORED
    )
    pace = _pace(own, "baseline") or _pace_alike(
        competition.base_model, competition.task_type
    )
    found = budget.budget_of(competition)
    return _estimate(
        plan,
        pace,
        price=competition.second_price,
        budget_units=found.funded,
    )


def _estimate(
    plan: Plan, pace: Pace | None, *, price: int, budget_units: int
) -> Estimate:
    milliseconds = amount = None
    if pace is not None:
        exact = pace.milliseconds * plan.examples
        milliseconds = -(-exact.numerator // exact.denominator)
        cost = exact * price / 1000
        amount = -(-cost.numerator // cost.denominator)
    return Estimate(plan, pace, price, milliseconds, amount, budget_units)


def _pace_alike(base_model: Model, task_type: str) -> Pace | None:
    alike = Evaluation.objects.filter(
        competition__base_model=base_model,
        competition__task_type=task_type,
        status=Evaluation.Status.SCORED,
    ).order_by("-finished_at")[:RECENT]
    return _pace(alike, "alike")


def _pace(
    evaluations: Iterable[Evaluation], source: Literal["baseline", "alike"]
) -> Pace | None:
    found = [e for e in evaluations if e.total and _milliseconds(e)]
    if not found:
        return None
    time, examples = sum(map(_milliseconds, found)), sum(e.total for e in found)
    return Pace(Fraction(time, examples), source, len(found))


def _milliseconds(evaluation: Evaluation) -> int:
    """As it would be metered, whatever was charged for it then."""
    reported = evaluation.usage.get("wall_seconds", evaluation.usage.get("cpu_seconds"))
    if evaluation.finished_at is None:
        return 0
    return metered(reported, budget.elapsed(evaluation, evaluation.finished_at))
