"""What must hold before anything is started; each "no" is one sentence."""

import fcntl
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import TextIO

from assay.protocol.errors import Conflict, Unavailable
from config.jail import missing_layers_since_boot
from config.stack.children import wait_until
from config.stack.layout import Layout

LEFTOVER_SECONDS = 5.0  # for the children of a killed supervisor to die
BACKLOG = 256
USERNS_SWITCH = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


def claim_folder(layout: Layout) -> None:
    """Make the stack's folders.

    Raises:
        Unavailable: they cannot be written.
    """
    try:
        layout.create()
        for folder in (layout.var, layout.run, layout.logs):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError as error:
        where = str(error.filename or layout.var)
        raise Unavailable(
            "var_unwritable",
            f"Cannot write to {layout.var}: {where}: {error.strerror}.",
            fix="Make it writable, or set ASSAY_VAR to a folder that is.",
            where=where,
        ) from error


def claim_lock(layout: Layout) -> TextIO:
    """Take the lock of this ``var``; it is free again when the file is closed.

    Raises:
        Conflict: another supervisor has it.
    """
    file = layout.lock.open("a")
    # A dead supervisor's children hold the lock for the moment they take to die.
    while not _locks(file):
        pid, url = _holder(layout.state)
        alive = pid is not None and Path(f"/proc/{pid}").exists()
        if not alive and wait_until(lambda: _locks(file), seconds=LEFTOVER_SECONDS):
            return file
        file.close()
        raise Conflict(
            "stack_already_runs",
            f"Another stack (process {pid}, {url}) runs on {layout.var}.",
            fix="Stop it, or set ASSAY_VAR and ASSAY_PORT for a second one.",
        )
    return file


def _locks(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(state: Path) -> tuple[int | None, str]:
    try:
        facts = json.loads(state.read_text())
        return int(facts["pid"]), str(facts["url"])
    except (OSError, ValueError, KeyError):
        return None, "starting"


def claim_port(port: int) -> socket.socket:
    """Listen on the loopback port; 0 takes a free one.

    The web server inherits the socket, so there is no gap between looking and
    taking, and a connection made while it restarts waits instead of failing.

    Raises:
        Unavailable: the port is taken, or may not be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else error
        raise Unavailable(
            "port_unavailable",
            f"Port {port} on 127.0.0.1 cannot be used: {reason}.",
            fix="Set ASSAY_PORT to another one: ASSAY_PORT=8123 make run.",
        ) from error
    return listener


def require_jail() -> None:
    """Check that every required layer of the jail holds on this host.

    Raises:
        Unavailable: one does not.
    """
    missing = missing_layers_since_boot()
    if missing:
        raise Unavailable(
            "jail_incomplete",
            f"The jail's layer {missing[0].name} does not hold. {missing[0].sentence}",
            fix=jail_fix(missing[0].name, USERNS_SWITCH),
        )


def jail_fix(layer: str, switch: Path) -> str:
    """How to mend a layer that is missing; ``switch`` is Ubuntu's on namespaces."""
    is_off = switch.exists() and switch.read_text("ascii").strip() == "1"
    if layer == "namespaces" and is_off:
        return (
            "AppArmor keeps programs from making namespaces here; allow it: "
            f"sudo sysctl kernel.{switch.name}=0"
        )
    return "docs/operators/jail.md says what to do; `manage.py doctor` looks again."
