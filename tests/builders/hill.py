"""A competition by king of the hill in which two have led."""

from datetime import datetime, timedelta

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition
from tests.builders import world

HOUR = timedelta(hours=1)
KING = {"prize_rule": "king_of_the_hill", "prize_options": {"lead": "0.1"}}


def contested(
    sponsor: User, base: Model, miners: tuple[User, User], now: datetime
) -> Competition:
    """100 tokens over ten hours; one miner leads from 2 h on, the other from 5 h."""
    competition = world.open_competition(
        sponsor, base, now, deadline=now + 10 * HOUR, **KING
    )
    for miner, hours, right in zip(miners, (2, 5), (15, 20), strict=True):
        at = now + hours * HOUR
        made = world.submit(miner, competition, at, seed=hours)
        world.score(made.evaluations.get(), right=right, now=at)
    return competition
