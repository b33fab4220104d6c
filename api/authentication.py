"""Who calls, and the five kinds of access; every route declares exactly one.

    PUBLIC      anyone; who is logged in may see more
    PERSON      a person: a token of the scope "person", or a session cookie
    STAFF       a person of the platform's staff
    EVALUATOR   an evaluator's token, which opens nothing else
    SIGNED      whoever has the link: its {secret} says what it opens, and for whom

What of the things behind a route may be seen is not decided here but by the
selectors that find them.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security.base import SecuritySchema
from ninja.utils import check_csrf

from accounts.models import ApiToken, User
from accounts.services import LOG_IN, authenticate_header
from assay.protocol.errors import Forbidden, Unauthenticated
from common import throttling
from common.clock import now
from storage.links import link_shut, read_part_link


@dataclass(frozen=True)
class Caller:
    """Who sent a request; nobody when ``user`` is None."""

    user: User | None = None
    token: ApiToken | None = None

    @property
    def is_evaluator(self) -> bool:
        """Whether an evaluator's token was shown."""
        return self.token is not None and self.token.scope == ApiToken.Scope.EVALUATOR

    @property
    def person(self) -> User:
        """The user, on routes that need one.

        Raises:
            Unauthenticated: nobody is logged in.
        """
        if self.user is None:
            raise Unauthenticated(
                "login_required", "This needs somebody who is logged in.", fix=LOG_IN
            )
        return self.user


class ApiRequest(HttpRequest):
    """A request whose route's access was checked."""

    auth: Caller


def identify(request: HttpRequest) -> Caller:
    """Whoever the credentials name; a token goes before a session.

    Raises:
        Unauthenticated: credentials were shown that open nothing.
        Forbidden: a session came without its CSRF token.
        LimitReached: too many credentials from there opened nothing.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        try:
            token = authenticate_header(header=header, now=now())
        except Unauthenticated:
            throttling.spend("bad_token", address=throttling.address_of(request))
            raise
        return Caller(user=token.user, token=token)
    if not isinstance(request.user, User):
        return Caller()
    if check_csrf(request) is not None:
        raise Forbidden(
            "csrf_failed",
            "This session sent no valid CSRF token.",
            fix="Send the CSRF cookie's value as X-CSRFToken, or use a token.",
        )
    return Caller(user=request.user)


class Access:
    """A kind of access: called with a request, it returns the caller or refuses."""

    csrf = True  # the docs page sends the CSRF token along

    def __call__(self, request: HttpRequest) -> Caller:
        caller = identify(request)
        self.check(caller)
        return caller

    def check(self, caller: Caller) -> None:
        """Refuse a caller who may not use the route."""
        raise NotImplementedError


class Undeclared(Access):
    """The default: a route that does not say who may call it is shut."""

    def check(self, _: Caller) -> None:
        """Refuse everybody."""
        raise Forbidden("route_closed", "Nobody may call this.")


class PublicAccess(Access):
    """Anyone, except evaluators' tokens."""

    def check(self, caller: Caller) -> None:
        """Refuse evaluators."""
        if caller.is_evaluator:
            raise Forbidden(
                "token_scope",
                "An evaluator's token opens only what evaluators need.",
                fix="Use a person's token here.",
            )


class PersonAccess(PublicAccess):
    """A person."""

    openapi_security_schema = SecuritySchema(
        "http",
        scheme="bearer",
        description="A person's token; a session cookie with X-CSRFToken works too.",
    )

    def check(self, caller: Caller) -> None:
        """Refuse evaluators, and nobody."""
        super().check(caller)
        _ = caller.person


class StaffAccess(PersonAccess):
    """A person of the platform's staff."""

    def check(self, caller: Caller) -> None:
        """Refuse everybody else."""
        super().check(caller)
        if not caller.person.is_staff:
            raise Forbidden("staff_only", "Only the platform's staff does this.")


class EvaluatorAccess(Access):
    """An evaluator's token."""

    openapi_security_schema = SecuritySchema(
        "http", scheme="bearer", description="An evaluator's token."
    )

    def check(self, caller: Caller) -> None:
        """Refuse whoever is no evaluator."""
        _ = caller.person
        if not caller.is_evaluator:
            raise Forbidden(
                "token_scope",
                "This is for evaluators' tokens.",
                fix="An operator can issue one for you.",
            )


class SignedAccess(Access):
    """A link that one of our own routes signed, for the person who asked for it.

    Other credentials are not looked at: the link may be used where there are none.
    """

    csrf = False

    def __call__(self, request: HttpRequest) -> Caller:
        match = request.resolver_match
        link = read_part_link(match.kwargs["secret"] if match else "")
        token = ApiToken.objects.filter(pk=link.token).first() if link.token else None
        if link.token and (token is None or not token.is_live(now())):
            raise link_shut()
        user = User.objects.filter(pk=link.user, is_active=True).first()
        if user is None:
            raise link_shut()
        return Caller(user=user, token=token)


PUBLIC, PERSON = PublicAccess(), PersonAccess()
STAFF, EVALUATOR = StaffAccess(), EvaluatorAccess()
SIGNED = SignedAccess()
