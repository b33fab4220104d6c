"""Questions about people."""

from accounts.models import ApiToken, User

MAX_TOKENS = 200


def tokens_of(user: User) -> list[ApiToken]:
    """The person's newest tokens, at most 200; those that are not revoked first."""
    tokens = ApiToken.objects.filter(user=user).order_by("-created_at")[:MAX_TOKENS]
    return sorted(tokens, key=lambda token: token.revoked_at is not None)
