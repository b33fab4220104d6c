"""Sending files: begin, put the parts, complete; each step can be repeated."""

from uuid import UUID

from ninja import Router, Status

from api.authentication import PERSON, ApiRequest
from api.schemas.uploads import (
    BlobAnswer,
    HeldAnswer,
    PartAnswer,
    UploadAnswer,
    UploadBody,
)
from common.bodies import sized_body
from common.clock import now
from storage import services
from storage.models import Upload

router = Router(auth=PERSON, tags=["uploads"])


def upload_answer(upload: Upload) -> UploadAnswer:
    """An upload with the numbers of the parts that have arrived."""
    return UploadAnswer(
        upload=upload.id,
        sha256=upload.sha256,
        size=upload.size,
        part_size=upload.part_size,
        part_count=upload.part_count,
        received=[part.number for part in upload.parts.all()],
        expires_at=upload.expires_at,
    )


@router.post("/uploads", response=UploadAnswer | HeldAnswer)
def begin_upload(request: ApiRequest, body: UploadBody) -> UploadAnswer | HeldAnswer:
    """Begin an upload, or resume the one of the same file.

    `held` is true when you have sent these bytes before; then there is nothing
    more to do.
    """
    upload = services.begin_upload(
        owner=request.auth.person, sha256=body.sha256, size=body.size, now=now()
    )
    return HeldAnswer() if upload is None else upload_answer(upload)


@router.get("/uploads/{upload_id}", response=UploadAnswer)
def show_upload(request: ApiRequest, upload_id: UUID) -> UploadAnswer:
    """An unfinished upload of yours, with the parts that have arrived."""
    upload = services.upload_of(owner=request.auth.person, upload_id=str(upload_id))
    return upload_answer(upload)


@router.put(
    "/uploads/{upload_id}/parts/{number}",
    response=PartAnswer,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        }
    },
)
def put_part(request: ApiRequest, upload_id: UUID, number: int) -> PartAnswer:
    """Send one part as the raw body, with its Content-Length.

    Sending a part again replaces it.
    """
    owner = request.auth.person
    upload = services.upload_of(owner=owner, upload_id=str(upload_id))
    known = 1 <= number <= upload.part_count
    part = services.put_part(
        owner=owner,
        upload_id=str(upload_id),
        number=number,
        body=sized_body(
            request, limit=upload.length_of(number) if known else upload.part_size
        ),
    )
    return PartAnswer(number=part.number, sha256=part.sha256)


@router.post("/uploads/{upload_id}/complete", response=BlobAnswer)
def complete_upload(request: ApiRequest, upload_id: UUID) -> BlobAnswer:
    """Join the parts and check the digest of the whole."""
    blob = services.complete_upload(
        owner=request.auth.person, upload_id=str(upload_id), now=now()
    )
    return BlobAnswer(sha256=blob.sha256, size=blob.size)


@router.delete("/uploads/{upload_id}", response={204: None})
def abort_upload(request: ApiRequest, upload_id: UUID) -> Status[None]:
    """Give an upload up and drop its parts."""
    services.abort_upload(owner=request.auth.person, upload_id=str(upload_id))
    return Status(204, None)
