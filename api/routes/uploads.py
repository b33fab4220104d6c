"""Sending files: begin, put the parts, complete; each step can be repeated."""

from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status

from accounts.models import User
from api.authentication import PERSON, SIGNED, ApiRequest
from api.downloads import BINARY, FILE_RESPONSE, send_bytes
from api.schemas.common import Digest
from api.schemas.uploads import (
    BlobAnswer,
    CopyAnswer,
    HeldAnswer,
    PartAnswer,
    SignBody,
    SignedAnswer,
    SignedPart,
    SourceAnswer,
    TornPart,
    UploadAnswer,
    UploadBody,
)
from assay.protocol.errors import NotFound
from common import throttling
from common.bodies import sized_body
from common.clock import now
from royalties.selectors import open_weights
from storage import services, stores
from storage.links import LIFE, PartLink, read_part_link
from storage.models import Blob, Upload

router = Router(auth=PERSON, tags=["uploads"])
Offset = Annotated[int, Query(ge=0, le=2**40)]


def upload_answer(upload: Upload) -> UploadAnswer:
    """An upload with the numbers of the parts that have arrived."""
    store = stores.current()
    torn = store.torn(upload.staging)
    return UploadAnswer(
        upload=upload.id,
        sha256=upload.sha256,
        size=upload.size,
        coming=upload.coming,
        copies=[
            CopyAnswer(at=at, length=length, source=source, offset=offset)
            for at, length, source, offset in upload.recipe
        ],
        part_size=upload.part_size,
        part_count=upload.part_count,
        received=sorted(store.parts(upload.staging)),
        torn=[TornPart(number=n, bytes=size) for n, size in sorted(torn.items())],
        expires_at=upload.expires_at,
    )


@router.post("/uploads", response=UploadAnswer | HeldAnswer)
def begin_upload(request: ApiRequest, body: UploadBody) -> UploadAnswer | HeldAnswer:
    """Begin an upload, or resume the one of the same file.

    `held` is true when you have sent these bytes before; then there is nothing
    more to do.
    """
    person = request.auth.person
    throttling.spend("upload", person=str(person.pk))
    upload = services.begin_upload(
        owner=person,
        sha256=body.sha256,
        size=body.size,
        now=now(),
        copies=[services.Copy(**copy.model_dump()) for copy in body.copies],
        opened=_opened(person) if body.copies else (),
    )
    return HeldAnswer() if upload is None else upload_answer(upload)


@router.get("/upload-sources", response=list[SourceAnswer])
def list_sources(request: ApiRequest) -> list[SourceAnswer]:
    """Files that a new one may share bytes with, and that you may read.

    They are the weights of base models and what you sent last. A new file that has
    blocks of theirs need not send those.
    """
    person = request.auth.person
    bases = open_weights(viewer=person, now=now())
    found = {blob.pk: blob for blob in (*services.own_sources(person), *bases)}
    return [SourceAnswer(sha256=b.sha256, size=b.size) for b in found.values()]


@router.get("/upload-sources/blocks", response=None, openapi_extra=FILE_RESPONSE)
def fetch_blocks(request: ApiRequest, sha256: Query[Digest]) -> HttpResponse:
    """The blocks of such a file: offset (u64), length (u32), SHA-256, little-endian.

    Safetensors are cut at their tensors and each of those into blocks of 64 KiB from
    its beginning; other files into blocks from theirs.
    """
    person = request.auth.person
    blob = Blob.objects.filter(pk=sha256).first()
    if blob is None or not services.may_copy(person, sha256, _opened(person)):
        raise NotFound("source_not_open", "You cannot copy from such a file.")
    name = f"{sha256}.blocks"
    return send_bytes(services.block_map(blob), name=name, media_type=BINARY)


def _opened(person: User) -> set[str]:
    return {blob.pk for blob in open_weights(viewer=person, now=now())}


@router.get("/uploads/{upload_id}", response=UploadAnswer)
def show_upload(request: ApiRequest, upload_id: UUID) -> UploadAnswer:
    """An unfinished upload of yours, with the parts that have arrived."""
    upload = services.upload_of(owner=request.auth.person, upload_id=str(upload_id))
    return upload_answer(upload)


@router.post("/uploads/{upload_id}/sign", response=SignedAnswer)
def sign_parts(request: ApiRequest, upload_id: UUID, body: SignBody) -> SignedAnswer:
    """Get links to send parts to: here, or straight to the bucket.

    Each link takes one part, if its bytes have the digest that was named, and may be
    used more than once until it ends.
    """
    throttling.spend("upload", person=str(request.auth.person.pk))
    digests = {part.number: part.sha256 for part in body.parts}
    expires_at = now() + LIFE
    targets = services.sign_parts(
        owner=request.auth.person, upload_id=str(upload_id), digests=digests
    )
    parts = [
        SignedPart(number=number, url=target.url, headers=dict(target.headers))
        if target
        else _own_link(request, upload_id, number, digests[number])
        for number, target in targets.items()
    ]
    return SignedAnswer(parts=parts, expires_at=expires_at)


def _own_link(
    request: ApiRequest, upload_id: UUID, number: int, sha256: str
) -> SignedPart:
    token = request.auth.token
    link = PartLink(
        user=str(request.auth.person.pk),
        token=str(token.pk) if token else "",
        upload=str(upload_id),
        number=number,
        sha256=sha256,
    )
    url = f"/api/uploads/parts/{link.sign()}"
    return SignedPart(number=number, url=url, headers={})


@router.put(
    "/uploads/parts/{secret}",
    response=PartAnswer,
    auth=SIGNED,
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
def put_part(request: ApiRequest, secret: str, offset: Offset = 0) -> PartAnswer:
    """Send one part as the raw body, with its Content-Length, to a link from `sign`.

    Of a part that broke off, `torn` says how many bytes are here: with that `offset`,
    the body is the rest. Sending a part again replaces it.
    """
    link, owner = read_part_link(secret), request.auth.person
    upload = services.upload_of(owner=owner, upload_id=link.upload)
    part = services.put_part(
        owner=owner,
        upload_id=link.upload,
        number=link.number,
        body=sized_body(request, limit=max(0, upload.length_of(link.number) - offset)),
        sha256=link.sha256,
        offset=offset,
    )
    return PartAnswer(number=part.number, sha256=part.sha256)


@router.post("/uploads/{upload_id}/complete", response=BlobAnswer)
def complete_upload(request: ApiRequest, upload_id: UUID) -> BlobAnswer:
    """Join the parts and check the digest of the whole."""
    throttling.spend("upload", person=str(request.auth.person.pk))
    blob = services.complete_upload(
        owner=request.auth.person, upload_id=str(upload_id), now=now()
    )
    return BlobAnswer(sha256=blob.sha256, size=blob.size)


@router.delete("/uploads/{upload_id}", response={204: None})
def abort_upload(request: ApiRequest, upload_id: UUID) -> Status[None]:
    """Give an upload up and drop its parts."""
    services.abort_upload(owner=request.auth.person, upload_id=str(upload_id))
    return Status(204, None)
