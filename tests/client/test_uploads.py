"""Uploads send what is missing and nothing else."""

import hashlib
import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from accounts.models import ApiToken, User
from assay.client import Patience, ServerUnreachable
from assay.protocol.errors import NotFound, Unauthenticated
from common import clock
from storage import services, stores
from storage.address import BucketAddress
from storage.models import Upload
from storage.services import uploading
from tests.builders import world
from tests.builders.files import path_of
from tests.client.conftest import Connect
from tests.client.proxy import BadLink
from tests.services.s3 import make_bucket

PART = 64 * 1024


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PART_SIZE", PART)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file of five parts and a bit, none like another."""
    path = tmp_path / "model.safetensors"
    block = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(5 * PART // 32))
    path.write_bytes(block + b"and a bit")
    return path


def test_a_file_arrives_whole_and_its_progress_sums_to_its_size(
    connect: Connect, alice: User, weights: Path
) -> None:
    steps: list[int] = []

    held = connect(alice).uploads.send(weights, on_progress=steps.append)

    assert path_of(held.sha256).read_bytes() == weights.read_bytes()
    assert held.sent == held.size == sum(steps) == weights.stat().st_size
    assert len(steps) == 6


def test_an_empty_file_can_be_sent(
    connect: Connect, alice: User, tmp_path: Path
) -> None:
    empty = tmp_path / "README.md"
    empty.touch()

    held = connect(alice).uploads.send(empty)

    assert held.sha256 == hashlib.sha256(b"").hexdigest()
    assert path_of(held.sha256).read_bytes() == b""


def test_what_the_server_holds_is_not_sent_again(
    connect: Connect, alice: User, weights: Path
) -> None:
    connect(alice).uploads.send(weights)
    steps: list[int] = []

    again = connect(alice).uploads.send(weights, on_progress=steps.append)

    assert again.sent == 0
    assert sum(steps) == weights.stat().st_size


def test_an_upload_that_was_cut_off_goes_on_after_the_last_part_that_arrived(
    connect: Connect, alice: User, weights: Path, link: BadLink
) -> None:
    link.up = [2 * PART + PART // 2] * 3 + [100] * 60
    with pytest.raises(ServerUnreachable):
        connect(alice, link.endpoint).uploads.send(weights)
    staging = Upload.objects.get().staging
    store = stores.current()
    there = PART * len(store.parts(staging)) + sum(store.torn(staging).values())

    held = connect(alice).uploads.send(weights)

    assert there > PART
    assert held.sent == weights.stat().st_size - there
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_a_part_that_is_cut_off_is_sent_again_in_the_same_run(
    connect: Connect, alice: User, weights: Path, link: BadLink
) -> None:
    link.up = [PART + PART // 2, PART // 3]

    held = connect(alice, link.endpoint).uploads.send(weights)

    assert link.connections > 2
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_completing_succeeds_though_the_answer_to_it_was_lost(
    connect: Connect, alice: User, weights: Path, link: BadLink
) -> None:
    client = connect(alice, link.endpoint)
    begun = client.uploads._begin(
        hashlib.sha256(weights.read_bytes()).hexdigest(), weights.stat().st_size
    )
    upload = Upload.objects.get(pk=begun["upload"])
    with weights.open("rb") as file:
        for number in range(1, upload.part_count + 1):
            part = BytesIO(file.read(upload.length_of(number)))
            services.put_part(
                owner=alice, upload_id=str(upload.pk), number=number, body=part
            )
    services.complete_upload(
        owner=alice, upload_id=str(upload.pk), now=upload.expires_at
    )

    client.uploads._complete(str(upload.pk), upload.sha256, upload.size)

    assert path_of(upload.sha256).exists()


def test_a_part_goes_on_where_it_broke_off(
    connect: Connect, alice: User, weights: Path, link: BadLink
) -> None:
    client = connect(alice, link.endpoint)
    link.up = [PART // 2 + 2000] * 8

    held = client.uploads.send(weights)

    assert path_of(held.sha256).read_bytes() == weights.read_bytes()
    # Whatever was cut off on the way is sent once more, and no whole part is.
    assert link.passed_up < weights.stat().st_size + 8 * (PART // 2)


def test_bytes_that_were_damaged_on_the_way_are_sent_again(
    connect: Connect, alice: User, weights: Path
) -> None:
    client = connect(alice)
    put, damaged = client._transport.put, []

    def flip(url: str, content: bytes, headers: dict[str, str]):
        if len(damaged) < 2:
            damaged.append(url)
            content = bytes(len(content))
        return put(url, content, headers)

    client._transport.put = flip
    held = client.uploads.send(weights)

    assert len(damaged) == 2
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_links_that_end_under_way_are_asked_for_again(
    connect: Connect, alice: User, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(alice)
    sign, signed = client.uploads._transport.post, []

    def stale(path: str, *words, **named):
        answer = sign(path, *words, **named)
        if path.endswith("/sign"):
            signed.append(path)
            if len(signed) < 3:
                answer["parts"][0]["url"] += "x"
        return answer

    monkeypatch.setattr(client._transport, "post", stale)
    held = client.uploads.send(weights)

    assert len(signed) == 6 + 2
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_a_token_that_is_revoked_under_way_ends_it_and_another_goes_on(
    connect: Connect, alice: User, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(alice)
    put = client._transport.put

    def revoke(url: str, content: bytes, headers: dict[str, str]):
        answer = put(url, content, headers)
        ApiToken.objects.filter(user=alice).update(revoked_at=clock.now())
        return answer

    monkeypatch.setattr(client._transport, "put", revoke)
    with pytest.raises(Unauthenticated) as refused:
        client.uploads.send(weights)

    held = connect(alice).uploads.send(weights)

    assert "log in again" in refused.value.fix
    assert 0 < held.sent < weights.stat().st_size
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_a_busy_server_is_given_the_time_that_it_asks_for() -> None:
    slept: list[float] = []
    patience = Patience(pauses=(0.5, 0.5), sleep=slept.append)

    patience.wait(0.5, 7.0)
    patience.wait(0.5, 0.0)
    patience.wait(0.5, 10_000.0)

    assert slept == [7.0, 0.5, 60.0]


def test_parts_go_straight_to_a_bucket_and_files_come_straight_from_it(
    connect: Connect, alice: User, weights: Path, s3: str, settings: Any
) -> None:
    make_bucket(s3, "weights")
    settings.STORAGE_BUCKET = BucketAddress("weights", "", s3, "us-east-1")
    client = connect(alice)
    sent: list[str] = []
    put = client._transport.put

    def noted(url: str, content: bytes, headers: dict[str, str]):
        sent.append(url)
        return put(url, content, headers)

    client._transport.put = noted
    held = client.uploads.send(weights)

    assert len(sent) == 6
    assert all(url.startswith(s3) for url in sent)
    with stores.current().open(held.sha256) as file:
        assert file.read() == weights.read_bytes()
    assert client.uploads.send(weights).sent == 0


def test_of_a_fine_tune_only_what_differs_from_the_base_is_sent(
    connect: Connect, alice: User, charlie: User, server: str, tmp_path: Path, now: Any
) -> None:
    tensors = {f"layer.{n}": random.Random(n).randbytes(2**20) for n in range(8)}
    files = {"model.safetensors": safetensors(tensors, "pt")}
    base = world.base_model(charlie, now)
    blob = services.store_bytes(owner=None, content=files["model.safetensors"])
    base.files.filter(path="model.safetensors").update(blob=blob)
    tune = tmp_path / "tune.safetensors"
    changed = {**tensors, "layer.3": random.Random(99).randbytes(2**20)}
    tune.write_bytes(safetensors(changed, "made by Alice, and a longer header"))
    steps: list[int] = []

    held = connect(alice).uploads.send(tune, on_progress=steps.append)

    assert 2**20 < held.sent < 2**20 + 2000
    assert sum(steps) == tune.stat().st_size
    assert path_of(held.sha256).read_bytes() == tune.read_bytes()
    # The next one is like the last, which nobody else may copy from.
    changed["layer.4"] = random.Random(98).randbytes(2**20)
    tune.write_bytes(safetensors(changed, "made by Alice, and a longer header"))
    assert connect(alice).uploads.send(tune).sent < 2**20 + 2000
    changed["layer.5"] = random.Random(97).randbytes(2**20)
    tune.write_bytes(safetensors(changed, "x"))
    assert connect(charlie).uploads.send(tune).sent > 3 * 2**20


def test_blocks_of_a_file_that_is_not_open_are_told_to_nobody(
    connect: Connect, alice: User, charlie: User, server: str
) -> None:
    secret = services.store_bytes(owner=charlie, content=b"s" * 2**20)
    places = [secret.pk, "0" * 64]

    said = []
    for sha256 in places:
        with pytest.raises(NotFound) as refused:
            connect(alice)._transport.content(
                f"/api/upload-sources/blocks?sha256={sha256}"
            )
        said.append((refused.value.code, refused.value.sentence))

    assert said[0] == said[1]
    assert connect(alice)._transport.get("/api/upload-sources") == []
    assert len(connect(charlie)._transport.get("/api/upload-sources")) == 1


def safetensors(tensors: dict[str, bytes], note: str) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"note": note}}
    offset = 0
    for name, content in tensors.items():
        end = offset + len(content)
        header[name] = {
            "dtype": "F32",
            "shape": [len(content) // 4],
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + b"".join(tensors.values())
