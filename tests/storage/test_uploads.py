"""A file arrives part by part, is checked as a whole, and is held by its sender."""

import hashlib
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from storage import services, stores
from storage.blobs import open_blob
from storage.models import Blob, Holding, Upload
from storage.services import uploading
from tests.builders.files import path_of
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PART = 10
CONTENT = b"twenty-four bytes are it"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _storage(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty disk, and parts of ten bytes."""
    settings.STORAGE_PATH = tmp_path
    monkeypatch.setattr(uploading, "PART_SIZE", PART)


def begin(
    owner: User, now: datetime, content: bytes = CONTENT, sha256: str = ""
) -> Upload:
    upload = services.begin_upload(
        owner=owner,
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
        size=len(content),
        now=now,
    )
    assert upload is not None
    return upload


def put(upload: Upload, number: int, body: bytes) -> None:
    services.put_part(
        owner=upload.owner,
        upload_id=str(upload.id),
        number=number,
        body=io.BytesIO(body),
    )


def put_all(upload: Upload, content: bytes = CONTENT) -> None:
    for number in range(1, upload.part_count + 1):
        put(upload, number, content[(number - 1) * PART : number * PART])


def complete(upload: Upload, now: datetime) -> Blob:
    return services.complete_upload(
        owner=upload.owner, upload_id=str(upload.id), now=now
    )


def received(upload: Upload) -> list[int]:
    return sorted(stores.current().parts(upload.staging))


def files_on_disk() -> list[str]:
    root = Path(django_settings.STORAGE_PATH)
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and path.name not in {"content", "lock"}
    )


def test_three_parts_in_any_order_become_one_blob(alice: User, now: datetime):
    upload = begin(alice, now)
    assert [upload.length_of(n) for n in (1, 2, 3)] == [10, 10, 4]

    for number in (3, 1, 2):
        put(upload, number, CONTENT[(number - 1) * PART : number * PART])
    blob = complete(upload, now)

    assert (blob.sha256, blob.size) == (SHA256, len(CONTENT))
    with open_blob(SHA256) as file:
        assert file.read() == CONTENT
    assert files_on_disk() == [f"blobs/{SHA256[:2]}/{SHA256}"]
    assert services.held_blob(owner=alice, sha256=SHA256) == blob
    again = services.begin_upload(owner=alice, sha256=SHA256, size=24, now=now)
    assert again is None


@given(content=st.binary(max_size=45), order=st.randoms(use_true_random=False))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_content_comes_out_as_it_went_in(alice: User, now, content, order):
    Holding.objects.all().delete()
    upload = begin(alice, now, content)
    numbers = list(range(1, upload.part_count + 1))
    order.shuffle(numbers)

    for number in numbers:
        put(upload, number, content[(number - 1) * PART : number * PART])

    with open_blob(complete(upload, now).sha256) as file:
        assert file.read() == content


def test_an_upload_is_resumed_with_what_has_arrived(alice: User, now: datetime):
    upload = begin(alice, now)
    put(upload, 2, CONTENT[10:20])

    resumed = begin(alice, now + timedelta(days=1))

    assert resumed == upload
    assert received(resumed) == [2]
    with pytest.raises(Conflict) as refusal:
        complete(resumed, now)
    assert refusal.value.code == "parts_missing"
    assert "the first is 1" in refusal.value.sentence
    put(resumed, 1, CONTENT[:10])
    put(resumed, 3, CONTENT[20:])
    assert complete(resumed, now).sha256 == SHA256


@pytest.mark.parametrize("body", [CONTENT[:9], CONTENT[:11], b""])
def test_a_part_of_another_length_is_refused_and_the_good_one_stays(
    alice: User, now: datetime, body: bytes
):
    upload = begin(alice, now)
    put_all(upload)
    before = files_on_disk()

    with pytest.raises(Invalid) as refusal:
        put(upload, 1, body)

    assert refusal.value.code == "part_length_invalid"
    assert files_on_disk() == before
    assert complete(upload, now).sha256 == SHA256


def test_of_a_body_that_breaks_off_the_beginning_is_kept(alice: User, now: datetime):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("the line went dead")
            return super().read(4)

    upload = begin(alice, now)

    with pytest.raises(OSError, match="dead"):
        services.put_part(
            owner=alice, upload_id=str(upload.id), number=1, body=Broken(CONTENT)
        )

    assert received(upload) == []
    assert stores.current().torn(upload.staging) == {1: 4}
    services.put_part(
        owner=alice,
        upload_id=str(upload.id),
        number=1,
        body=io.BytesIO(CONTENT[4:10]),
        offset=4,
    )
    assert received(upload) == [1]
    assert stores.current().torn(upload.staging) == {}


@pytest.mark.parametrize("offset", [1, 4, 10, 11])
def test_a_part_is_not_continued_where_it_did_not_stop(
    alice: User, now: datetime, offset: int
):
    upload = begin(alice, now)
    stores.current().save_torn(upload.staging, 1, memoryview(CONTENT[:5]))

    with pytest.raises(Conflict) as refusal:
        services.put_part(
            owner=alice,
            upload_id=str(upload.id),
            number=1,
            body=io.BytesIO(CONTENT[offset:10]),
            offset=offset,
        )

    assert refusal.value.code == "offset_mismatch"
    assert received(upload) == []


def test_a_part_with_another_digest_than_was_said_is_refused(
    alice: User, now: datetime
):
    upload = begin(alice, now)

    with pytest.raises(Invalid) as refusal:
        services.put_part(
            owner=alice,
            upload_id=str(upload.id),
            number=1,
            body=io.BytesIO(b"x" * 10),
            sha256=hashlib.sha256(CONTENT[:10]).hexdigest(),
        )

    assert refusal.value.code == "part_digest_mismatch"
    assert received(upload) == []


def test_a_part_that_comes_after_the_end_changes_nothing(alice: User, now: datetime):
    """The blob is named by its digest: nobody may write into it any more."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not self.tell():
                complete(upload, now)
            return super().read(size)

    upload = begin(alice, now)
    put_all(upload)

    with pytest.raises(NotFound):
        services.put_part(
            owner=alice, upload_id=str(upload.id), number=1, body=Slow(b"x" * 10)
        )

    assert path_of(SHA256).read_bytes() == CONTENT
    assert files_on_disk() == [f"blobs/{SHA256[:2]}/{SHA256}"]


def test_what_a_server_left_that_died_while_it_completed_is_sent_again(
    alice: User, now: datetime
):
    upload = begin(alice, now)
    put_all(upload)
    with stores.current().joined(upload.staging) as draft:
        stores.current().publish(draft)  # and the transaction is never committed

    again = begin(alice, now)

    assert again == upload
    assert received(again) == []
    put_all(again)
    assert complete(again, now).sha256 == SHA256


@pytest.mark.parametrize("number", [0, -1, 4])
def test_a_part_that_there_is_not_is_refused(alice: User, now: datetime, number: int):
    with pytest.raises(Invalid) as refusal:
        put(begin(alice, now), number, b"x")

    assert refusal.value.code == "part_number_invalid"


def test_another_digest_drops_the_upload_and_keeps_nothing(alice: User, now: datetime):
    upload = begin(alice, now)
    put_all(upload, CONTENT.upper())

    with pytest.raises(Invalid) as refusal:
        complete(upload, now)

    assert refusal.value.code == "digest_mismatch"
    assert files_on_disk() == []
    assert not Blob.objects.exists()
    upload.refresh_from_db()
    assert upload.status == "aborted"
    assert begin(alice, now) != upload


def test_what_another_holds_is_not_held_by_who_knows_the_digest(
    alice: User, bob: User, now: datetime
):
    """Else one could learn whether a file is here, and use it without having it."""
    services.store_bytes(owner=bob, content=CONTENT)

    with pytest.raises(Invalid) as refusal:
        services.held_blob(owner=alice, sha256=SHA256, where="weights")
    unknown = hashlib.sha256(b"nobody has this").hexdigest()
    with pytest.raises(Invalid) as same:
        services.held_blob(owner=alice, sha256=unknown)
    upload = begin(alice, now)
    other = begin(alice, now, b"nobody has this")

    assert refusal.value.code == same.value.code == "blob_not_held"
    assert refusal.value.where == "weights"
    assert (upload.status, other.status) == ("open", "open")
    put_all(upload)
    complete(upload, now)
    assert services.held_blob(owner=alice, sha256=SHA256)
    assert Blob.objects.count() == 1


def test_an_upload_is_its_owners_alone(alice: User, bob: User, now: datetime):
    upload = begin(alice, now)
    verbs = [
        lambda: services.upload_of(owner=bob, upload_id=str(upload.id)),
        lambda: services.put_part(
            owner=bob, upload_id=str(upload.id), number=1, body=io.BytesIO(b"x" * 10)
        ),
        lambda: services.complete_upload(owner=bob, upload_id=str(upload.id), now=now),
        lambda: services.abort_upload(owner=bob, upload_id=str(upload.id)),
        lambda: services.upload_of(owner=alice, upload_id="nonsense"),
        lambda: services.upload_of(owner=alice, upload_id="../../etc/passwd"),
    ]

    for verb in verbs:
        with pytest.raises(NotFound):
            verb()
    assert begin(bob, now) != upload


def test_an_aborted_upload_is_gone_with_its_parts(alice: User, now: datetime):
    upload = begin(alice, now)
    put(upload, 1, CONTENT[:10])

    services.abort_upload(owner=alice, upload_id=str(upload.id))

    assert files_on_disk() == []
    with pytest.raises(NotFound):
        put(upload, 2, CONTENT[10:20])
    assert begin(alice, now) != upload


def test_a_claim_of_another_size_replaces_the_unfinished_upload(
    alice: User, now: datetime
):
    wrong = services.begin_upload(owner=alice, sha256=SHA256, size=7, now=now)
    assert wrong is not None

    right = begin(alice, now)

    assert (right.size, right.part_count) == (24, 3)
    put_all(right)
    assert complete(right, now).size == 24


@pytest.mark.parametrize(
    ("sha256", "size", "code"),
    [
        ("0" * 63, 1, "digest_invalid"),
        ("A" * 64, 1, "digest_invalid"),
        ("../" + "0" * 61, 1, "digest_invalid"),
        ("0" * 64 + "\n", 1, "digest_invalid"),
        ("0" * 64, -1, "size_invalid"),
        ("0" * 64, services.MAX_SIZE + 1, "file_too_large"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(
    alice: User, now: datetime, sha256: str, size: int, code: str
):
    with pytest.raises(Refusal) as refusal:
        services.begin_upload(owner=alice, sha256=sha256, size=size, now=now)

    assert refusal.value.code == code
    assert isinstance(refusal.value, TooLarge) == (code == "file_too_large")
    assert not Upload.objects.exists()


def test_a_person_has_so_many_unfinished_uploads_and_lapsed_ones_do_not_count(
    alice: User, bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uploading, "MAX_OPEN_UPLOADS", 2)
    first = begin(alice, now, b"one")
    put(first, 1, b"one")
    begin(alice, now, b"two")

    with pytest.raises(Conflict) as refusal:
        begin(alice, now, b"three")
    begin(bob, now, b"three")
    begin(alice, now + services.VALIDITY, b"three")

    assert refusal.value.code == "too_many_uploads"
    first.refresh_from_db()
    assert first.status == "aborted"
    assert received(first) == []


@pytest.mark.django_db(transaction=True)
def test_an_upload_completed_eight_times_at_once_is_one_blob(
    alice: User, now: datetime
):
    upload = begin(alice, now)
    put_all(upload)

    answers = at_once([lambda: complete(upload, now)] * 8)

    blobs = [answer for answer in answers if isinstance(answer, Blob)]
    late = [answer for answer in answers if isinstance(answer, Exception)]
    assert {blob.sha256 for blob in blobs} == {SHA256}
    assert {type(error) for error in late} <= {NotFound}
    assert files_on_disk() == [f"blobs/{SHA256[:2]}/{SHA256}"]
    assert Holding.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_file_begun_eight_times_at_once_is_one_upload(alice: User, now: datetime):
    answers = at_once([lambda: begin(alice, now)] * 8)

    assert len(set(answers)) == 1
    assert path_of(SHA256).exists() is False
