"""Files come in part by part, under a hard limit, and can be resumed."""

import hashlib
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from storage.services import uploading
from tests.api.world import Door, door_of, error
from tests.builders.files import path_of

CONTENT = bytes(range(256)) * 10
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PART_SIZE", 1000)


def begin(door: Door) -> dict[str, Any]:
    return door.post("/api/uploads", {"sha256": SHA256, "size": len(CONTENT)}).json()


def sign(door: Door, upload: str, number: int, content: bytes) -> Any:
    part = {"number": number, "sha256": hashlib.sha256(content).hexdigest()}
    return door.post(f"/api/uploads/{upload}/sign", {"parts": [part]})


def put(
    door: Door,
    upload: str,
    number: int,
    content: bytes,
    *,
    offset: int = 0,
    said: bytes | None = None,
    **environ: Any,
) -> Any:
    link = sign(door, upload, number, content if said is None else said)
    if link.status_code != 200:
        return link
    return Client().put(
        link.json()["parts"][0]["url"] + (f"?offset={offset}" if offset else ""),
        data=content,
        content_type="application/octet-stream",
        **environ,
    )


def test_a_file_arrives_in_parts_and_is_held_afterwards(alice: User):
    door = door_of(alice)

    sha256 = door.upload(CONTENT)

    assert path_of(sha256).read_bytes() == CONTENT
    assert begin(door) == {"held": True}


def test_what_one_holds_another_must_still_send(alice: User, bob: User):
    door_of(alice).upload(CONTENT)

    assert begin(door_of(bob))["held"] is False


def test_an_upload_is_resumed_where_it_stopped(alice: User):
    door = door_of(alice)
    upload = begin(door)["upload"]
    sent = put(door, upload, 2, CONTENT[1000:2000])

    again = begin(door)

    part = hashlib.sha256(CONTENT[1000:2000]).hexdigest()
    assert sent.json() == {"number": 2, "sha256": part}
    assert (again["upload"], again["part_count"], again["received"]) == (upload, 3, [2])
    assert door.get(f"/api/uploads/{upload}").json() == again


def test_a_part_that_is_too_large_is_refused_without_being_read(alice: User):
    door = door_of(alice)
    upload = begin(door)["upload"]

    class Unread(BytesIO):
        def read(self, *_: Any) -> bytes:
            msg = "the body was read"
            raise AssertionError(msg)

    for number, declared in ((1, "1001"), (3, "561")):
        environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": declared}
        response = put(door, upload, number, b"", **environ)
        assert (response.status_code, error(response)["code"]) == (
            413,
            "body_too_large",
        )


@pytest.mark.parametrize("declared", ["", "-1", "ten", "٣"])
def test_a_part_without_a_length_is_refused(alice: User, declared: str):
    door = door_of(alice)
    upload = begin(door)["upload"]

    response = put(door, upload, 1, CONTENT[:1000], CONTENT_LENGTH=declared)

    assert (response.status_code, error(response)["code"]) == (422, "length_missing")


def test_a_part_that_ends_early_is_not_kept(alice: User):
    door = door_of(alice)
    upload = begin(door)["upload"]

    environ = {"wsgi.input": BytesIO(CONTENT[:10]), "CONTENT_LENGTH": "1000"}
    response = put(door, upload, 1, b"", **environ)

    assert (response.status_code, error(response)["code"]) == (422, "body_incomplete")
    assert begin(door)["received"] == []


@pytest.mark.parametrize("number", [0, 4, 10**15])
def test_a_part_number_that_is_none_is_refused(alice: User, number: int):
    door = door_of(alice)
    upload = begin(door)["upload"]

    response = put(door, upload, number, CONTENT[:1000])

    assert (response.status_code, error(response)["code"]) == (
        422,
        "part_number_invalid",
    )


def test_a_file_with_another_digest_is_not_kept(alice: User):
    door = door_of(alice)
    upload = begin(door)["upload"]
    for number in (1, 2):
        put(door, upload, number, b"x" * 1000)
    put(door, upload, 3, b"x" * 560)

    response = door.post(f"/api/uploads/{upload}/complete")

    assert (response.status_code, error(response)["code"]) == (422, "digest_mismatch")
    assert not path_of(SHA256).exists()


def test_an_upload_that_is_given_up_is_gone(alice: User):
    door = door_of(alice)
    upload = begin(door)["upload"]

    assert door.call("DELETE", f"/api/uploads/{upload}").status_code == 204
    assert door.get(f"/api/uploads/{upload}").status_code == 404


def test_an_empty_file_has_one_empty_part(alice: User):
    door = door_of(alice)

    sha256 = door.upload(b"")

    assert path_of(sha256).read_bytes() == b""


@pytest.mark.parametrize(
    ("sha256", "size", "status"),
    [
        ("A" * 64, 1, 422),
        ("a" * 63, 1, 422),
        ("a" * 64, -1, 422),
        ("a" * 64, 2**62, 413),
    ],
)
def test_a_file_that_cannot_be_is_refused_at_once(
    alice: User, sha256: str, size: int, status: int
):
    response = door_of(alice).post("/api/uploads", {"sha256": sha256, "size": size})

    assert response.status_code == status
    error(response)
