"""Who calls through a door; every route declares exactly one access."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.models import ApiToken, User
from assay.protocol.errors import Forbidden, Unauthenticated


class Access(StrEnum):
    """The kinds of access: what may be seen is decided by selectors, not here."""

    PUBLIC = "anyone; who is known may see more"
    PERSON = "a person"
    SIGNED = "whoever holds a link that was signed for a person, for a while"


@dataclass(frozen=True)
class Caller:
    """Who sent a request; nobody when ``user`` is None."""

    user: User | None = None
    token: ApiToken | None = None

    @property
    def person(self) -> User:
        """The caller, on routes that are a person's."""
        assert self.user is not None
        return self.user


def admit(token: ApiToken | None, access: Access) -> Caller:
    """Who calls, if the route is open to them.

    Raises:
        Forbidden: an evaluator's token, which opens only what evaluators need.
        Unauthenticated: nobody is logged in, and the route is a person's.
    """
    if token is not None and token.scope == ApiToken.Scope.EVALUATOR:
        raise Forbidden(
            "token_scope",
            "An evaluator's token opens only what evaluators need.",
            fix="Use a person's token here.",
        )
    if token is None and access is Access.PERSON:
        raise Unauthenticated(
            "login_required",
            "This needs somebody who is logged in.",
            fix="Make a token on your tokens page and give it to the client.",
        )
    return Caller(token.user if token is not None else None, token)
