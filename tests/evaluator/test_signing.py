"""A host's key is its own file; its receipts are what the rules read."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assay.protocol import receipts
from assay.protocol.errors import Conflict, Unavailable
from assay.protocol.scoring import Output
from assay.protocol.signatures import key_id, public_key, verify
from evaluator import signing
from evaluator.job import Measured, Usage
from evaluator.server import Server
from tests.evaluator.platform import TOKEN, Platform, open_platform

MEASURED = Measured(
    (Output("q0", (-0.1, -2.5)), Output("q1", (-1.0, -1.0 / 3.0))),
    Usage(cpu_seconds=1.5, wall_seconds=2.0, peak_bytes=1000),
    "float32-1/test",
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_text("tuned")
    with open_platform() as platform:
        platform.offer(model=folder, base=folder, inputs=b"{}")
        yield platform


@pytest.fixture
def server(platform: Platform) -> Iterator[Server]:
    with Server(platform.endpoint, TOKEN, "r", lambda _: None) as server:
        yield server


def test_a_key_is_made_once_for_its_user_alone(tmp_path: Path):
    path = tmp_path / "deep" / "key"
    seed = signing.load_key(path)

    assert signing.load_key(path) == seed
    assert len(seed) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_eight_that_start_at_once_have_one_key(tmp_path: Path):
    path, found = tmp_path / "key", set()
    threads = [
        threading.Thread(target=lambda: found.add(signing.load_key(path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {signing.load_key(path)}


@pytest.mark.parametrize("content", ["short", "zz" * 32, ""])
def test_a_broken_key_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(Unavailable) as refused:
        signing.load_key(path)
    assert refused.value.code == "evaluator_key_unreadable"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    path = tmp_path / "key"
    signing.load_key(path)
    path.chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        signing.load_key(path)


def test_a_key_that_can_not_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as refused:
        signing.load_key(tmp_path / "file" / "key")
    assert refused.value.code == "evaluator_key_unreadable"


def test_a_key_is_introduced_once_a_process_and_signs_for_itself(
    platform: Platform, server: Server
):
    seed = os.urandom(32)
    signing.introduce(server, seed)
    signing.introduce(server, seed)

    [body] = platform.said("keys")
    claim = receipts.key_claim(body["public"], "")
    assert body["public"] == public_key(seed)
    assert verify(body["public"], claim, body["signature"])


def test_rotation_names_the_key_whose_place_is_taken(
    platform: Platform, server: Server, tmp_path: Path
):
    path = tmp_path / "key"
    old = signing.load_key(path)
    name = signing.rotate(server, path)

    new = signing.load_key(path)
    assert (new != old, name) == (True, key_id(public_key(new)))
    _, body = platform.said("keys")
    assert body["replaces"] == key_id(public_key(old))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_counts_no_more_is_replaced_without_being_named(
    platform: Platform, server: Server, tmp_path: Path
):
    platform.failures["keys"] = [409]
    signing.rotate(server, tmp_path / "key")
    [body] = platform.said("keys")
    assert body["replaces"] == ""


def test_a_key_that_the_platform_does_not_take_stops_the_work(
    platform: Platform, server: Server
):
    platform.failures["keys"] = [409]
    with pytest.raises(Conflict):
        signing.introduce(server, os.urandom(32))


def test_the_receipt_says_what_was_leased_and_measured(server: Server):
    seed = bytes(range(32))
    lease = server.lease("e1")
    signed = signing.receipt_of(lease, MEASURED, seed, elapsed=timedelta(seconds=90.7))

    key = receipts.EvaluatorKey(public_key(seed), "olga", lease.leased_at)
    found = receipts.check_receipt(signed, {key.key_id: key})
    assert found.root == receipts.root_of(MEASURED.outputs)
    assert found.weights == receipts.weights_digest(lease.model_files)
    assert found.at - lease.leased_at == timedelta(seconds=90)
    assert found.resources == receipts.Resources(1500, 2000, 1000)
    assert (found.engine, found.precision) == ("float32-1/test", "float32")
