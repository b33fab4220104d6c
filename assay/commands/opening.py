"""Opening a competition as soon as its base model is scored."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from assay.client import Client
from assay.client.records import Competition
from assay.commands.failing import WaitTimedOut
from assay.commands.session import Session
from assay.protocol.errors import Conflict

PENDING = "baseline_pending"


@dataclass(frozen=True, slots=True)
class Opening:
    """How long to wait in all, and between tries, in seconds."""

    timeout: float
    between: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def open_when_measured(
    session: Session, client: Client, slug: str, opening: Opening
) -> Competition:
    """The competition, opened once its base model has both scores.

    Raises:
        WaitTimedOut: it has not in time.
        Conflict: something else is missing.
    """
    end = opening.clock() + opening.timeout
    told = False
    while True:
        try:
            return client.competitions.open(slug)
        except Conflict as refusal:
            if refusal.code != PENDING:
                raise
        if not told:
            session.say("The base model is being scored; waiting for its baseline.")
            told = True
        if opening.clock() >= end:
            raise WaitTimedOut(
                "wait_timed_out",
                f"The base model has no score after {opening.timeout:.0f} seconds.",
                fix="Run the command again; it goes on where it was.",
            )
        opening.sleep(opening.between)
