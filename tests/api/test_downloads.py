"""Files go out streamed, resumable and never as something a browser runs."""

import hashlib
from typing import Any
from urllib.request import Request, urlopen

import pytest

from accounts.models import User
from storage import stores
from storage.address import BucketAddress
from tests.api.world import Door, World, door_of, error
from tests.services.s3 import make_bucket

CONTENT = b"weights"
ADDRESS = "/api/models/bob/paid/files/model.safetensors"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-2", 0, 3),
        ("bytes=3-", 3, 7),
        ("bytes=-2", 5, 7),
        ("bytes=-99", 0, 7),
        ("bytes=6-99", 6, 7),
    ],
)
def test_a_range_is_answered_with_just_that(
    world: World, asked: str, start: int, stop: int
):
    response = Door().get(ADDRESS, Range=asked)

    assert response.status_code == 206
    assert body(response) == CONTENT[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/7"
    assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize(
    "asked", ["", "bytes=2-1", "bytes=-", "lines=1-2", "bytes=0-1,3-4"]
)
def test_a_range_that_cannot_be_read_is_answered_with_all(world: World, asked: str):
    response = Door().get(ADDRESS, Range=asked)

    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=7-", "bytes=100-200", "bytes=-0"])
def test_a_range_past_the_end_is_refused(world: World, asked: str):
    response = Door().get(ADDRESS, Range=asked)

    assert (response.status_code, error(response)["code"]) == (
        416,
        "range_not_satisfiable",
    )
    assert response["Content-Range"] == "bytes */7"


def test_a_file_is_named_and_never_sniffed(world: World):
    response = Door().get(ADDRESS)

    file = world.rented.files.get()
    assert response["ETag"] == f'"{file.blob_id}"'
    assert response["Content-Disposition"] == 'attachment; filename="model.safetensors"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_known_file_is_not_sent_again(world: World):
    etag = Door().get(ADDRESS)["ETag"]

    response = Door().get(ADDRESS, If_None_Match=etag)

    assert (response.status_code, response.content) == (304, b"")


def test_a_range_of_another_version_is_answered_with_all(world: World):
    response = Door().get(ADDRESS, Range="bytes=0-2", If_Range='"other"')

    assert (response.status_code, body(response)) == (200, CONTENT)


def test_head_says_how_long_a_file_is(world: World):
    response = Door().call("HEAD", ADDRESS)

    assert (response.status_code, response["Content-Length"]) == (200, "7")


def test_the_sample_with_its_answers_is_there_for_who_sees_the_competition(
    world: World, alice: User
):
    door = door_of(alice)
    (file,) = door.get("/api/competitions/drafted/files").json()

    response = door.get("/api/competitions/drafted/files/sample.jsonl")

    assert file["path"] == "sample.jsonl"
    assert response["Content-Length"] == str(file["size"])
    assert b'"label"' in body(response)


def test_a_file_that_is_not_there_is_not_found(world: World, alice: User):
    for path in ("nope", "../drafted", "public.jsonl"):
        response = door_of(alice).get(f"/api/competitions/drafted/files/{path}")
        assert response.status_code == 404


def test_evaluators_get_inputs_and_weights_and_never_answers(
    world: World, evaluator: Door
):
    split = world.competition.splits.get(name="private")
    weights = world.base.files.get(path="model.safetensors")

    assert b"label" not in body(evaluator.get(f"/api/blobs/{split.inputs_id}"))
    assert evaluator.get(f"/api/blobs/{weights.blob_id}").status_code == 200
    refused = evaluator.get(f"/api/blobs/{split.answers_id}")
    assert (refused.status_code, error(refused)["code"]) == (404, "blob_not_found")
    assert evaluator.get("/api/blobs/nonsense").status_code == 404


def test_any_tag_that_is_known_spares_the_bytes(world: World):
    for known in ('"x", "' + hashlib.sha256(CONTENT).hexdigest() + '"', "*"):
        response = Door().call("GET", ADDRESS, If_None_Match=known)

        assert (response.status_code, response.content) == (304, b"")


def test_behind_nginx_the_bytes_do_not_pass_through_python(world: World, settings):
    settings.ACCEL_REDIRECT = "/stored/"
    sha256 = hashlib.sha256(CONTENT).hexdigest()

    response = Door().get(ADDRESS, Range="bytes=2-3")

    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/stored/{sha256[:2]}/{sha256}"
    assert response["ETag"] == f'"{sha256}"'
    head = Door().client.head(ADDRESS)
    assert "X-Accel-Redirect" not in head
    assert head["Content-Length"] == "7"


def test_a_bucket_sends_its_files_itself_and_only_to_whom_may_have_them(
    world: World, s3: str, settings
):
    make_bucket(s3, "downloads")
    settings.STORAGE_BUCKET = BucketAddress("downloads", "", s3, "us-east-1")
    store = stores.current()
    store.publish(store.write([CONTENT]))

    response = Door().get(ADDRESS, Range="bytes=2-3")

    assert response.status_code == 302
    assert response["Location"].startswith(f"{s3}/downloads/blobs/")
    request = Request(response["Location"], headers={"Range": "bytes=2-3"})
    with urlopen(request) as answer:
        assert (answer.status, answer.read()) == (206, CONTENT[2:4])
    settings.STORAGE_REDIRECT = False
    streamed = Door().get(ADDRESS, Range="bytes=2-3")
    assert (streamed.status_code, body(streamed)) == (206, CONTENT[2:4])
