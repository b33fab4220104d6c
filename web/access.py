"""Who may ask for a page at all: each view carries exactly one of these rules.

What a person may see of a thing is the selectors' business, not the rule's. All
rules also turn a refusal that nobody caught into a page which says what to do.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from accounts.models import User
from assay.protocol.errors import Forbidden, NotFound, Refusal
from web.refusals import refusal_page

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


PersonView: TypeAlias = Callable[Concatenate[PersonRequest, P], HttpResponseBase]


def viewer(request: HttpRequest) -> User | None:
    """The person who is looking, if they are logged in."""
    return request.user if isinstance(request.user, User) else None


def _require_storable(request: HttpRequest) -> None:
    """No database holds a NUL, so no page has one in its address.

    Raises:
        NotFound: there is one.
    """
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise NotFound("address_unreadable", "This address holds a NUL.")


def public(view: View[P]) -> View[P]:
    """Anyone may ask."""

    @wraps(view)
    def asked(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        try:
            _require_storable(request)
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refusal_page(request, refusal)

    asked.access = "public"  # type: ignore[attr-defined]
    return asked


def person(view: PersonView[P]) -> View[P]:
    """Only somebody who is logged in may ask; others are sent to the login page."""

    @wraps(view)
    @never_cache
    def asked(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if viewer(request) is None:
            return redirect_to_login(request.get_full_path())
        try:
            _require_storable(request)
            return view(cast("PersonRequest", request), *args, **kwargs)
        except Refusal as refusal:
            return refusal_page(request, refusal)

    asked.access = "person"  # type: ignore[attr-defined]
    return asked


def staff(view: PersonView[P]) -> View[P]:
    """Only the platform's staff may ask; nobody is sent to the login page."""

    @wraps(view)
    def checked(
        request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_staff:
            raise Forbidden("staff_only", "Only the platform's staff does this.")
        return view(request, *args, **kwargs)

    asked = person(checked)
    asked.access = "staff"  # type: ignore[attr-defined]
    return asked
