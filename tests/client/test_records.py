"""Records fit the API's schemas, and reading is strict where it must be."""

from dataclasses import MISSING, fields
from typing import Any

import pytest
from pydantic import BaseModel

from accounts.models import User
from api.schemas import (
    competitions,
    economics,
    licences,
    me,
    models,
    paymaster,
    platform,
    submissions,
)
from api.schemas.common import FileAnswer
from assay.client import ServerFault, paging, records
from assay.client.reading import read
from ledger.wallets import faucet
from tests.builders.world import UNIT
from tests.client.conftest import Connect

PAIRS: list[tuple[Any, type[BaseModel]]] = [
    (records.PlatformVersion, platform.VersionAnswer),
    (records.Me, me.MeAnswer),
    (records.StatementLine, me.StatementLine),
    (records.FaucetGift, me.FaucetAnswer),
    (records.RemoteFile, FileAnswer),
    (records.CompetitionSummary, competitions.CompetitionSummary),
    (records.Competition, competitions.CompetitionAnswer),
    (records.Stake, competitions.StakeAnswer),
    (records.Board, competitions.BoardAnswer),
    (records.BoardRow, competitions.BoardRowAnswer),
    (records.Baseline, competitions.BaselineAnswer),
    (records.Quota, competitions.QuotaAnswer),
    (records.StakeTerms, economics.StakeTermsAnswer),
    (records.Budget, economics.BudgetAnswer),
    (records.Charge, economics.ChargeAnswer),
    (records.Estimate, economics.EstimateAnswer),
    (records.Price, paymaster.PriceAnswer),
    (records.Dues, paymaster.DuesAnswer),
    (records.Pool, paymaster.PoolAnswer),
    (records.Funding, paymaster.FundingAnswer),
    (records.Submission, submissions.SubmissionAnswer),
    (records.Evaluation, submissions.EvaluationAnswer),
    (records.Failure, submissions.FailureAnswer),
    (records.ModelSummary, models.ModelSummary),
    (records.Model, models.ModelAnswer),
    (records.Contributor, models.ContributorAnswer),
    (records.Parent, models.ParentAnswer),
    (records.Quote, licences.QuoteAnswer),
    (records.Licence, licences.LicenceAnswer),
    (records.Royalty, licences.RoyaltyAnswer),
    (records.RoyaltyPart, licences.PartAnswer),
]


@pytest.mark.parametrize(("record", "schema"), PAIRS)
def test_every_field_of_a_record_is_one_that_the_api_sends(
    record: Any, schema: type[BaseModel]
) -> None:
    needed = {field.name for field in fields(record) if field.default is MISSING}

    assert needed <= set(schema.model_fields)


def test_an_entry_has_exactly_the_fields_that_the_api_takes() -> None:
    given = {field.name for field in fields(records.Entry)}

    assert given == set(submissions.EntryBody.model_fields)


def test_a_field_that_is_new_to_us_is_ignored() -> None:
    given = {"asset": "AST", "total": "1", "held": "0", "available": "1"}
    balance = read(records.Balance, {**given, "new": 1})

    assert balance == records.Balance("AST", "1", "0", "1")


@pytest.mark.parametrize(
    "document", [{}, {"asset": "AST"}, {"asset": "AST", "total": 1}, [], None]
)
def test_an_answer_that_does_not_fit_is_a_fault_and_not_a_crash(document: Any) -> None:
    with pytest.raises(ServerFault) as refused:
        read(records.Balance, document)

    assert refused.value.where.startswith("Balance")


def test_pages_are_walked_to_their_end_in_order(
    connect: Connect, alice: User, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    for number in range(5):
        faucet(user=alice, amount=(number + 1) * UNIT, key=f"k{number}", now=now)

    lines = list(connect(alice).wallet.statement())

    assert [line.amount for line in lines] == ["5", "4", "3", "2", "1"]
    assert [line.running for line in lines] == ["15", "10", "6", "3", "1"]
