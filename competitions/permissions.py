"""Who may see and do what; one rule a question, used by pages, API and files."""

from accounts.models import User
from competitions.models import Competition, Pool, Stake, Submission


def can_manage(user: User | None, competition: Competition) -> bool:
    """Open, move, cancel: the sponsor."""
    return user is not None and user.pk == competition.sponsor_id


def can_see(user: User | None, competition: Competition) -> bool:
    """Everyone once it is funded; before, its sponsor and who has staked on it."""
    if competition.is_public or can_manage(user, competition):
        return True
    return user is not None and competition.stakes.filter(staker=user).exists()


def can_see_submission(user: User | None, submission: Submission) -> bool:
    """That it exists, its status and its score: whoever sees the competition."""
    return can_see(user, submission.competition)


def can_see_submission_files(user: User | None, submission: Submission) -> bool:
    """Its files, terms and digests: its miner, and everyone once it is published."""
    published = submission.model.published_at is not None
    return published or (user is not None and user.pk == submission.miner_id)


def can_fetch_data(user: User | None, competition: Competition) -> bool:
    """Its public files: who has accepted the rules or takes part otherwise, and staff.

    Whoever sees the competition while there are no frozen rules to accept, and once it
    is over, so that a result can be checked.
    """
    if competition.is_final or not competition.rules_digest:
        return True
    if user is None:
        return False
    accepted = competition.acceptances.filter(
        person=user, rules_digest=competition.rules_digest
    )
    return user.is_staff or takes_part(user, competition) or accepted.exists()


def can_withdraw(user: User | None, stake: Stake) -> bool:
    """Take a stake back: whoever made it."""
    return user is not None and user.pk == stake.staker_id


def can_take_back(user: User | None, submission: Submission) -> bool:
    """Cancel or withdraw an entry: who entered it."""
    return user is not None and user.pk == submission.miner_id


def takes_part(user: User | None, competition: Competition) -> bool:
    """Sponsor, everyone with a stake in it, and everyone who has entered it."""
    if user is None:
        return False
    return (
        can_manage(user, competition)
        or competition.stakes.filter(staker=user, withdrawn_at=None).exists()
        or competition.submissions.filter(miner=user).exists()
    )


def can_challenge(user: User | None, submission: Submission) -> bool:
    """Who takes part, but for those who made the entry."""
    if user is None or user.pk == submission.miner_id:
        return False
    shares_in = submission.model.contributors.filter(user=user)
    return takes_part(user, submission.competition) and not shares_in.exists()


def can_judge(user: User | None, competition: Competition) -> bool:
    """Decide challenges and disqualify: staff that takes no part itself."""
    return user is not None and user.is_staff and not takes_part(user, competition)


def can_see_pool(user: User | None, pool: Pool) -> bool:
    """Everyone; of one for a competition, whoever sees the competition."""
    return pool.competition is None or can_see(user, pool.competition)


def can_close_pool(user: User | None, pool: Pool) -> bool:
    """End it and give the rest back: who opened it."""
    return user is not None and user.pk == pool.owner_id
