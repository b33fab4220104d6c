"""A real S3 server for tests: moto's, in a process of its own, on loopback."""

import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from tests.services.private import child, private_folder

KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def s3_server(smallest_part: int = 1) -> Iterator[str]:
    """Its address; parts may be as small as said (Amazon's have 5 MiB or more)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    told = {**KEYS, "S3_UPLOAD_PART_MIN_SIZE": str(smallest_part)}
    program = ("-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with (
        private_folder("s3") as folder,
        child(
            ["env", *(f"{k}={v}" for k, v in told.items()), sys.executable, *program],
            log=folder / "server.log",
            ready=lambda: _answers(endpoint),
            stop=signal.SIGKILL,  # it has nothing to save
        ),
    ):
        yield endpoint


def make_bucket(endpoint: str, name: str) -> None:
    """An empty bucket."""
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=name)


def _answers(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True
