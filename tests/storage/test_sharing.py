"""Only what differs is sent, and only from what its sender may read."""

import hashlib
import io
import random
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol import blocks
from assay.protocol.errors import Invalid
from storage import services, stores
from storage.blobs import open_blob
from storage.models import Blob, BlockMap, Holding, Upload, UploadSource
from storage.services import Copy, uploading
from storage.services.collecting import collect_garbage
from tests.builders.files import disk

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BASE = random.Random(4).randbytes(300)
BASE_DIGEST = hashlib.sha256(BASE).hexdigest()


@pytest.fixture(autouse=True)
def _disk(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGE_PATH = tmp_path
    monkeypatch.setattr(uploading, "PART_SIZE", 10)


@pytest.fixture
def base(bob: User) -> Blob:
    """A file that Bob holds and Alice may read."""
    return services.store_bytes(owner=bob, content=BASE)


def begin(owner: User, now: datetime, content: bytes, copies, opened=(BASE_DIGEST,)):
    return services.begin_upload(
        owner=owner,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        now=now,
        copies=copies,
        opened=opened,
    )


def send(upload: Upload, literal: bytes, now: datetime) -> Blob:
    for number in range(1, upload.part_count + 1):
        services.put_part(
            owner=upload.owner,
            upload_id=str(upload.pk),
            number=number,
            body=io.BytesIO(literal[(number - 1) * 10 : number * 10]),
        )
    return services.complete_upload(
        owner=upload.owner, upload_id=str(upload.pk), now=now
    )


def test_a_file_is_made_of_what_was_sent_and_what_is_copied(
    alice: User, base: Blob, now: datetime
):
    content = b"head" + BASE[50:150] + b"between" + BASE[0:20] + b"tail"
    copies = [Copy(4, 100, BASE_DIGEST, 50), Copy(111, 20, BASE_DIGEST, 0)]
    upload = begin(alice, now, content, copies)
    assert (upload.coming, upload.part_count) == (15, 2)
    assert UploadSource.objects.get().blob == base

    blob = send(upload, b"headbetweentail", now)

    with open_blob(blob.pk) as file:
        assert file.read() == content
    assert services.held_blob(owner=alice, sha256=blob.pk) == blob
    assert not UploadSource.objects.exists()
    assert list(disk().stagings()) == []


@given(
    cuts=st.lists(st.integers(0, 300), min_size=2, max_size=8),
    between=st.lists(st.binary(max_size=25), min_size=8, max_size=8),
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_mixture_comes_out_as_it_was_meant(
    alice: User, base: Blob, now: datetime, cuts: list[int], between: list[bytes]
):
    Holding.objects.filter(user=alice).delete()
    content, literal, copies = b"", b"", []
    for start, end, own in zip(cuts, cuts[1:], between, strict=False):
        content, literal = content + own, literal + own
        if start < end:
            copies.append(Copy(len(content), end - start, BASE_DIGEST, start))
            content += BASE[start:end]
    upload = begin(alice, now, content, copies)
    if upload is None:
        return  # the base itself, by chance

    with open_blob(send(upload, literal, now).pk) as file:
        assert file.read() == content


@pytest.mark.parametrize("known", [True, False])
def test_what_one_may_not_read_cannot_be_copied_whether_or_not_it_is_there(
    alice: User, bob: User, now: datetime, known: bool
):
    """Else one could ask for the bytes of others, or whether they are here."""
    digest = hashlib.sha256(b"secret weights").hexdigest()
    if known:
        services.store_bytes(owner=bob, content=b"secret weights")

    with pytest.raises(Invalid) as refusal:
        begin(alice, now, b"guess", [Copy(0, 5, digest, 0)])

    assert refusal.value.code == "source_not_open"
    assert refusal.value.sentence == (
        f"You cannot copy from a file with the SHA-256 {digest}."
    )
    assert not Upload.objects.exists()


def test_what_one_holds_oneself_can_be_copied(alice: User, now: datetime):
    own = services.store_bytes(owner=alice, content=BASE)

    upload = begin(alice, now, BASE[1:], [Copy(0, 299, own.pk, 1)], opened=())

    assert upload.coming == 0
    assert send(upload, b"", now).size == 299


@pytest.mark.parametrize(
    "copies",
    [
        [Copy(0, 20, BASE_DIGEST, 0), Copy(10, 20, BASE_DIGEST, 0)],
        [Copy(30, 10, BASE_DIGEST, 0), Copy(0, 10, BASE_DIGEST, 0)],
        [Copy(0, 0, BASE_DIGEST, 0)],
        [Copy(90, 20, BASE_DIGEST, 0)],
        [Copy(0, 20, BASE_DIGEST, 290)],
        [Copy(n, 1, BASE_DIGEST, 0) for n in range(20_001)],
    ],
)
def test_copies_that_cannot_be_are_refused(
    alice: User, base: Blob, now: datetime, copies: list[Copy]
):
    with pytest.raises(Invalid) as refusal:
        begin(alice, now, b"x" * 100, copies)

    assert refusal.value.code == "copies_invalid"


def test_copies_that_do_not_make_the_file_are_found_out(
    alice: User, base: Blob, now: datetime
):
    upload = begin(alice, now, b"y" * 40, [Copy(0, 40, BASE_DIGEST, 0)])

    with pytest.raises(Invalid) as refusal:
        send(upload, b"", now)

    assert refusal.value.code == "digest_mismatch"
    assert {stored.name for stored in disk().blobs()} == {BASE_DIGEST}
    assert not UploadSource.objects.exists()
    assert disk().sweep(now.max.replace(tzinfo=now.tzinfo)) == 0


def test_an_upload_that_has_begun_keeps_what_it_copies(
    alice: User, base: Blob, now: datetime
):
    content = b"new" + BASE
    plain = begin(alice, now, content, [])
    shared = begin(alice, now, content, [Copy(3, 300, BASE_DIGEST, 0)])
    assert plain.pk != shared.pk

    again = begin(alice, now, content, [])
    other = begin(alice, now, content, [Copy(4, 10, BASE_DIGEST, 1)])

    assert again == other == shared
    assert other.recipe == [[3, 300, BASE_DIGEST, 0]]
    assert send(other, b"new", now).size == 303


def test_what_is_copied_from_stays_until_it_was(alice: User, base: Blob, now: datetime):
    Blob.objects.update(touched_at=now.min.replace(tzinfo=now.tzinfo, year=2000))
    upload = begin(alice, now, BASE + b"!", [Copy(0, 300, BASE_DIGEST, 0)])

    assert collect_garbage(now=now).doomed == 0
    services.abort_upload(owner=alice, upload_id=str(upload.pk))
    assert collect_garbage(now=now).doomed == 1


def test_a_map_is_reckoned_once_and_goes_with_its_blob(bob: User, base: Blob):
    content = services.block_map(base)
    stores.current().delete(BASE_DIGEST)

    assert services.block_map(base) == content
    ((span, digest),) = blocks.unpacked(content)
    assert (span.offset, span.length) == (0, 300)
    assert digest.hex() == BASE_DIGEST
    base.delete()
    assert not BlockMap.objects.exists()


def test_what_one_sent_last_is_offered_first(alice: User, bob: User, now: datetime):
    mine = [
        services.store_bytes(owner=alice, content=bytes([n]) * 2**20) for n in range(6)
    ]
    services.store_bytes(owner=bob, content=b"z" * 2**20)
    services.store_bytes(owner=alice, content=b"too small to be worth it")

    offered = services.own_sources(alice)

    assert [blob.pk for blob in offered] == [blob.pk for blob in reversed(mine[2:])]
