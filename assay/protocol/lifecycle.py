"""Every step of a competition's life: where it may start, where it ends, what it needs.

    draft → funded → open → closed → judging → provisional → settled

or cancelled: by the sponsor before anyone has submitted, by the clock when it never
opened. What is funded is a draft again when a stake is withdrawn and too little is
left. ``STEPS`` is the whole table; nothing moves a status outside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from assay.protocol.errors import Conflict, Invalid, Refusal

LONGEST_RUN = timedelta(days=366)
STATUSES = (
    "draft",
    "funded",
    "open",
    "closed",
    "judging",
    "provisional",
    "settled",
    "cancelled",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What guards look at; a caller fills in what its own step asks for.

    Attributes:
        missing_stake: how much is missing until it is funded, for people.
        pending: evaluations that the step needs and that are queued or running.
        given_up: those that the platform has given up.
        open_challenges: challenges that nobody has decided.
        open_duties: duties of award earners that are neither met nor failed.
        wanted_deadline: the moment to which the deadline shall move.
        may_shorten: whether an open deadline may come forward.
    """

    slug: str
    status: str
    now: datetime
    deadline: datetime
    provisional_until: datetime | None = None
    opened_at: datetime | None = None
    missing_stake: str = ""
    baseline_ready: bool = True
    has_submissions: bool = False
    pending: int = 0
    given_up: int = 0
    open_challenges: int = 0
    open_duties: int = 0
    wanted_deadline: datetime | None = None
    may_shorten: bool = False


