"""Base models that really run, for tests that go through the engine."""

from datetime import datetime
from pathlib import Path

from accounts.models import User
from catalogue.models import Model
from catalogue.services import ModelDraft, register_base_model
from storage.services import store_bytes
from tests.builders.world import OPEN_TERMS
from tests.evaluator.engine import tiny

MAX_TOKENS = 32


def bert_base(owner: User, folder: Path, now: datetime) -> Model:
    """A real little BERT of ``owner``'s, with its tokenizer, left in ``folder``."""
    tiny.save_bert(folder, seed=1)
    draft = ModelDraft(
        name="tiny-bert",
        kind="full",
        files={
            file.name: store_bytes(owner=owner, content=file.read_bytes())
            for file in folder.iterdir()
        },
        terms=OPEN_TERMS,
        shares=[(owner, 1)],
        architecture="BertForSequenceClassification",
    )
    return register_base_model(owner=owner, draft=draft, now=now)
