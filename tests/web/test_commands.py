"""Commands that pages tell people to copy are commands that there are."""

import re
import shlex
from datetime import datetime
from html import unescape

import pytest
from click.testing import CliRunner

from accounts.models import User
from assay.commands.root import root
from competitions.services import evaluating
from tests.web.conftest import Office, as_person

pytestmark = pytest.mark.django_db


def commands_on(page: str) -> list[list[str]]:
    """Arguments of each `assay …` line in the page's code."""
    blocks = re.findall(r"<code>(.*?)</code>", page, flags=re.DOTALL)
    lines = [unescape(line) for block in blocks for line in block.splitlines()]
    calls = [line.partition(" > ")[0] for line in lines if line.startswith("assay ")]
    return [shlex.split(call)[1:] for call in calls]


def test_every_command_on_a_page_is_understood(
    office: Office, alice: User, steward: User, now: datetime
):
    evaluation = office.submission.evaluations.get()
    job = evaluating.lease(evaluation_id=str(evaluation.id), evaluator=steward, now=now)
    evaluating.record_failure(
        evaluation_id=str(evaluation.id),
        lease=job.lease,
        fault="model",
        code="x",
        sentence="x",
        usage={},
        now=now,
    )
    pages = {
        "/competitions/bank-intents/submissions": 5,
        "/competitions/bank-intents/data": 1,
        f"/submissions/{office.submission.id}": 1,
        "/models/steward/tiny-bert": 1,
        f"/licences/{office.licence.id}": 2,
        "/verify": 2,
    }
    for address, count in pages.items():
        found = commands_on(as_person(alice).get(address).content.decode())
        assert len(found) == count, address
        for arguments in found:
            outcome = CliRunner().invoke(root, [*arguments, "--help"])
            assert outcome.exit_code == 0, (arguments, outcome.output)


def test_the_commands_check_refuses_what_there_is_not():
    unknown = CliRunner().invoke(root, ["submit", "x", "--no-such-option", "--help"])

    assert unknown.exit_code != 0
