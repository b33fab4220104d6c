"""Blobs lie under their digest, whole or not at all."""

import hashlib
import io
from pathlib import Path

import pytest

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound
from storage import blobs, services, stores
from storage.models import Blob, Holding
from tests.builders.files import path_of

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, settings) -> Path:
    """An empty one."""
    settings.STORAGE_PATH = tmp_path
    return tmp_path


def files(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file()]


@pytest.mark.database
def test_the_same_bytes_are_stored_once(disk: Path, db: None):
    services.store_bytes(owner=None, content=CONTENT)
    services.store_file(owner=None, file=io.BytesIO(CONTENT))

    assert files(disk) == [path_of(SHA256)]
    assert path_of(SHA256).is_relative_to(disk)


def test_a_source_that_fails_leaves_no_file(disk: Path):
    def pieces():
        yield b"wei"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        stores.current().write(pieces())

    assert files(disk) == []


def test_a_blob_that_there_is_not_is_not_found():
    with pytest.raises(NotFound):
        blobs.open_blob(SHA256)


def test_a_stored_file_is_read_piece_by_piece(db: None):
    services.store_bytes(owner=None, content=CONTENT)
    stored = blobs.StoredFile(SHA256, len(CONTENT))

    pieces = [stored.read(0, 3), stored.read(3, 99), stored.read(99, 1)]

    assert pieces == [b"wei", b"ghts", b""]


def test_chunks_end_at_the_length_that_was_asked_for():
    file = io.BytesIO(bytes(2 * blobs.CHUNK + 5))

    sizes = [len(piece) for piece in blobs.chunks(file, blobs.CHUNK + 3)]

    assert sizes == [blobs.CHUNK, 3]


@pytest.mark.database
def test_what_the_server_stores_for_itself_is_held_by_nobody(alice: User):
    own = services.store_bytes(owner=None, content=b"answers")
    hers = services.store_file(owner=alice, file=io.BytesIO(CONTENT))

    assert [holding.blob for holding in Holding.objects.all()] == [hers]
    assert set(Blob.objects.values_list("size", flat=True)) == {7}
    with pytest.raises(Invalid):
        services.held_blob(owner=alice, sha256=own.sha256)
