"""Signing up, and issuing and checking tokens."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import ApiToken, User
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
)

TOKEN_PREFIX = "assay_"  # noqa: S105 - a public marker that secret scanners look for
LOG_IN = "Send `Authorization: Bearer <token>`; `assay auth login` sets one up."
LAST_USED_STEP = timedelta(minutes=1)
# Histories name the platform itself as an actor, and operators' commands make the
# other accounts when they are first needed: nobody may be there before them.
RESERVED = {"platform", "evaluator", "baseline", "open-models", "admin", "assay"} | {
    "competitions"  # by which the Hub's clients name data
}


def sign_up(*, handle: str, email: str, password: str) -> User:
    """Create a person.

    Raises:
        Invalid: the handle or the password breaks a rule.
        Conflict: the handle is taken, or reserved for the platform.
    """
    if handle in RESERVED:
        raise _taken(handle)
    user = User(username=handle, email=email)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("sign_up_invalid", " ".join(error.messages)) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(handle) from error
    return user


def _taken(handle: str) -> Conflict:
    return Conflict(
        "handle_taken", f"The handle {handle} is taken.", fix="Choose another one."
    )


def issue_token(
    *,
    user: User,
    name: str,
    scope: ApiToken.Scope = ApiToken.Scope.PERSON,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which is shown only here.

    Raises:
        Forbidden: an evaluator reads hidden inputs and everyone's weights, so its
            token is for the operators' own accounts.
    """
    if scope == ApiToken.Scope.EVALUATOR and not user.is_staff:
        raise Forbidden(
            "evaluator_scope_for_operators",
            "Only the platform's operators make evaluator tokens.",
            fix="Make one for a person, or ask an operator.",
            where="scope",
        )
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:80] or "token",
        scope=scope,
        prefix=secret[:12],
        digest=_digest(secret),
        expires_at=expires_at,
    )
    return token, secret


def revoke_token(*, user: User, token_id: str, now: datetime) -> None:
    """End a token of the person's own.

    Raises:
        NotFound: it is not theirs, or was revoked before.
    """
    try:
        live = ApiToken.objects.filter(pk=token_id, user=user, revoked_at=None)
        revoked = live.update(revoked_at=now)
    except ValidationError:
        revoked = 0
    if not revoked:
        raise NotFound("token_not_found", "There is no such live token of yours.")


def authenticate_token(*, secret: str, now: datetime) -> ApiToken:
    """The live token with this secret.

    Raises:
        Unauthenticated: there is none, or it has expired or been revoked.
    """
    token = (
        ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    )
    if token is None or not token.is_live(now):
        raise Unauthenticated(
            "token_invalid",
            "This token is unknown, expired or revoked.",
            fix="Make a new one on your tokens page and log in again.",
        )
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_STEP:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def authenticate_header(*, header: str, now: datetime) -> ApiToken:
    """The live token in an ``Authorization`` header of the form ``Bearer <token>``.

    Raises:
        Unauthenticated: it has another form, or its token opens nothing.
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated(
            "credentials_unreadable",
            "The Authorization header is not of the form `Bearer <token>`.",
            fix=LOG_IN,
        )
    return authenticate_token(secret=secret.strip(), now=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
