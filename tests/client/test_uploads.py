"""Uploads send what is missing and nothing else."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from accounts.models import User
from assay.client import ServerUnreachable
from storage import services
from storage.blobs import path_of
from storage.models import Upload
from tests.client.conftest import Connect
from tests.client.proxy import BadLink

PART = 64 * 1024


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PART_SIZE", PART)


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
    # Every try on this link dies in the third part.
    link.up = [2 * PART + PART // 2] + [PART // 2] * 20
    with pytest.raises(ServerUnreachable):
        connect(alice, link.endpoint).uploads.send(weights)
    arrived = Upload.objects.get().parts.count()

    held = connect(alice).uploads.send(weights)

    assert arrived == 2
    assert held.sent == weights.stat().st_size - 2 * PART
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()


def test_a_part_that_is_cut_off_is_sent_again_in_the_same_run(
    connect: Connect, alice: User, weights: Path, link: BadLink
) -> None:
    link.up = [PART + PART // 2, PART // 3]

    held = connect(alice, link.endpoint).uploads.send(weights)

    assert link.connections == 3
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
