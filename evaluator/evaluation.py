"""One evaluation from its lease to its result."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeAlias

import structlog

from assay.protocol.canonical import Json
from assay.protocol.errors import Conflict, NotFound, Refusal, Unavailable
from assay.protocol.manifest import ManifestFile
from evaluator.blobs import BlobCache
from evaluator.job import JailFailed, Job, Limits, Measured, ModelFailed, Outcome
from evaluator.server import Lease, Server
from evaluator.signing import introduce, receipt_of

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.0
Contain: TypeAlias = Callable[[Job, Limits, Callable[[int, int], bool]], Outcome]


class Pulse:
    """Keeps a lease alive while work goes on.

    Args:
        clock: seconds that only grow.
    """

    def __init__(
        self, server: Server, lease: Lease, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server, self._lease, self._clock = server, lease, clock
        self._next = clock()
        self._last = (0, 0)
        self.lost = False

    def __call__(self, done: int, total: int) -> bool:
        """Beat if it is time to; False once the lease is lost.

        A beat that does not get through is only noted: the lease outlives several.
        """
        self._last = (done, total)
        if self.lost or self._clock() < self._next:
            return not self.lost
        self._next = self._clock() + BEAT_SECONDS
        try:
            self._server.beat(self._lease, done, total)
        except (Conflict, NotFound):
            self.lost = True
        except Refusal as refusal:
            log.warning("evaluation.beat_missed", reason=refusal.sentence)
        return not self.lost

    def keep(self) -> None:
        """A beat without news.

        Raises:
            Conflict: the lease is lost.
        """
        if not self(*self._last):
            raise Conflict("lease_lost", "This lease is no longer in force: stop.")


def evaluate(
    evaluation: str, *, server: Server, cache: BlobCache, contain: Contain, seed: bytes
) -> None:
    """Lease the evaluation, run it in the jail and return what came of it.

    Does nothing when it is not to be had or the lease is lost on the way.

    Args:
        contain: ``run_in_jail``.
        seed: this host's private key.

    Raises:
        Unavailable: the platform cannot be reached; the lease will lapse.
    """
    introduce(server, seed)
    try:
        lease = server.lease(evaluation)
    except (Conflict, NotFound) as refusal:
        log.info("evaluation.not_available", reason=refusal.sentence)
        return
    log.info("evaluation.leased", task_type=lease.task_type, adapter=lease.adapter)
    try:
        _carry_out(lease, server, cache, contain, seed)
    except Conflict:
        log.warning("evaluation.lease_lost")


def _carry_out(
    lease: Lease, server: Server, cache: BlobCache, contain: Contain, seed: bytes
) -> None:
    begun = time.monotonic()
    pulse = Pulse(server, lease)
    with tempfile.TemporaryDirectory(dir=cache.folder, prefix="job-") as folder:
        try:
            job = _lay_out(lease, server, cache, Path(folder), pulse)
        except (Conflict, Unavailable):
            raise
        except Refusal as refusal:
            outcome: Outcome = JailFailed(refusal.code, refusal.sentence)
        else:
            outcome = contain(job, lease.limits, pulse)
    cache.trim()
    if pulse.lost:
        raise Conflict("lease_lost", "This lease is no longer in force.")
    elapsed = timedelta(seconds=time.monotonic() - begun)
    _return(lease, outcome, server, partial(receipt_of, seed=seed, elapsed=elapsed))


def _lay_out(
    lease: Lease, server: Server, cache: BlobCache, folder: Path, pulse: Pulse
) -> Job:
    """Fetch the files and link them into folders as the engine wants them."""

    def laid(name: str, files: Sequence[ManifestFile]) -> Path:
        for file in files:
            blob = cache.fetch(file, server, pulse.keep)
            _link(blob, folder / name / file.path)
        return folder / name

    base = laid("base", lease.base_files)
    return Job(
        task_type=lease.task_type,
        options=lease.options,
        model_dir=laid("model", lease.model_files),
        base_dir=base if lease.adapter else None,
        inputs=laid("inputs", [lease.inputs]) / lease.inputs.path,
        tokenizer_dir=base,
    )


def _link(blob: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(blob, path)  # outlives the cache's trimming
    except OSError:
        shutil.copyfile(blob, path)


def _return(
    lease: Lease, outcome: Outcome, server: Server, sign: Callable[..., dict[str, Json]]
) -> None:
    match outcome:
        case Measured():
            _return_outputs(lease, outcome, server, sign)
        case ModelFailed():
            server.return_model_failure(lease, outcome)
            log.info("evaluation.model_failed", code=outcome.code)
        case JailFailed(code, sentence):
            _return_fault(lease, code, sentence, server)


def _return_outputs(
    lease: Lease,
    measured: Measured,
    server: Server,
    sign: Callable[..., dict[str, Json]],
) -> None:
    try:
        server.return_outputs(lease, measured, sign(lease, measured))
    except (Conflict, Unavailable):
        raise
    except Refusal as refusal:
        # inputs and outputs are both the platform's: never the miner's fault
        _return_fault(lease, refusal.code, refusal.sentence, server)
    else:
        log.info("evaluation.returned", examples=len(measured.outputs))


def _return_fault(lease: Lease, code: str, sentence: str, server: Server) -> None:
    server.return_failure(
        lease, fault="platform", code=code, sentence=sentence, usage=None
    )
    log.error("evaluation.platform_failed", code=code, reason=sentence)
