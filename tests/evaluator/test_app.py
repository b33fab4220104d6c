import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery

from tests.evaluator.platform import TOKEN, open_platform
from tests.services.valkey import valkey

ROOT = Path(__file__).parents[2]
WORKER = ("-m", "celery", "-q", "-A", "evaluator.app", "worker", "-Q", "evaluations")


@contextmanager
def worker(**environment: str) -> Iterator[None]:
    """An evaluator host: nothing of Django's in its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, *WORKER, "-P", "solo", "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env=kept | environment | {"PYTHONWARNINGS": "ignore"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_a_host_that_only_evaluates_hears_the_doorbell(tmp_path: Path):
    rung = threading.Event()
    with open_platform(on_request=rung.set) as platform, valkey() as url:
        platform.failures["lease"] = [409]
        sender = Celery(broker=url)
        with worker(
            REDIS_URL=url,
            ASSAY_ENDPOINT=platform.endpoint,
            ASSAY_EVALUATOR_TOKEN=TOKEN,
            ASSAY_EVALUATOR_CACHE=str(tmp_path),
        ):
            sender.send_task(
                "evaluator.evaluate",
                kwargs={"evaluation_id": "e1"},
                queue="evaluations",
                headers={"request_id": "request-9"},
            )
            assert rung.wait(60)

        assert platform.request_ids == {"request-9"}
        sender.close()
