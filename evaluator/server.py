"""The platform as an evaluator sees it: lease, beat, fetch, return.

A request that fails on the way, or because the platform is busy, is sent again a few
times. Every answer that is no success becomes a refusal with the platform's own code.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from assay.protocol.canonical import Json
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    Unauthenticated,
    Unavailable,
)
from assay.protocol.manifest import ManifestFile
from assay.protocol.scoring import outputs_digest
from evaluator.job import Limits, Measured, ModelFailed, Usage

Answer = TypeVar("Answer")

PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
_LONGEST_SENTENCE = 2000
_BEAT_TIMEOUT = httpx2.Timeout(5.0)  # the jail is not watched while a beat waits
_REFUSALS: Mapping[int, type[Refusal]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}


@dataclass(frozen=True)
class Lease:
    """An evaluation that is ours for ``seconds`` after each sign of life."""

    evaluation: str
    token: str
    seconds: int
    leased_at: datetime
    split: str
    task_type: str
    options: Mapping[str, Any]
    metric: str
    precision: str
    adapter: bool
    model_files: tuple[ManifestFile, ...]
    base_files: tuple[ManifestFile, ...]
    inputs: ManifestFile
    limits: Limits


class Server:
    """One connection to the platform, for one task.

    Args:
        endpoint: the platform's address without a slash at its end.
        token: an API token that may evaluate.
        request_id: goes into every request, so that logs on both sides meet.
        pause: waits some seconds before a request is sent again.
    """

    def __init__(
        self,
        endpoint: str,
        token: str,
        request_id: str,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": request_id}
        self._http = httpx2.Client(
            base_url=f"{endpoint}/api", headers=headers, timeout=_TIMEOUT
        )
        self._pause = pause
        self.endpoint = endpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def lease(self, evaluation: str) -> Lease:
        """Take the evaluation.

        Raises:
            Conflict: it is done or held by another.
            Unavailable: the platform cannot be reached.
        """
        answer = self.again(lambda: self._post(evaluation, "lease", {}))
        try:
            return _lease(answer.json())
        except (KeyError, TypeError, ValueError, Refusal) as error:
            raise Invalid(
                "lease_unreadable", f"The platform's lease cannot be read: {error!r}."
            ) from error

    def register_key(self, *, public: str, signature: str, replaces: str) -> None:
        """Have a public key count as this host's.

        Raises:
            Conflict: it is another operator's, or counts no more.
            Unavailable: the platform cannot be reached.
        """
        values = {"public": public, "signature": signature, "replaces": replaces}
        self.again(lambda: self._send("/evaluator/keys", values))

    def beat(self, lease: Lease, done: int, total: int) -> None:
        """Say how far the run is, once: the next beat makes up for a lost one.

        Raises:
            Conflict: the lease is lost.
            Unavailable: the platform cannot be reached just now.
        """
        values = {"lease": lease.token, "done": done, "total": total}
        self._post(lease.evaluation, "heartbeat", values, _BEAT_TIMEOUT)

    def return_outputs(
        self, lease: Lease, measured: Measured, receipt: Mapping[str, Json]
    ) -> None:
        """Hand in what the model said, with the signed receipt.

        Raises:
            Conflict: the lease is lost.
            Invalid: the platform does not take these outputs.
        """
        values = {
            "lease": lease.token,
            "outputs": [output.to_row() for output in measured.outputs],
            "digest": outputs_digest(measured.outputs),
            "engine_version": measured.engine_version,
            "usage": asdict(measured.usage),
            "receipt": dict(receipt),
        }
        self.again(lambda: self._post(lease.evaluation, "outputs", values))

    def return_failure(
        self, lease: Lease, *, fault: str, code: str, sentence: str, usage: Usage | None
    ) -> None:
        """Say why there are no outputs; ``fault`` is ``model`` or ``platform``."""
        values: dict[str, Any] = {
            "lease": lease.token,
            "fault": fault,
            "code": code,
            "sentence": sentence[:_LONGEST_SENTENCE],
        }
        if usage is not None:
            values["usage"] = asdict(usage)
        self.again(lambda: self._post(lease.evaluation, "failure", values))

    def return_model_failure(self, lease: Lease, failed: ModelFailed) -> None:
        """The model's own failure, which counts."""
        self.return_failure(
            lease,
            fault="model",
            code=failed.code,
            sentence=failed.sentence,
            usage=failed.usage,
        )

    @contextmanager
    def blob(self, sha256: str, start: int) -> Iterator[Iterator[bytes]]:
        """The pieces of a stored file from byte ``start`` on.

        Raises:
            Unavailable: the connection fails, now or between two pieces.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        with (
            _network(),
            # A bucket sends its files itself, and is not told our token.
            self._http.stream(
                "GET", f"/blobs/{sha256}", headers=headers, follow_redirects=True
            ) as answer,
        ):
            if answer.status_code >= 400:
                answer.read()
            _refuse(answer)
            if start and answer.status_code != 206:
                raise Unavailable("range_ignored", "The platform ignored a range.")
            yield answer.iter_bytes()

    def again(self, attempt: Callable[[], Answer]) -> Answer:
        """Try until it works, a few times; the last ``Unavailable`` comes out."""
        for seconds in PAUSES_SECONDS:
            try:
                return attempt()
            except Unavailable:
                self._pause(seconds)
        return attempt()

    def _post(
        self,
        evaluation: str,
        verb: str,
        values: Mapping[str, Any],
        timeout: httpx2.Timeout = _TIMEOUT,
    ) -> httpx2.Response:
        return self._send(
            f"/evaluator/evaluations/{evaluation}/{verb}", values, timeout
        )

    def _send(
        self,
        path: str,
        values: Mapping[str, Any],
        timeout: httpx2.Timeout = _TIMEOUT,
    ) -> httpx2.Response:
        with _network():
            answer = self._http.post(path, json=values, timeout=timeout)
        _refuse(answer)
        return answer


@contextmanager
def _network() -> Iterator[None]:
    """Whatever goes wrong on the way is one refusal, which may be tried again."""
    try:
        yield
    except httpx2.HTTPError as error:
        raise Unavailable(
            "platform_unreachable",
            f"The platform cannot be reached: {type(error).__name__}: {error}.",
        ) from error


def _refuse(answer: httpx2.Response) -> None:
    status = answer.status_code
    if status < 400:
        return
    code, sentence = _error(answer)
    if status == 429 or status >= 500:
        raise Unavailable(code, sentence)
    raise _REFUSALS.get(status, Invalid)(code, sentence)


def _error(answer: httpx2.Response) -> tuple[str, str]:
    try:
        error = answer.json()["error"]
        return str(error["code"]), str(error["sentence"])
    except (ValueError, KeyError, TypeError):
        status = answer.status_code
        return f"http_{status}", f"The platform answered with status {status}."


def _lease(values: Mapping[str, Any]) -> Lease:
    inputs = {"path": "inputs.jsonl"} | values["inputs"]
    limits = values["limits"]
    return Lease(
        evaluation=str(values["evaluation"]),
        token=str(values["lease"]),
        seconds=int(values["lease_seconds"]),
        leased_at=datetime.fromisoformat(values["leased_at"]),
        split=str(values["split"]),
        task_type=str(values["task_type"]),
        options=dict(values["options"]),
        metric=str(values["metric"]),
        precision=str(values["precision"]),
        adapter=bool(values["adapter"]),
        model_files=tuple(map(_file, values["model_files"])),
        base_files=tuple(map(_file, values["base_files"])),
        inputs=_file(inputs),
        limits=Limits(
            memory_bytes=int(limits["memory_bytes"]),
            cpu_seconds=int(limits["cpu_seconds"]),
            wall_seconds=int(limits["wall_seconds"]),
        ),
    )


def _file(values: Mapping[str, Any]) -> ManifestFile:
    return ManifestFile(
        path=values["path"], size=int(values["size"]), sha256=values["sha256"]
    )
