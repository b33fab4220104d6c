"""What evaluators do: lease, beat, return outputs or a failure, fetch files."""

from dataclasses import asdict

from django.http.response import HttpResponseBase
from ninja import Path, Router, Status

from api.authentication import EVALUATOR, ApiRequest
from api.downloads import FILE_RESPONSE, send_blob
from api.schemas.common import Digest
from api.schemas.evaluator import (
    FailureBody,
    HeartbeatBody,
    JobAnswer,
    OutputsBody,
)
from assay.protocol.scoring import Output
from common.clock import database_now as now
from competitions import selectors
from competitions.services import evaluating, measuring

router = Router(auth=EVALUATOR, tags=["evaluator"])


@router.post("/evaluator/evaluations/{evaluation_id}/lease", response=JobAnswer)
def lease_evaluation(request: ApiRequest, evaluation_id: str) -> JobAnswer:
    """Take an evaluation for a while; 409 means that it is not to be had."""
    job = evaluating.lease(
        evaluation_id=evaluation_id, evaluator=request.auth.person, now=now()
    )
    return JobAnswer.model_validate(asdict(job))


@router.post("/evaluator/evaluations/{evaluation_id}/heartbeat", response={204: None})
def beat(
    request: ApiRequest,  # noqa: ARG001
    evaluation_id: str,
    body: HeartbeatBody,
) -> Status[None]:
    """Keep the lease and say how far the run is; 409 means stop."""
    evaluating.heartbeat(
        evaluation_id=evaluation_id, lease=body.lease, done=body.done, now=now()
    )
    return Status(204, None)


@router.post("/evaluator/evaluations/{evaluation_id}/outputs", response={204: None})
def return_outputs(
    request: ApiRequest,  # noqa: ARG001
    evaluation_id: str,
    body: OutputsBody,
) -> Status[None]:
    """Hand in what the model said; the scoring happens here."""
    measuring.record_outputs(
        evaluation_id=evaluation_id,
        lease=body.lease,
        outputs=[Output(o.id, tuple(o.scores), o.text) for o in body.outputs],
        digest=body.digest,
        engine_version=body.engine_version,
        usage=body.usage.model_dump(),
        certificate=body.receipt.model_dump(),
        now=now(),
    )
    return Status(204, None)


@router.post("/evaluator/evaluations/{evaluation_id}/failure", response={204: None})
def return_failure(
    request: ApiRequest,  # noqa: ARG001
    evaluation_id: str,
    body: FailureBody,
) -> Status[None]:
    """Say why there are no outputs; only the model's own fault counts."""
    evaluating.record_failure(
        evaluation_id=evaluation_id,
        lease=body.lease,
        fault=body.fault,
        code=body.code,
        sentence=body.sentence,
        usage=body.usage.model_dump(),
        now=now(),
    )
    return Status(204, None)


@router.get("/blobs/{sha256}", response=None, openapi_extra=FILE_RESPONSE)
def fetch_blob(request: ApiRequest, sha256: Path[Digest]) -> HttpResponseBase:
    """The bytes of inputs or of a model's file; never of answers."""
    return send_blob(request, selectors.blob_for_evaluator(sha256=sha256), name=sha256)
