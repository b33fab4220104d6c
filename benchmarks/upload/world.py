"""A database with two people, and a model of a file that one has sent.

A program of its own: ``people`` prints their tokens, ``model SHA256`` publishes.
"""

import json
import sys

import django

django.setup()

from accounts.models import User
from accounts.services import issue_token, sign_up
from catalogue.services import ModelDraft, create_model, publish
from common.clock import now
from storage.services import held_blob

HANDLES = ("alice", "bob")
PASSWORD = "correct horse battery"


def people() -> None:
    """Sign both up and print a token of each."""
    tokens = {}
    for handle in HANDLES:
        email = f"{handle}@example.org"
        person = sign_up(handle=handle, email=email, password=PASSWORD)
        tokens[handle] = issue_token(user=person, name="bench")[1]
    print(json.dumps(tokens))


def model(sha256: str) -> None:
    """Publish ``alice/large``, whose only file has this digest."""
    alice = User.objects.get(username=HANDLES[0])
    made = create_model(
        owner=alice,
        draft=ModelDraft(
            name="large",
            kind="full",
            files={"model.bin": held_blob(owner=alice, sha256=sha256)},
            terms={"License": "yRj4a5KMctX_uOmKWCFJIjmY8DeJcusVk6-HzLiM_t8"},
            shares=[(alice, 1)],
        ),
        now=now(),
    )
    publish(model=made, now=now())


if __name__ == "__main__":
    if sys.argv[1] == "people":
        people()
    else:
        model(sys.argv[2])
