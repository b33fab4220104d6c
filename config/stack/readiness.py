"""Asking a running stack whether it is ready, over HTTP as anyone would."""

import http.client
import json
from dataclasses import dataclass
from datetime import datetime

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Readiness:
    """What ``/readyz`` said.

    Args:
        sentence: the first thing that is wrong; empty when nothing is.
        worker_seen_at: when a worker last did something.
    """

    ready: bool
    sentence: str
    worker_seen_at: datetime | None = None

    def since(self, moment: datetime) -> bool:
        """Whether it is ready by the work of a worker that lived after ``moment``."""
        seen = self.worker_seen_at
        return self.ready and seen is not None and seen >= moment


def ask(port: int) -> Readiness:
    """The readiness of the server on a loopback port, also while it starts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return _read(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        return Readiness(False, f"The web server does not answer: {error}.")
    finally:
        connection.close()


def _read(status: int, body: bytes) -> Readiness:
    try:
        checks = json.loads(body)["checks"]
        wrong = [check["sentence"] for check in checks.values() if not check["ok"]]
        seen = checks["worker"].get("seen_at")
    except (ValueError, KeyError, TypeError):
        return Readiness(False, f"/readyz answered {status} and no report.")
    return Readiness(
        ready=status == http.client.OK and not wrong,
        sentence=" ".join(wrong),
        worker_seen_at=datetime.fromisoformat(seen) if seen else None,
    )
