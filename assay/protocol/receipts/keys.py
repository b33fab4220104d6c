"""Evaluators' keys: how they are published, claimed, and when their word counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.protocol import signatures
from assay.protocol.canonical import Json
from assay.protocol.errors import Invalid


@dataclass(frozen=True, slots=True)
class EvaluatorKey:
    """An evaluator's public key and the time in which its word counts.

    Attributes:
        operator: the handle of the account that registered it.
        until: when another took its place; earlier receipts stay good.
        revoked_at: from when on nothing that it signs is believed.
    """

    public: str
    operator: str
    since: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def key_id(self) -> str:
        """Its name."""
        return signatures.key_id(self.public)

    def to_json(self) -> dict[str, Json]:
        """The key as it is published."""
        return {
            "key_id": self.key_id,
            "public": self.public,
            "operator": self.operator,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "EvaluatorKey":
        """The key that ``to_json`` wrote.

        Raises:
            Invalid: ``evaluator_keys_unreadable``.
        """
        try:
            until, revoked = values["until"], values["revoked_at"]
            return cls(
                public=str(values["public"]),
                operator=str(values["operator"]),
                since=datetime.fromisoformat(values["since"]),
                until=datetime.fromisoformat(until) if until else None,
                revoked_at=datetime.fromisoformat(revoked) if revoked else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(
                "evaluator_keys_unreadable",
                f"The list of evaluators' keys cannot be read: {error!r}.",
                fix="Fetch it anew with: assay receipt keys",
            ) from error


def key_claim(public: str, replaces: str) -> dict[str, Json]:
    """What an evaluator signs with a key to show that it holds its private half.

    Args:
        replaces: the id of an older key of the same operator, or nothing.
    """
    return {"format": "assay-evaluator-key-1", "public": public, "replaces": replaces}


def check_time(at: datetime, key: EvaluatorKey) -> None:
    """Refuse what was signed when the key did not count.

    Raises:
        Invalid: ``receipt_key_revoked``, ``receipt_key_early``, ``receipt_key_ended``.
    """
    if key.revoked_at is not None and at >= key.revoked_at:
        raise Invalid(
            "receipt_key_revoked",
            f"The key of {key.operator} was revoked at {key.revoked_at.isoformat()}, "
            "before this receipt was signed.",
            where="at",
        )
    if at < key.since:
        raise Invalid(
            "receipt_key_early",
            f"The key of {key.operator} counts from {key.since.isoformat()} on, after "
            "this receipt was signed.",
            where="at",
        )
    if key.until is not None and at > key.until:
        raise Invalid(
            "receipt_key_ended",
            f"Another key of {key.operator} took this one's place at "
            f"{key.until.isoformat()}, before this receipt was signed.",
            where="at",
        )
