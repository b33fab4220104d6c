"""Telling licensees what is due, once each."""

from datetime import datetime

from royalties.models import Licence, Notice


def tell(licence: Licence, *, key: str, text: str, now: datetime) -> None:
    """Tell the licensee; the same key of a licence is said once."""
    Notice.objects.get_or_create(
        licence=licence,
        key=key,
        defaults={
            "user_id": licence.licensee_id,
            "text": text[:400],
            "created_at": now,
        },
    )
