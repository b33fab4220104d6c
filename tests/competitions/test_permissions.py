"""Who sees what: one rule, the same in questions, lists and look-ups."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from accounts.services import sign_up
from assay.protocol.errors import NotFound
from catalogue.models import Model
from competitions import permissions, selectors
from competitions.models import Competition, Submission
from competitions.services import drafting, escrow, lifecycle
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

Status = Competition.Status
Roles = dict[str, User | None]


@pytest.fixture
def roles(alice: User, bob: User, charlie: User, now: datetime) -> Roles:
    """Everybody there is, by what they are to Alice's competition."""
    dora = sign_up(handle="dora", email="", password="she stakes and watches")
    world.fund(dora, 1, now)
    return {
        "sponsor": alice,
        "staker": dora,
        "miner": bob,
        "stranger": charlie,
        "nobody": None,
    }


@pytest.fixture
def competition(roles: Roles, base: Model, now: datetime) -> Competition:
    """A draft on which the staker has staked."""
    sponsor, staker = roles["sponsor"], roles["staker"]
    assert sponsor
    assert staker
    made = drafting.create_competition(
        sponsor=sponsor, spec=world.spec(sponsor, base, now), now=now
    )
    escrow.stake(competition=made, staker=staker, amount=UNIT, key="s", now=now)
    return made


def who(roles: Roles, may) -> set[str]:
    """The roles of which ``may`` is true."""
    return {role for role, person in roles.items() if may(person)}


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("status", list(Status))
def test_all_see_a_competition_once_it_is_funded(
    roles: Roles, competition: Competition, now: datetime, status: str, opened: bool
):
    hidden = status == Status.DRAFT or (status == Status.CANCELLED and not opened)
    competition.status = status
    competition.opened_at = now if opened else None
    competition.save()

    def finds(person: User | None) -> bool:
        try:
            selectors.competition_by_slug(slug=competition.slug, viewer=person)
        except NotFound:
            return False
        return True

    def lists(person: User | None) -> bool:
        page = selectors.visible_competitions(viewer=person)
        return competition in page.items

    sees = who(roles, lambda person: permissions.can_see(person, competition))
    assert sees == ({"sponsor", "staker"} if hidden else set(roles))
    assert who(roles, finds) == who(roles, lists) == sees


def test_only_the_sponsor_manages(roles: Roles, competition: Competition):
    may = who(roles, lambda person: permissions.can_manage(person, competition))

    assert may == {"sponsor"}


@pytest.fixture
def entry(roles: Roles, base: Model, now: datetime) -> Submission:
    """The miner's, in an open competition, scored on the public split."""
    sponsor, miner = roles["sponsor"], roles["miner"]
    assert sponsor
    assert miner
    opened = world.open_competition(sponsor, base, now, slug="open-to-all")
    made = world.submit(miner, opened, now, seed=1)
    world.score(made.evaluations.get(), right=20, now=now)
    return made


def test_files_of_an_entry_are_its_miners_until_it_is_published(
    roles: Roles, entry: Submission, now: datetime
):
    def sees_files(person: User | None) -> bool:
        return permissions.can_see_submission_files(person, entry)

    assert who(roles, sees_files) == {"miner"}

    entry.model.published_at = now
    assert who(roles, sees_files) == set(roles)


def test_an_entry_is_found_by_whoever_sees_its_competition(
    roles: Roles, entry: Submission
):
    def finds(person: User | None) -> bool:
        try:
            selectors.submission_by_id(submission_id=str(entry.id), viewer=person)
        except NotFound:
            return False
        return True

    assert who(roles, finds) == set(roles)
    Competition.objects.update(status=Status.DRAFT)
    assert who(roles, finds) == {"sponsor"}
    with pytest.raises(NotFound):
        selectors.submission_by_id(submission_id="nonsense", viewer=roles["miner"])


def test_private_scores_are_shown_to_nobody_before_the_final_board(
    roles: Roles, entry: Submission, now: datetime
):
    """Not even to its miner: they could fit the hidden data to it."""
    competition = entry.competition
    Competition.objects.update(challenge_window=timedelta(days=1))
    competition.refresh_from_db()
    later = competition.deadline
    lifecycle.advance(competition=competition, now=later)
    world.score(entry.evaluations.get(split="private"), right=12, now=later)
    competition.refresh_from_db()
    entry = Submission.objects.get()

    def board() -> tuple[str, list[float]]:
        found = selectors.leaderboard(
            competition=competition, viewer=roles["miner"], now=later
        )
        return found.split, [row.score for row in found.rows]

    assert competition.status == "judging"
    assert [e.split for e in selectors.shown_evaluations(entry)] == ["public"]
    assert board() == ("public", [20 / 30])

    lifecycle.advance(competition=competition, now=later)
    entry = Submission.objects.get()
    assert competition.status == "provisional"
    shown = [(e.split, e.repeat) for e in selectors.shown_evaluations(entry)]
    assert shown == [("public", 0), ("private", 0), ("private", 1)]
    assert board() == ("private", [12 / 30])
