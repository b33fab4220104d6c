"""What Hub clients download, load and are told, from models and repositories."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from catalogue.models import Model
from catalogue.services import ModelDraft, create_repository, register_base_model
from competitions.models import Competition
from ledger.services import ensure_asset
from royalties.services import accept, quote
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import bert_files
from tests.doors.conftest import Run

pytestmark = pytest.mark.django_db(transaction=True)

Client = Callable[..., Run]
ACCESS_FEE = {
    "License": "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw",
    "Access": "Restricted",
    "Access-Fee": "One-Time-5",
    "Currency": "AST",
}
SNAPSHOT = """
import sys
from huggingface_hub import snapshot_download
print(snapshot_download(sys.argv[1], revision=sys.argv[2] if sys.argv[2:] else None))
"""


def published(owner: User, now: datetime, **changes: object) -> Model:
    ensure_asset("AST", 18)
    fields: dict[str, object] = {
        "name": "router",
        "kind": "full",
        "files": {
            path: store_bytes(owner=owner, content=content)
            for path, content in {**bert_files(seed=2), "deep/notes.txt": b""}.items()
        },
        "terms": world.OPEN_TERMS,
        "shares": [(owner, 1)],
        "architecture": "BertForSequenceClassification",
        "card": "# Router\nSends questions where they belong.",
    }
    draft = ModelDraft(**{**fields, **changes})  # type: ignore[arg-type]
    return register_base_model(owner=owner, draft=draft, now=now)


def test_anybody_takes_a_snapshot_of_a_published_model(
    python: Client, alice: User, now: datetime
):
    published(alice, now)

    ended = python()(SNAPSHOT, "alice/router")

    assert ended.status == 0, ended.err
    folder = Path(ended.out.strip())
    for name, content in bert_files(seed=2).items():
        assert (folder / name).read_bytes() == content
    assert (folder / "deep" / "notes.txt").read_bytes() == b""
    assert "Sends questions where they belong." in (folder / "README.md").read_text()


def test_a_snapshot_is_pinned_by_its_revision(
    python: Client, alice: User, now: datetime
):
    published(alice, now)
    revision = Path(python()(SNAPSHOT, "alice/router").out.strip()).name

    pinned = python(HF_HOME="/nowhere")(SNAPSHOT, "alice/router", "f" * 40)
    again = python()(SNAPSHOT, "alice/router", revision)

    assert again.status == 0, again.err
    assert len(revision) == 40
    assert pinned.status == 1
    assert "RevisionNotFoundError" in pinned.err


def test_the_card_tells_terms_and_origin(python: Client, alice: User, now: datetime):
    published(alice, now)
    script = """
from huggingface_hub import HfApi
info = HfApi().model_info("alice/router", files_metadata=True)
assert all(s.size is not None for s in info.siblings)
print(info.card_data.license, info.gated, info.private, info.author, len(info.sha))
print(*sorted(s.rfilename for s in info.siblings))
print(*sorted(f.path for f in HfApi().list_repo_tree("alice/router")))
print(*sorted(f.path for f in HfApi().list_repo_tree("alice/router", "deep")))
print(*[f.path for f in HfApi().get_paths_info("alice/router", ["deep", "none"])])
print(HfApi().list_repo_refs("alice/router").branches[0].name)
print(len(HfApi().list_repo_commits("alice/router")))
print(HfApi().file_exists("alice/router", "none.bin"))
"""

    ended = python()(script)

    assert ended.status == 0, ended.err
    assert ended.out.splitlines() == [
        "other False False alice 40",
        "README.md config.json deep/notes.txt model.safetensors",
        "README.md config.json deep model.safetensors",
        "deep/notes.txt",
        "deep",
        "main",
        "1",
        "False",
    ]


def test_files_that_ask_for_a_licence_come_with_one_and_say_which_without(
    hf: Client, python: Client, alice: User, bob: User, now: datetime
):
    model = published(alice, now, terms=ACCESS_FEE)
    world.fund(bob, 10, now)
    told = python(bob)(
        "from huggingface_hub import HfApi;"
        "print(HfApi().model_info('alice/router').gated)"
    )

    refused = hf(bob)("download", "alice/router")
    nobody = hf()("download", "alice/router", "config.json")
    offer = quote(licensee=bob, model=model, use="access", now=now)
    accept(quote_id=str(offer.id), licensee=bob, key="buy", now=now)
    bought = hf(bob)("download", "alice/router", "--local-dir", "mine")
    own = hf(alice)("download", "alice/router", "--local-dir", "own")

    assert told.out.strip() == "manual"
    assert refused.status == nobody.status == 1
    assert "assay licence buy alice/router --use access" in refused.said
    assert bought.status == own.status == 0, bought.err


def test_a_model_that_is_not_published_is_not_found_by_others(
    hf: Client, alice: User, bob: User, now: datetime
):
    model = published(alice, now)
    Model.objects.filter(pk=model.pk).update(published_at=None)

    own = hf(alice)("download", "alice/router", "config.json", "--local-dir", "own")
    other = hf(bob)("download", "alice/router", "config.json", "--local-dir", "other")

    assert own.status == 0, own.err
    assert other.status == 1
    assert "not found" in other.said.lower()


def test_an_interrupted_download_goes_on_by_ranges(
    python: Client, alice: User, now: datetime
):
    published(alice, now)
    script = """
import json, urllib.request, os
url = os.environ["HF_ENDPOINT"] + "/alice/router/resolve/main/model.safetensors"
def get(method, **headers):
    asked = urllib.request.Request(url, headers=headers, method=method)
    with urllib.request.urlopen(asked) as answer:
        return answer.status, dict(answer.headers), len(answer.read())
whole, part = get("HEAD"), get("GET", Range="bytes=10-19")
print(json.dumps([whole, part]))
"""

    ended = python()(script)

    (status, headers, size), (partial, _, length) = json.loads(ended.out)
    content = bert_files(seed=2)["model.safetensors"]
    assert (status, size, partial, length) == (200, 0, 206, 10)
    assert headers["X-Linked-Size"] == headers["Content-Length"] == str(len(content))
    assert headers["X-Linked-Etag"] == f'"{world.sha256(content)}"'
    assert len(headers["X-Repo-Commit"]) == 40


def test_models_and_data_are_listed_in_pages_for_who_may_see_them(
    python: Client,
    alice: User,
    bob: User,
    contest: Competition,
    now: datetime,
):
    published(alice, now)
    published(bob, now, name="priced", terms=ACCESS_FEE)
    create_repository(owner=alice, name="secret", now=now)
    script = """
from huggingface_hub import HfApi
api = HfApi()
print(*sorted(m.id for m in api.list_models()))
print(*sorted(m.id for m in api.list_models(author="alice")))
print(*[(m.id, m.gated) for m in api.list_models(search="priced")])
print(*[d.id for d in api.list_datasets()])
"""

    mine, anybodys = python(alice)(script), python()(script)

    assert mine.status == 0, mine.err
    every = "alice/router bob/priced charlie/tiny-bert"
    assert mine.out.splitlines() == [
        every,
        "alice/router alice/secret",
        "('bob/priced', 'manual')",
        "competitions/bank-intents",
    ]
    assert anybodys.out.splitlines()[:2] == [every, "alice/router"]