Guard = Callable[[Facts], Refusal | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        done: the past participle for "it cannot be … now".
        starts: statuses in which the step is possible.
        end: the status after it; None when it leaves the status as it is.
        words: how a person would name it; empty for the clock's own steps.
        guard: what else must hold, as a refusal when it does not.
        code: of the refusal in any other status.
    """

    done: str
    starts: tuple[str, ...]
    end: str | None = None
    words: str = ""
    guard: Guard = lambda _: None
    code: str = "competition_status"


def refusal_of(name: str, facts: Facts) -> Refusal | None:
    """Why the step cannot be taken now; None when it can."""
    step = STEPS[name]
    if facts.status not in step.starts:
        return Conflict(
            step.code,
            f"{facts.slug} is {facts.status}; it cannot be {step.done} now.",
            fix=_instead(facts),
        )
    return step.guard(facts)


def require(name: str, facts: Facts) -> None:
    """Raise the refusal of ``refusal_of``, if there is one."""
    refusal = refusal_of(name, facts)
    if refusal is not None:
        raise refusal


def possible(status: str) -> list[str]:
    """What people can do in this status, in words."""
    return [
        step.words for step in STEPS.values() if step.words and status in step.starts
    ]


def leads(start: str, end: str) -> bool:
    """Whether some step goes from one status to the other."""
    return any(start in step.starts and step.end == end for step in STEPS.values())


def _instead(facts: Facts) -> str:
    if facts.status == "draft" and facts.missing_stake:
        return f"Stake until {facts.missing_stake} are reached."
    now_possible = possible(facts.status)
    if now_possible:
        return f"Possible now: {', '.join(now_possible)}."
    if facts.status in {"settled", "cancelled"}:
        return "It is over; find another: `assay competition list`."
    return "It moves on by itself; its page shows what it waits for."


def _not_due(facts: Facts) -> Refusal | None:
    if facts.now < facts.deadline:
        return Conflict(
            "deadline_ahead",
            f"{facts.slug} takes submissions until {facts.deadline:%F %R} UTC.",
        )
    return None


def _open(facts: Facts) -> Refusal | None:
    if facts.deadline <= facts.now:
        return Conflict(
            "deadline_past", "Its deadline has passed.", fix="Move the deadline first."
        )
    if not facts.baseline_ready:
        return Conflict(
            "baseline_pending",
            "The base model is still being scored.",
            fix="Try again when the baseline is shown.",
        )
    return None


def _submit(facts: Facts) -> Refusal | None:
    if facts.deadline <= facts.now:
        return Conflict(
            "competition_not_open",
            f"{facts.slug} took submissions until {facts.deadline:%F %R} UTC.",
            fix="Find one that is open: `assay competition list --status open`.",
        )
    return None


def _move_deadline(facts: Facts) -> Refusal | None:
    wanted = facts.wanted_deadline
    if wanted is None:
        return None
    if wanted < facts.deadline and facts.status == "open" and not facts.may_shorten:
        return Invalid(
            "deadline_earlier",
            "The deadline of an open competition can only be extended.",
            fix=f"Name a moment after {facts.deadline:%F %R} UTC.",
            where="deadline",
        )
    if wanted <= facts.deadline:
        return None
    return _too_long(facts, wanted) or too_far(wanted, facts.now)


def _too_long(facts: Facts, wanted: datetime) -> Refusal | None:
    """Extending again and again must not keep stakes and prizes for ever."""
    if facts.status != "open" or facts.opened_at is None:
        return None
    last = facts.opened_at + LONGEST_RUN
    if wanted <= last:
        return None
    return Invalid(
        "competition_too_long",
        f"A competition is open for at most {LONGEST_RUN.days} days.",
        fix=f"Name a moment before {last:%F %R} UTC.",
        where="deadline",
    )


def too_far(deadline: datetime, now: datetime) -> Refusal | None:
    """Why a deadline is further away than stakes may be bound; None if it is not."""
    if deadline <= now + LONGEST_RUN:
        return None
    return Invalid(
        "deadline_too_far",
        f"A deadline is at most {LONGEST_RUN.days} days ahead.",
        fix=f"Name a moment before {now + LONGEST_RUN:%F %R} UTC; it can be extended.",
        where="deadline",
    )


def _cancel(facts: Facts) -> Refusal | None:
    if facts.has_submissions:
        return Conflict(
            "has_submissions",
            f"Miners have submitted to {facts.slug}; it will be judged.",
            fix="What no entry earns comes back to the stakers after its deadline.",
        )
    return None


def _fund(facts: Facts) -> Refusal | None:
    if facts.missing_stake:
        return Conflict(
            "stake_missing",
            f"{facts.slug} is not funded yet.",
            fix=f"Stake until {facts.missing_stake} are reached.",
        )
    return None


def _unfund(facts: Facts) -> Refusal | None:
    if not facts.missing_stake:
        return Conflict("stake_suffices", f"{facts.slug} has its minimum stake.")
    return None


def _all_scored(facts: Facts) -> Refusal | None:
    if facts.pending:
        return Conflict(
            "evaluations_pending", f"{facts.pending} evaluations are not done yet."
        )
    if facts.given_up:
        return Conflict(
            "evaluations_given_up",
            f"The platform has given up {facts.given_up} evaluations; nobody loses by "
            "that.",
            fix="An operator sends them round again: "
            "`manage.py evaluations --requeue ID`.",
        )
    return None


def _challenge(facts: Facts) -> Refusal | None:
    until = facts.provisional_until
    if until is not None and until <= facts.now:
        return Conflict(
            "challenge_window_over",
            f"Challenges of {facts.slug} were taken until {until:%F %R} UTC.",
        )
    return None


def _settle(facts: Facts) -> Refusal | None:
    until = facts.provisional_until
    if until is None or facts.now < until:
        return Conflict("challenge_window_open", "The challenge window is not over.")
    if facts.open_challenges:
        return Conflict(
            "challenges_open", f"{facts.open_challenges} challenges are undecided."
        )
    if facts.open_duties:
        return Conflict(
            "duties_open", f"{facts.open_duties} duties of winners are not met yet."
        )
    return None


UNTIL_OPENED = ("draft", "funded")
UNTIL_CLOSED = ("draft", "funded", "open")
STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "stake": Step("staked on", UNTIL_CLOSED, words="stake", code="stake_too_late"),
        "top_up": Step(
            "topped up",
            (*UNTIL_CLOSED, "closed", "judging"),
            words="top up the evaluation budget",
            code="stake_too_late",
        ),
        "revise": Step("revised", UNTIL_OPENED, words="revise the draft"),
        "fund": Step("funded", ("draft",), "funded", guard=_fund),
        "withdraw": Step(
            "left by a stake",
            UNTIL_OPENED,
            words="withdraw a stake",
            code="stake_bound",
        ),
        "unfund": Step("unfunded", ("funded",), "draft", guard=_unfund),
        "open": Step("opened", ("funded",), "open", "open", _open),
        "move_deadline": Step(
            "given another deadline",
            UNTIL_CLOSED,
            words="move the deadline",
            guard=_move_deadline,
        ),
        "cancel": Step("cancelled", UNTIL_CLOSED, "cancelled", "cancel", _cancel),
        "expire": Step("expired", UNTIL_OPENED, "cancelled", guard=_not_due),
        "accept_rules": Step(
            "taken part in",
            ("open", "closed", "judging", "provisional"),
            words="accept the rules",
        ),
        "submit": Step(
            "entered",
            ("open",),
            words="submit",
            guard=_submit,
            code="competition_not_open",
        ),
        "withdraw_entry": Step(
            "left by an entry",
            ("open", "closed"),
            words="withdraw an entry",
            code="entry_bound",
        ),
        "close": Step("closed", ("open",), "closed", guard=_not_due),
        "judge": Step("judged", ("closed",), "judging", guard=_all_scored),
        "award": Step("awarded", ("judging",), "provisional", guard=_all_scored),
        "challenge": Step(
            "challenged", ("provisional",), words="challenge", guard=_challenge
        ),
        "disqualify": Step(
            "changed by disqualifying an entry",
            ("open", "closed", "judging", "provisional"),
            words="disqualify (staff)",
        ),
        "settle": Step("settled", ("provisional",), "settled", guard=_settle),
    }
)
