"""What nobody needs goes, in two steps; what anybody needs stays, whoever hurries."""

import hashlib
import io
import os
import random
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db.models import PROTECT

from accounts.models import User
from assay.protocol.errors import Invalid, Refusal
from competitions.models import Competition
from storage import services, stores
from storage.blobs import open_blob
from storage.models import Blob, Holding, Upload
from storage.selectors import keys_to_blobs, unreferenced
from storage.services import uploading
from storage.services.collecting import GRACE, OWN_UNUSED, STRAY, collect_garbage
from tests.builders import world
from tests.builders.files import path_of
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

CONTENT = b"nobody wanted these weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MONTHS = timedelta(days=100)


@pytest.fixture(autouse=True)
def _disk(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGE_PATH = tmp_path
    monkeypatch.setattr(uploading, "PART_SIZE", 10)


def begin(owner: User, now: datetime, content: bytes = CONTENT) -> Upload:
    sha256 = hashlib.sha256(content).hexdigest()
    upload = services.begin_upload(
        owner=owner, sha256=sha256, size=len(content), now=now
    )
    assert upload is not None
    return upload


def send(owner: User, now: datetime, content: bytes = CONTENT) -> Blob:
    upload = begin(owner, now, content)
    for number in range(1, upload.part_count + 1):
        services.put_part(
            owner=owner,
            upload_id=str(upload.pk),
            number=number,
            body=io.BytesIO(content[(number - 1) * 10 : number * 10]),
        )
    return services.complete_upload(owner=owner, upload_id=str(upload.pk), now=now)


def age(path: Path, by: timedelta) -> None:
    """Make a file or folder that much older."""
    seconds = path.stat().st_mtime - by.total_seconds()
    os.utime(path, (seconds, seconds))


def later(by: timedelta) -> datetime:
    """So long after the newest blob was touched."""
    return Blob.objects.latest("touched_at").touched_at + by


def test_what_was_uploaded_and_never_used_goes_in_two_steps(alice: User, now):
    send(alice, now)
    after = later(MONTHS)

    first = collect_garbage(now=after)

    assert (first.doomed, first.deleted) == (1, 0)
    assert path_of(SHA256).exists()
    with pytest.raises(Invalid):
        services.held_blob(owner=alice, sha256=SHA256)
    assert collect_garbage(now=after + GRACE).deleted == 0
    second = collect_garbage(now=after + GRACE + timedelta(seconds=1))
    assert (second.deleted, second.freed_bytes) == (1, len(CONTENT))
    assert not path_of(SHA256).exists()
    assert not Blob.objects.exists()


def test_what_is_sent_again_in_between_stays(alice: User, bob: User, now):
    send(alice, now)
    after = later(MONTHS)
    collect_garbage(now=after)

    send(bob, now)
    Blob.objects.update(touched_at=after)

    assert collect_garbage(now=after + GRACE * 2).deleted == 0
    assert services.held_blob(owner=bob, sha256=SHA256)
    assert path_of(SHA256).read_bytes() == CONTENT


def test_what_was_asked_for_lately_stays(alice: User, now):
    send(alice, now)
    moment = later(MONTHS)
    assert (
        services.begin_upload(owner=alice, sha256=SHA256, size=len(CONTENT), now=moment)
        is None
    )

    assert collect_garbage(now=moment + timedelta(days=29)).doomed == 0
    assert collect_garbage(now=moment + timedelta(days=31)).doomed == 1


def test_nothing_that_a_competition_or_model_names_ever_goes(
    alice: User, bob: User, charlie: User, now: datetime
):
    base = world.base_model(charlie, now)
    competition: Competition = world.open_competition(alice, base, now)
    needed = {
        sha256
        for key in keys_to_blobs()
        for sha256 in key.model.objects.values_list(key.attname, flat=True)
        if sha256
    }
    send(bob, now)

    for hours in range(0, 24 * 400, 24 * 50):
        collect_garbage(now=later(timedelta(hours=hours)))

    assert len(needed) > 4
    assert needed == set(Blob.objects.values_list("pk", flat=True))
    for sha256 in needed:
        with open_blob(sha256) as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == sha256
    assert competition.splits.exists()


def test_what_came_to_be_needed_after_it_was_doomed_is_spared(
    charlie: User, now: datetime
):
    base = world.base_model(charlie, now)
    blob = base.files.first().blob
    Blob.objects.filter(pk=blob.pk).update(doomed_at=now)

    collect_garbage(now=now + GRACE * 2)

    blob.refresh_from_db()
    assert blob.doomed_at is None
    assert path_of(blob.pk).exists()


def test_every_key_to_a_blob_protects_it():
    """So that even a bug here could not take a row that is named."""
    keys = keys_to_blobs()

    assert {"outputs", "blob", "inputs", "answers"} <= {key.name for key in keys}
    assert {key.remote_field.on_delete for key in keys} == {PROTECT}
    assert str(unreferenced().query).count("EXISTS") == len(keys)


def test_what_the_server_made_in_vain_goes_after_a_day(now: datetime):
    services.store_bytes(owner=None, content=CONTENT)

    assert collect_garbage(now=later(OWN_UNUSED - timedelta(minutes=1))).doomed == 0
    assert collect_garbage(now=later(OWN_UNUSED + timedelta(minutes=1))).doomed == 1


def test_an_abandoned_upload_is_given_up_with_its_parts(alice: User, now: datetime):
    upload = begin(alice, now)
    stores.current().put_part(upload.staging, 1, memoryview(b"x" * 10), SHA256)

    found = collect_garbage(now=now + services.VALIDITY)

    upload.refresh_from_db()
    assert (found.uploads, upload.status) == (1, "aborted")
    assert list(stores.current().stagings()) == []


def test_parts_that_belong_to_nothing_go_and_those_of_an_open_upload_stay(
    alice: User, now: datetime, tmp_path: Path
):
    kept = begin(alice, now)
    Upload.objects.update(expires_at=now + 100 * MONTHS)
    ended = begin(alice, now, b"another")
    Upload.objects.filter(pk=ended.pk).update(status="aborted")
    names = [str(ended.pk), str(uuid4()), f"{uuid4()}.dropped"]
    for name in names:
        (tmp_path / "uploads" / name).mkdir(exist_ok=True)
        age(tmp_path / "uploads" / name, STRAY * 2)
    age(tmp_path / "uploads" / str(kept.pk), STRAY * 2)

    found = collect_garbage(now=now.now(now.tzinfo))

    assert found.stagings == len(names)
    assert [s.name for s in stores.current().stagings()] == [str(kept.pk)]


def test_bytes_without_a_row_go_when_they_are_old(now: datetime):
    store = stores.current()
    for content in (b"old", b"new"):
        store.publish(store.write([content]))
    old, new = (hashlib.sha256(c).hexdigest() for c in (b"old", b"new"))
    age(path_of(old), STRAY * 2)

    found = collect_garbage(now=now.now(now.tzinfo))

    assert found.strays == 1
    assert (path_of(old).exists(), path_of(new).exists()) == (False, True)
    assert not Blob.objects.exists()


def test_a_dry_run_tells_and_changes_nothing(alice: User, now: datetime, settings):
    settings.KEEP_UNUSED_DAYS = 0
    send(alice, now)
    begin(alice, now - MONTHS, b"abandoned")
    Blob.objects.update(touched_at=now - MONTHS)
    said = StringIO()

    call_command("collect_garbage", "--dry-run", stdout=said)

    assert "Nothing was changed" in said.getvalue()
    assert "1  abandoned uploads given up" in said.getvalue()
    assert "1  files that nobody needs marked" in said.getvalue()
    assert Upload.objects.filter(status="open").count() == 1
    assert Holding.objects.count() == 1
    call_command("collect_garbage", "--json", stdout=(figures := StringIO()))
    assert '"doomed": 1' in figures.getvalue()


@pytest.mark.django_db(transaction=True)
def test_collecting_while_the_same_bytes_are_sent_and_completed_loses_nothing(
    now: datetime, settings
):
    """Every collector here thinks that months have passed, at every moment."""
    settings.KEEP_UNUSED_DAYS = 0
    people = [
        User.objects.create_user(f"person{n}", f"p{n}@example.org", "x")
        for n in range(4)
    ]
    contents = [b"%d shared by all of them" % n for n in range(3)]
    rounds, kept = 6, []

    def sender(person: User):
        def run() -> None:
            order = random.Random(person.username)
            for _ in range(rounds):
                content = order.choice(contents)
                try:
                    send(person, now, content)
                except (AssertionError, Refusal):
                    continue  # held, or completed by another request of theirs
                kept.append(hashlib.sha256(content).hexdigest())

        return run

    def collector() -> None:
        for step in range(rounds * 2):
            moment = Blob.objects.order_by("-touched_at").first()
            if moment is not None:
                collect_garbage(now=moment.touched_at + MONTHS * (step + 1))

    outcomes = at_once([*map(sender, people), collector, collector])

    assert outcomes == [None] * 6
    assert kept
    for blob in Blob.objects.all():
        with open_blob(blob.pk) as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == blob.pk
    for holding in Holding.objects.all():
        assert path_of(holding.blob_id).exists()
    stored = {stored.name for stored in stores.current().blobs()}
    assert stored == set(Blob.objects.values_list("pk", flat=True))
