"""Published models with terms and a lineage, without any competition."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from catalogue.models import Model
from catalogue.services import ModelDraft, create_model, publish
from ledger.services import ensure_asset
from storage.services import store_bytes

UDL = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"


def terms(commercial: str = "", derivation: str = "", **tags: str) -> dict[str, str]:
    """UDL tags; a right that is not named is left at UDL's default."""
    named = {"Commercial-Use": commercial, "Derivation": derivation, **tags}
    return {"License": UDL, **{tag: value for tag, value in named.items() if value}}


def draft(owner: User, name: str, **changes: Any) -> ModelDraft:
    """A model of one small file that asks for nothing."""
    fields: dict[str, Any] = {
        "name": name,
        "kind": "full",
        "files": {"model.safetensors": store_bytes(owner=owner, content=name.encode())},
        "terms": terms("Allowed", "Allowed"),
        "shares": [(owner, 1)],
    }
    return ModelDraft(**{**fields, **changes})


def published(
    owner: User,
    name: str,
    tags: Mapping[str, str],
    now: datetime,
    *,
    shares: Sequence[tuple[User, int]] = (),
    parents: Sequence[Model] = (),
) -> Model:
    """A model that everyone may see, of its owner alone unless shares are given."""
    ensure_asset("AST", 18)
    model = create_model(
        owner=owner,
        draft=draft(
            owner,
            name,
            terms=tags,
            shares=list(shares) or [(owner, 1)],
            parents=parents,
        ),
        now=now,
    )
    publish(model=model, now=now)
    return model
