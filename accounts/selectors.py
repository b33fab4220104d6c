"""Questions about people."""

from accounts.models import ApiToken, User
from assay.protocol.errors import NotFound

MAX_TOKENS = 200


def tokens_of(user: User) -> list[ApiToken]:
    """The person's newest tokens, at most 200; those that are not revoked first."""
    tokens = ApiToken.objects.filter(user=user).order_by("-created_at")[:MAX_TOKENS]
    return sorted(tokens, key=lambda token: token.revoked_at is not None)


def person_by_handle(handle: str, *, where: str) -> User:
    """The person of that handle, unless their account is closed.

    Args:
        where: the field that named them, for the refusal.

    Raises:
        NotFound: ``person_not_found``.
    """
    found = User.objects.filter(username=handle, is_active=True).first()
    if found is None:
        raise NotFound("person_not_found", f"There is no {handle}.", where=where)
    return found
