"""This host's key: made at the first start, introduced to the platform, replaced.

The private half is a file that its user alone can read. It signs the receipts of what
this host computed; whoever has it can speak in this host's name.
"""

import os
import stat
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from assay.protocol import receipts
from assay.protocol.canonical import Json
from assay.protocol.errors import Conflict, Unavailable
from assay.protocol.signatures import generate_key, key_id, public_key, sign
from evaluator.job import Measured
from evaluator.server import Lease, Server

_introduced: set[tuple[str, str]] = set()  # (platform, key), in this process


def load_key(path: Path) -> bytes:
    """The private key of this host, made when there is none.

    Raises:
        Unavailable: ``evaluator_key_unreadable``: the file is not one, or others can
            read it.
    """
    if not path.exists():
        _make(path)
    try:
        mode, text = path.stat(), path.read_text("ascii").strip()
        seed = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise _unreadable(path, "cannot be read") from error
    if len(seed) != 32:
        raise _unreadable(path, "is no key of 32 bytes in hex")
    if stat.S_IMODE(mode.st_mode) & 0o077:
        raise _unreadable(path, "can be read by others: chmod 600")
    return seed


def _make(path: Path) -> None:
    """Several processes may start at once: one file wins, whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, generate_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise _unreadable(path, f"cannot be made: {error}") from error


def _draft(path: Path, seed: bytes) -> Path:
    """The key in a file beside ``path`` that nobody else knows of or can read."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(seed.hex() + "\n")
    return Path(name)


def introduce(server: Server, seed: bytes, *, replaces: str = "") -> None:
    """Register the key, once a process: the platform knows it from then on.

    Raises:
        Conflict: it was replaced, revoked, or is another operator's.
        Unavailable: the platform cannot be reached.
    """
    public = public_key(seed)
    if (server.endpoint, public) in _introduced:
        return
    server.register_key(
        public=public,
        signature=sign(seed, receipts.key_claim(public, replaces)),
        replaces=replaces,
    )
    _introduced.add((server.endpoint, public))


def rotate(server: Server, path: Path) -> str:
    """Make a new key, have the platform take it for the old one; returns its id.

    The file is changed first: a host that is cut off in between introduces the new key
    by itself. What is being signed with the old one just now is done over again.

    Raises:
        Conflict, Unavailable: as ``introduce``.
    """
    old = load_key(path)
    replaces = key_id(public_key(old))
    try:
        introduce(server, old)
    except Conflict:
        replaces = ""  # it counts no more anyway
    seed = generate_key()
    _draft(path, seed).replace(path)
    introduce(server, seed, replaces=replaces)
    return key_id(public_key(seed))


def receipt_of(
    lease: Lease, measured: Measured, seed: bytes, *, elapsed: timedelta
) -> dict[str, Json]:
    """The signed receipt of what was measured.

    Args:
        elapsed: since the lease; the moment is told by the platform's clock.
    """
    receipt = receipts.Receipt(
        evaluation=lease.evaluation,
        split=lease.split,
        weights=receipts.weights_digest(lease.model_files),
        base=receipts.weights_digest(lease.base_files),
        data=lease.inputs.sha256,
        scorer=receipts.scorer_digest(
            task_type=lease.task_type, options=lease.options, metric=lease.metric
        ),
        engine=measured.engine_version,
        precision=lease.precision,
        root=receipts.root_of(measured.outputs),
        examples=len(measured.outputs),
        resources=receipts.Resources.of_usage(asdict(measured.usage)),
        at=_whole_seconds(lease.leased_at + elapsed),
    )
    return receipts.sign_receipt(seed, receipt)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _unreadable(path: Path, what: str) -> Unavailable:
    return Unavailable(
        "evaluator_key_unreadable",
        f"This host's key {path} {what}.",
        fix="Mend the file, or name another by ASSAY_EVALUATOR_KEY_FILE.",
        where=str(path),
    )
