"""MLCommons' own reader takes the metadata, and reads the sample by it."""

import json
from pathlib import Path

import httpx2
import pytest

from accounts.models import User
from competitions.models import Competition
from storage.blobs import open_blob
from tests.doors.conftest import CUT, run_program
from tests.services.clients import installed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

READ = """
import json, sys
import mlcroissant
data = mlcroissant.Dataset(sys.argv[1])
assert not data.metadata.issues.errors, data.metadata.issues.report()
print(json.dumps([
    {k.partition("/")[2]: v.decode() for k, v in row.items()}
    for row in data.records("sample")
]))
"""


def test_the_metadata_is_valid_and_the_sample_is_read_by_it(
    server: str, contest: Competition, alice: User, tmp_path: Path
):
    python = installed("mlcroissant", "mlcroissant==1.1.*") / "python"
    page = httpx2.get(f"{server}/competitions/{contest.slug}").text
    assert f'href="/api/competitions/{contest.slug}/croissant"' in page
    told = httpx2.get(f"{server}/api/competitions/{contest.slug}/croissant").json()
    # Who is logged in fetches it beside the metadata; mlcroissant sends no token.
    sample = contest.attachments.get(path="sample.jsonl").blob_id
    with open_blob(sample) as content:
        (tmp_path / "sample.jsonl").write_bytes(content.read())
    told["distribution"][0]["contentUrl"] = "sample.jsonl"
    (tmp_path / "croissant.json").write_text(json.dumps(told))

    read = run_program(
        *(python, "-c", READ, tmp_path / "croissant.json"),
        cwd=tmp_path,
        env={**CUT, "HOME": str(tmp_path)},
    )

    assert read.status == 0, read.err
    rows = json.loads(read.out)
    assert len(rows) == 30
    assert rows[1] == {"id": "sample-1", "text": "sample question 1", "label": "loan"}
