"""A second host, with an address, a key and a folder of its own, gives the same bits.

As root the host is a network namespace at the other end of a cable; else it is another
folder on this machine.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import Celery

from accounts.models import User
from accounts.services import issue_token, sign_up
from assay.protocol import receipts
from assay.protocol.receipts import Receipt
from catalogue.models import Model
from common import clock
from competitions.models import Competition, Evaluation
from competitions.services import drafting, evaluating
from tests.builders import world
from tests.builders.tiny_models import MAX_TOKENS, bert_base
from tests.client.conftest import (  # noqa: F401 - fixtures
    _own_var,
    _static_root,
    broker,
    now,
    server,
)
from tests.evaluator.test_app import ROOT, WORKER
from tests.services.valkey import valkey as valkey_server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.e2e,
    pytest.mark.jail,
    pytest.mark.model,
]

HERE, THERE = "10.203.7.1", "10.203.7.2"
NAME = f"assay-{os.getpid()}"
# all that a receipt says but for who, when and how long
SAME = ("split", "weights", "base", "data", "scorer", "engine", "precision", "root")


@dataclass(frozen=True)
class Host:
    """Where a second worker runs: what its commands begin with, and our address."""

    begins: Sequence[str]
    address: str


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def second_host() -> Iterator[Host]:
    if os.geteuid() != 0 or shutil.which("ip") is None or not _cabled():
        yield Host((), "127.0.0.1")
        return
    try:
        yield Host(("ip", "netns", "exec", NAME), HERE)
    finally:
        ip("netns", "delete", NAME)  # takes the cable along


def _cabled() -> bool:
    """A namespace with a cable to us; False where this kernel gives none."""
    near, far = f"an{os.getpid()}", f"af{os.getpid()}"
    try:
        ip("netns", "add", NAME)
    except (OSError, subprocess.CalledProcessError):
        return False
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", NAME)
        ip("address", "add", f"{HERE}/30", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", NAME, "address", "add", f"{THERE}/30", "dev", far)
        ip("-n", NAME, "link", "set", far, "up")
        ip("-n", NAME, "link", "set", "lo", "up")
    except subprocess.CalledProcessError:
        ip("netns", "delete", NAME)
        return False
    return True


@contextmanager
def forwarded(address: str, opened: Any) -> Iterator[int]:
    """A port at ``address`` that leads to what ``opened`` connects to."""
    loop = asyncio.new_event_loop()

    async def pump(reader: Any, writer: Any) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def meet(reader: Any, writer: Any) -> None:
        there, back = await opened()
        await asyncio.gather(pump(reader, back), pump(there, writer))

    listening = loop.run_until_complete(asyncio.start_server(meet, address, 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@contextmanager
def worker(host: Host, folder: Path, **environment: str) -> Iterator[None]:
    """An evaluator host that knows a broker, an address and a token, and no more."""
    folder.mkdir()
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    log = (folder / "worker.log").open("wb")
    process = subprocess.Popen(
        [*host.begins, sys.executable, *WORKER, "-P", "solo", "--without-gossip",
         "--without-mingle", "-l", "INFO"],
        cwd=ROOT,
        env=kept
        | {
            "ASSAY_EVALUATOR_CACHE": str(folder / "cache"),
            "ASSAY_EVALUATOR_KEY_FILE": str(folder / "key"),
        }
        | environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def base(charlie: User, tmp_path: Path, server: str, now: datetime) -> Model:  # noqa: F811
    return bert_base(charlie, tmp_path / "base", now)


@pytest.fixture
def competition(alice: User, base: Model, now: datetime) -> Competition:  # noqa: F811
    """Alice's draft, whose baseline is to be measured."""
    options = {"labels": world.LABELS, "max_tokens": MAX_TOKENS}
    spec = world.spec(alice, base, now, task_options=options)
    return drafting.create_competition(sponsor=alice, spec=spec, now=now)


def operator(handle: str) -> str:
    """Its token; an account of its own."""
    person = sign_up(handle=handle, email="", password="a quiet machine at work")
    User.objects.filter(pk=person.pk).update(is_staff=True)
    person.refresh_from_db()
    return issue_token(user=person, name="host", scope="evaluator")[1]


def receipt_by(evaluation: Evaluation, handle: str, folder: Path) -> Receipt:
    """Waits until it is scored, and reads what that operator signed."""
    ended = threading.Event()
    for _ in range(480):
        evaluation.refresh_from_db()
        if evaluation.status in {"scored", "failed"}:
            break
        ended.wait(0.25)
    log = (folder / "worker.log").read_text("utf-8", "replace")[-2000:]
    assert evaluation.status == "scored", (evaluation.failure_sentence, log)
    key = evaluation.receipt.key.published()
    assert key.operator == handle
    return receipts.check_receipt(evaluation.receipt.certificate, {key.key_id: key})


def test_another_host_returns_the_same_receipt(
    second_host: Host,
    server: str,  # noqa: F811
    competition: Competition,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    first = competition.evaluations.get(split="public")
    web = urlsplit(server)
    here = Host((), "127.0.0.1")
    with (
        valkey_server() as url,
        forwarded(
            second_host.address,
            lambda: asyncio.open_connection(web.hostname, web.port),
        ) as web_port,
        forwarded(
            second_host.address,
            lambda: asyncio.open_unix_connection(url.removeprefix("redis+socket://")),
        ) as broker_port,
    ):
        bell = Celery(broker=url)

        def ring(evaluation: Evaluation) -> None:
            arguments = {"evaluation_id": str(evaluation.pk)}
            bell.send_task("evaluator.evaluate", kwargs=arguments, queue="evaluations")

        one, other = tmp_path / "one", tmp_path / "other"
        with worker(
            here,
            one,
            REDIS_URL=url,
            ASSAY_ENDPOINT=server,
            ASSAY_EVALUATOR_TOKEN=operator("olga"),
        ):
            ring(first)
            near = receipt_by(first, "olga", one)
        again = evaluating.queue(
            competition=competition,
            model=competition.base_model,
            split="public",
            repeat=1,
            now=clock.now(),
        )
        with worker(
            second_host,
            other,
            REDIS_URL=f"redis://{second_host.address}:{broker_port}/0",
            ASSAY_ENDPOINT=f"http://{second_host.address}:{web_port}",
            ASSAY_EVALUATOR_TOKEN=operator("otto"),
        ):
            ring(again)
            far = receipt_by(again, "otto", other)
        bell.close()

    assert [getattr(far, name) for name in SAME] == [
        getattr(near, name) for name in SAME
    ]
    assert (one / "key").read_text() != (other / "key").read_text()
    assert near.evaluation != far.evaluation
