"""Downloads resume, and a file appears only when it is right."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from assay.client import ServerFault
from assay.client.downloads import Downloads
from assay.client.records import RemoteFile
from assay.protocol.errors import Invalid
from catalogue.models import Model
from catalogue.services import ModelDraft, register_base_model
from common import clock
from storage.services import store_bytes
from tests.builders.world import OPEN_TERMS
from tests.client.conftest import Connect
from tests.client.proxy import BadLink

BIG = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(40_000))
PLACE = "/api/models/charlie/big/files/model.safetensors"


@pytest.fixture
def model(server: str, charlie: User) -> Model:
    """A published model of more than a megabyte."""
    files = {"model.safetensors": BIG, "config.json": b"{}"}
    return register_base_model(
        owner=charlie,
        draft=ModelDraft(
            name="big",
            kind="full",
            files={
                path: store_bytes(owner=charlie, content=content)
                for path, content in files.items()
            },
            terms=OPEN_TERMS,
            shares=[(charlie, 1)],
        ),
        now=clock.now(),
    )


@pytest.fixture
def weights(model: Model) -> RemoteFile:
    """Its weights, as they are listed."""
    return RemoteFile("model.safetensors", len(BIG), hashlib.sha256(BIG).hexdigest())


def fetch(connect: Connect, *arguments: Any, endpoint: str = "", **rest: Any) -> None:
    client = connect(endpoint=endpoint) if endpoint else connect()
    Downloads(client._transport).fetch(*arguments, **rest)


def test_all_files_of_a_model_arrive_and_nothing_else(
    connect: Connect, model: Model, tmp_path: Path
) -> None:
    steps: list[int] = []
    folder = tmp_path / "model"

    paths = connect().models.download("charlie/big", folder, on_progress=steps.append)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "config.json": b"{}",
        "model.safetensors": BIG,
    }
    assert {path.name for path in paths} == {"config.json", "model.safetensors"}
    assert sum(steps) == len(BIG) + 2


def test_a_cut_off_download_goes_on_where_it_stopped(
    connect: Connect, weights: RemoteFile, tmp_path: Path, link: BadLink
) -> None:
    link.down = [300_000, 400_000, 0]
    target = tmp_path / "model.safetensors"

    fetch(connect, PLACE, weights, target, endpoint=link.endpoint)

    assert target.read_bytes() == BIG
    assert link.connections == 4
    # Headers aside, no byte came twice.
    assert link.passed_down < len(BIG) + 10_000


def test_a_later_run_takes_up_what_an_earlier_one_left(
    connect: Connect, weights: RemoteFile, tmp_path: Path, link: BadLink
) -> None:
    target = tmp_path / "model.safetensors"
    draft = tmp_path / f"model.safetensors.{weights.sha256[:12]}.part"
    draft.write_bytes(BIG[:1_000_000])

    fetch(connect, PLACE, weights, target, endpoint=link.endpoint)

    assert target.read_bytes() == BIG
    assert link.passed_down < len(BIG) - 1_000_000 + 10_000
    assert not draft.exists()


def test_bytes_that_are_not_those_announced_are_dropped(
    connect: Connect, weights: RemoteFile, tmp_path: Path
) -> None:
    target = tmp_path / "model.safetensors"
    draft = tmp_path / f"model.safetensors.{weights.sha256[:12]}.part"
    draft.write_bytes(b"x" * 1_000)

    with pytest.raises(ServerFault) as refused:
        fetch(connect, PLACE, weights, target)

    assert refused.value.code == "download_damaged"
    assert list(tmp_path.glob("model*")) == []


def test_a_right_file_is_kept_and_a_wrong_one_replaced(
    connect: Connect, weights: RemoteFile, tmp_path: Path
) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_bytes(BIG)
    wrong.write_bytes(BIG[:-1] + b"?")
    before = right.stat().st_mtime_ns

    fetch(connect, PLACE, weights, right)
    fetch(connect, PLACE, weights, wrong)

    assert right.stat().st_mtime_ns == before
    assert wrong.read_bytes() == BIG


def test_a_path_that_leaves_the_folder_is_refused(
    connect: Connect, tmp_path: Path
) -> None:
    evil = RemoteFile("../evil", 1, "0" * 64)

    with pytest.raises(Invalid):
        Downloads(connect()._transport).fetch_all(
            [evil], tmp_path, address=lambda path: path
        )
