"""Callers and a small world of things that belong to one of them."""

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import issue_token
from assay.protocol.signatures import public_key
from catalogue.models import Model
from catalogue.services import ModelDraft, create_model, register_base_model
from common import clock
from competitions.models import Challenge, Competition, Pool, Receipt, Submission
from competitions.services import escrow
from competitions.services.drafting import create_competition
from competitions.services.pooling import PoolSpec, open_pool
from royalties.models import Licence, Quote
from royalties.services import accept, metering, quote, sharing
from storage.models import Upload
from storage.services import begin_upload, store_bytes
from tests.builders import world as builders

SOON = f"{clock.now() + timedelta(days=300):%FT%R:00Z}"  # a deadline that is allowed
_keys = itertools.count()


class Door:
    """A client that calls as one person, by token; as nobody without one."""

    def __init__(self, token: str = "", **options: Any) -> None:
        self.client = Client(**options)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send ``body`` as JSON; headers are named with underscores for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": json.dumps(body)}
        return self.client.generic(
            method,
            path,
            content_type="application/json",
            headers={**self.headers, **given},
            **content,
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def pay(self, path: str, body: Any = None, key: str = "") -> Any:
        """Post with an idempotency key, a fresh one unless given."""
        return self.post(path, body, Idempotency_Key=key or f"key-{next(_keys)}")

    def upload(self, content: bytes) -> str:
        """Send a file through the three steps; returns its digest."""
        sha256 = hashlib.sha256(content).hexdigest()
        begun = self.post(
            "/api/uploads", {"sha256": sha256, "size": len(content)}
        ).json()
        if begun["held"]:
            return sha256
        place, size = f"/api/uploads/{begun['upload']}", begun["part_size"]
        for number in range(1, begun["part_count"] + 1):
            part = content[(number - 1) * size : number * size]
            wanted = {"number": number, "sha256": hashlib.sha256(part).hexdigest()}
            signed = self.post(f"{place}/sign", {"parts": [wanted]}).json()
            self.client.put(
                signed["parts"][0]["url"],
                data=part,
                content_type="application/octet-stream",
                CONTENT_LENGTH=str(len(part)),
            )
        done = self.post(f"{place}/complete")
        assert done.status_code == 200, done.content
        return sha256


def door_of(user: User, scope: ApiToken.Scope = ApiToken.Scope.PERSON) -> Door:
    """A door with a live token of this person's."""
    _, secret = issue_token(user=user, name="test", scope=scope)
    return Door(secret)


def error(response: Any) -> dict[str, Any]:
    """The inside of the error envelope, which must hold nothing else."""
    body = response.json()
    assert list(body) == ["error"], body
    assert {"code", "sentence", "fix", "where"} <= set(body["error"])
    return body["error"]


def make_model(owner: User, now: datetime) -> Model:
    """A model that its owner alone sees."""
    return create_model(
        owner=owner,
        draft=ModelDraft(
            name="secret",
            kind="full",
            files={"config.json": store_bytes(owner=owner, content=b"{}")},
            terms=builders.PAID_TERMS,
            shares=[(owner, 1)],
        ),
        now=now,
    )


def make_paid_model(owner: User, now: datetime) -> Model:
    """A published model of which commercial use costs 25."""
    model = register_base_model(
        owner=owner,
        draft=ModelDraft(
            name="paid",
            kind="full",
            files={"model.safetensors": store_bytes(owner=owner, content=b"weights")},
            terms=builders.PAID_TERMS,
            shares=[(owner, 1)],
        ),
        now=now,
    )
    assert model.published_at is not None
    return model


@dataclass
class World:
    """Things of Alice's that nobody else may see; ``places`` fills route templates."""

    alice: User
    base: Model
    rented: Model
    competition: Competition
    model: Model
    submission: Submission
    upload: Upload
    quote: Quote
    licence: Licence
    token: ApiToken
    pool: Pool
    places: dict[str, str] = field(default_factory=dict)


def make_world(alice: User, landlord: User, now: datetime) -> World:
    """Alice's private things; what she licensed belongs to the landlord."""
    builders.fund(alice, 1000, now)
    base = builders.base_model(landlord, now)
    competition = create_competition(
        sponsor=alice, spec=builders.spec(alice, base, now, slug="drafted"), now=now
    )
    stake = escrow.stake(
        competition=competition, staker=alice, amount=1, key="world", now=now
    )
    model = make_model(alice, now)
    submission = Submission.objects.create(
        competition=competition, miner=alice, model=model, created_at=now
    )
    challenge = Challenge.objects.create(
        competition=competition,
        submission=submission,
        challenger=landlord,
        kind="other",
        grounds="For the walk over all routes.",
    )
    upload = begin_upload(owner=alice, sha256="a" * 64, size=3, now=now)
    assert upload is not None
    rented = make_paid_model(landlord, now)
    bought = quote(licensee=alice, model=rented, use="commercial", now=now)
    licence = accept(quote_id=str(bought.id), licensee=alice, key="buy", now=now)
    offered = quote(licensee=alice, model=rented, use="commercial", now=now)
    token, _ = issue_token(user=alice, name="spare")
    metering.set_tariff(model=rented, owner=landlord, price=1, now=now)
    meter = metering.open_meter(
        licensee=alice,
        model=rented,
        public_key=public_key(bytes(32)),
        deposit=100,
        key="meter",
        now=now,
    )
    share = sharing.offer(
        model=rented, giver=landlord, taker=alice, parts=1, from_moment=now, now=now
    )
    pool = open_pool(
        owner=alice,
        spec=PoolSpec(title="Mine", admits="all", competition=competition),
        now=now,
    )
    key = builders.evaluator_key(alice)
    evaluation = competition.evaluations.all()[0]
    Receipt.objects.create(
        evaluation=evaluation,
        key=key,
        digest="ab" * 32,
        root="cd" * 32,
        certificate={},
        received_at=now,
    )
    return World(
        alice=alice,
        base=base,
        rented=rented,
        competition=competition,
        model=model,
        submission=submission,
        upload=upload,
        quote=offered,
        licence=licence,
        token=token,
        pool=pool,
        places={
            "stake_id": str(stake.id),
            "slug": competition.slug,
            "split": "public",
            "part": "inputs",
            "owner": alice.username,
            "name": model.name,
            "submission_id": str(submission.id),
            "challenge_id": str(challenge.id),
            "upload_id": str(upload.id),
            "secret": "nonsense",
            "number": "1",
            "quote_id": str(offered.id),
            "licence_id": str(licence.id),
            "token_id": str(token.id),
            "pool_id": str(pool.id),
            "key_id": key.key_id,
            "evaluation_id": str(evaluation.id),
            "payment_id": str(licence.royalties.get().id),
            "invoice": licence.royalties.get().invoices.get().number,
            "form": "certificate.pdf",
            "offer_id": str(share.id),
            "meter_id": str(meter.id),
            "sha256": competition.splits.get(name="public").inputs_id,
        },
    )
