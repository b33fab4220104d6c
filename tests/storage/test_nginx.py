"""What docs/operators/storage.md tells operators to give nginx does what it says."""

import hashlib
import os
import re
import shutil
import signal
import socket
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.conf import settings as configured

from accounts.models import User
from assay.client import Client
from storage.services import uploading
from tests.builders import world
from tests.builders.files import path_of
from tests.client.conftest import token_of
from tests.services.private import child

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PAGE = Path(__file__).parents[2] / "docs/operators/storage.md"
FRAME = """
user root; daemon off; pid {folder}/pid;
error_log {folder}/error.log; worker_processes 1;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream assay {{ server {upstream}; }}
  server {{ listen 127.0.0.1:{port}; {snippet} }}
}}
"""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not Path(NGINX).exists() or os.geteuid() != 0,
        reason="needs root, and nginx: apt-get install nginx-light",
    ),
]


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """The live server's middleware warns when the folder is missing."""
    Path(configured.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture
def front(live_server: Any, tmp_path: Path, settings: Any) -> Iterator[str]:
    """The address of an nginx before the server, set up as the page says."""
    settings.STORAGE_PATH = tmp_path / "storage"
    settings.ACCEL_REDIRECT = "/stored/"
    (snippet,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    blobs = f"{tmp_path}/storage/blobs/"
    assert "/var/lib/assay/storage/blobs/" in snippet
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(
        FRAME.format(
            folder=tmp_path,
            upstream=live_server.url.removeprefix("http://"),
            port=port,
            snippet=snippet.replace("/var/lib/assay/storage/blobs/", blobs),
        )
    )
    with child(
        [NGINX, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"],
        log=tmp_path / "nginx.log",
        ready=lambda: _listens(port),
        stop=signal.SIGQUIT,
    ):
        yield f"http://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_files_go_up_through_nginx_and_come_down_from_it(
    front: str, charlie: User, now: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uploading, "PART_SIZE", 2**20)
    weights = tmp_path / "weights"
    blocks = (hashlib.sha256(b"%d" % n).digest() for n in range(99_999))
    weights.write_bytes(b"".join(blocks))
    with Client(front, token=token_of(charlie)) as client:
        held = client.uploads.send(weights)
    model = world.base_model(charlie, now)
    file = model.files.get(path="model.safetensors")
    content = path_of(file.blob_id).read_bytes()
    address = f"{front}/api/models/{model.reference}/files/model.safetensors"

    whole = urlopen(address)
    part = urlopen(Request(address, headers={"Range": "bytes=3-9"}))
    with pytest.raises(urllib.error.HTTPError) as direct:
        urlopen(f"{front}/stored/{file.blob_id[:2]}/{file.blob_id}")

    assert held.sent == weights.stat().st_size
    assert path_of(held.sha256).read_bytes() == weights.read_bytes()
    assert whole.read() == content
    assert whole.headers["ETag"] == f'"{file.blob_id}"'
    assert whole.headers["Server"].startswith("nginx")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in whole.headers["Content-Disposition"]
    assert (part.status, part.read()) == (206, content[3:10])
    assert direct.value.code == 404
