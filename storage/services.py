"""Getting bytes in: uploads that resume, and small contents in one go."""

from datetime import datetime, timedelta
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, NotFound, TooLarge
from common.status import move
from storage import blobs
from storage.models import SHA256, Blob, Holding, Upload, UploadPart

PART_SIZE = 8 * 2**20
MAX_SIZE = 20 * 2**30
VALIDITY = timedelta(days=2)
MAX_OPEN_UPLOADS = 100


def begin_upload(
    *, owner: User, sha256: str, size: int, now: datetime
) -> Upload | None:
    """Start or resume the upload of one file.

    Returns:
        None when the owner holds these bytes already and nothing need be sent.

    Raises:
        Invalid, TooLarge: the digest or size cannot be.
        Conflict: too many uploads of this person are unfinished.
    """
    _check_claim(sha256=sha256, size=size)
    if Holding.objects.filter(blob_id=sha256, user=owner).exists():
        return None
    mine = Upload.objects.filter(owner=owner, status=Upload.Status.OPEN)
    for stale in mine.filter(expires_at__lte=now):
        _abort(stale)
    known = mine.filter(sha256=sha256).first()
    if known is not None and known.size == size:
        return known
    if known is not None:
        _abort(known)  # one of the two sizes is wrong, and this claim is the newer
    if mine.count() >= MAX_OPEN_UPLOADS:
        raise Conflict(
            "too_many_uploads",
            f"You have {MAX_OPEN_UPLOADS} unfinished uploads.",
            fix="Complete or abort some of them.",
        )
    try:
        with transaction.atomic():
            return Upload.objects.create(
                owner=owner,
                sha256=sha256,
                size=size,
                part_size=PART_SIZE,
                expires_at=now + VALIDITY,
            )
    except IntegrityError:
        return mine.get(sha256=sha256)


def _check_claim(*, sha256: str, size: int) -> None:
    try:
        SHA256(sha256)
    except ValidationError as error:
        raise Invalid("digest_invalid", error.messages[0], where="sha256") from error
    if size < 0:
        raise Invalid("size_invalid", "A size is 0 or more bytes.", where="size")
    if size > MAX_SIZE:
        raise TooLarge(
            "file_too_large",
            f"A file may have {MAX_SIZE} bytes; this one has {size}.",
            fix="Split it, or save the model in a smaller format.",
            where="size",
        )


def upload_of(*, owner: User, upload_id: str) -> Upload:
    """An open upload of this person's.

    Raises:
        NotFound: there is none, or it is finished.
    """
    try:
        upload = Upload.objects.filter(
            pk=upload_id, owner=owner, status=Upload.Status.OPEN
        ).first()
    except ValidationError:
        upload = None
    if upload is None:
        raise NotFound(
            "upload_not_found",
            "There is no such unfinished upload of yours.",
            fix="Begin it again; parts that were completed are not lost.",
        )
    return upload


def put_part(*, owner: User, upload_id: str, number: int, body: BinaryIO) -> UploadPart:
    """Store one part; sending it again replaces it.

    Raises:
        NotFound: the upload is not open.
        Invalid: no such part number, or the body has another length.
    """
    upload = upload_of(owner=owner, upload_id=upload_id)
    if not 1 <= number <= upload.part_count:
        raise Invalid(
            "part_number_invalid",
            f"This upload has parts 1 to {upload.part_count}; {number} is none.",
        )
    expected = upload.length_of(number)
    # One byte more is asked for, so that a longer body is not taken for a whole one.
    digest = blobs.write_part(
        str(upload.id), number, blobs.chunks(body, expected + 1), expected
    )
    part, _ = UploadPart.objects.update_or_create(
        upload=upload, number=number, defaults={"sha256": digest}
    )
    return part


def complete_upload(*, owner: User, upload_id: str, now: datetime) -> Blob:
    """Join the parts, check the digest of the whole, and keep the blob.

    Raises:
        Conflict: parts are missing.
        Invalid: the whole has another digest; the parts are dropped.
    """
    upload = upload_of(owner=owner, upload_id=upload_id)
    received = set(upload.parts.values_list("number", flat=True))
    missing = [n for n in range(1, upload.part_count + 1) if n not in received]
    if missing:
        raise Conflict(
            "parts_missing",
            f"{len(missing)} of {upload.part_count} parts have not arrived, "
            f"the first is {missing[0]}.",
            fix="Send them, then complete again.",
        )
    try:
        _, size = blobs.write_blob(
            blobs.read_parts(str(upload.id), upload.part_count), upload.sha256
        )
    except Invalid:
        _abort(upload)
        raise
    except FileNotFoundError:  # another request completed it, or gave it up, meanwhile
        return held_blob(owner=owner, sha256=upload.sha256)
    blob = _keep(owner=owner, sha256=upload.sha256, size=size)
    move(upload, Upload.Status.OPEN, Upload.Status.COMPLETE, expires_at=now)
    blobs.drop_parts(str(upload.id))
    return blob


def abort_upload(*, owner: User, upload_id: str) -> None:
    """Give an upload up and drop its parts."""
    _abort(upload_of(owner=owner, upload_id=upload_id))


def _abort(upload: Upload) -> None:
    if move(upload, Upload.Status.OPEN, Upload.Status.ABORTED):
        upload.parts.all().delete()
        blobs.drop_parts(str(upload.id))


def store_bytes(*, owner: User | None, content: bytes) -> Blob:
    """Keep a small content; without an owner it is held by nobody but the server."""
    sha256, size = blobs.write_blob([content])
    return _keep(owner=owner, sha256=sha256, size=size)


def store_file(*, owner: User | None, file: BinaryIO) -> Blob:
    """Keep what a file holds, a mebibyte at a time."""
    sha256, size = blobs.write_blob(blobs.chunks(file, MAX_SIZE))
    return _keep(owner=owner, sha256=sha256, size=size)


def held_blob(*, owner: User, sha256: str, where: str = "") -> Blob:
    """A blob that this person has shown to hold.

    Raises:
        Invalid: they never sent it.
    """
    holding = (
        Holding.objects.select_related("blob")
        .filter(blob_id=sha256, user=owner)
        .first()
    )
    if holding is None:
        raise Invalid(
            "blob_not_held",
            f"You have not uploaded a file with the SHA-256 {sha256}.",
            fix="Upload it first.",
            where=where,
        )
    return holding.blob


def _keep(*, owner: User | None, sha256: str, size: int) -> Blob:
    blob, _ = Blob.objects.get_or_create(pk=sha256, defaults={"size": size})
    if owner is not None:
        Holding.objects.get_or_create(blob=blob, user=owner)
    return blob
