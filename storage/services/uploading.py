"""Getting files in: begin, sign and put parts in any order, complete; or give up.

Every step can be repeated, from another process or host too. Which parts have arrived
the store itself knows, so that parts may go to it without passing here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256 as sha256_of
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol.errors import (
    Conflict,
    Invalid,
    LimitReached,
    NotFound,
    Refusal,
    TooLarge,
)
from common.status import move
from storage import stores
from storage.links import LIFE
from storage.models import SHA256, Blob, Holding, Upload, UploadSource
from storage.selectors import used_bytes
from storage.services.keeping import held_blob, keep
from storage.services.sharing import Copy, assembled, checked_recipe
from storage.stores.refusals import upload_gone

PART_SIZE = 8 * 2**20
MAX_SIZE = 20 * 2**30
VALIDITY = timedelta(days=2)
MAX_OPEN_UPLOADS = 100
READ_SIZE = 256 * 1024
Recipe = list[tuple[int, int, str, int]]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A part that has arrived whole."""

    number: int
    sha256: str


def begin_upload(
    *,
    owner: User,
    sha256: str,
    size: int,
    now: datetime,
    copies: Sequence[Copy] = (),
    opened: Collection[str] = (),
) -> Upload | None:
    """Start or resume the upload of one file.

    One that is resumed keeps what it copies; only before anything was sent can that
    be said anew, by which it becomes another upload.

    Args:
        copies: what need not be sent, because other blobs have it.
        opened: digests that the owner may copy from, besides what they hold.

    Returns:
        None when the owner holds these bytes already and nothing need be sent.

    Raises:
        Invalid, TooLarge: the digest, size or copies cannot be.
        Conflict: too many uploads of this person are unfinished.
        LimitReached: the person would hold more bytes than one may.
        Unavailable: the store is full, or does not answer.
    """
    _check_claim(sha256=sha256, size=size)
    held = Holding.objects.filter(blob_id=sha256, user=owner)
    if held.exists():
        Blob.objects.filter(pk=sha256).update(touched_at=now)
        return None
    mine = Upload.objects.filter(owner=owner, status=Upload.Status.OPEN)
    for stale in mine.filter(expires_at__lte=now):
        give_up(stale)
    known = mine.filter(sha256=sha256).first()
    if known is not None and (known.size != size or (copies and _is_fresh(known))):
        # Of two sizes one is wrong, and this claim is the newer; or it was begun only
        # to see whether anything need be sent.
        give_up(known)
        known = None
    if known is None:
        recipe = checked_recipe(owner=owner, size=size, copies=copies, opened=opened)
        known = _opened(owner, sha256, size, now, recipe)
    return _with_room(known)


def _is_fresh(upload: Upload) -> bool:
    """Whether nothing of it has arrived yet."""
    store = stores.current()
    here = store.parts(upload.staging) or store.torn(upload.staging)
    return not (upload.recipe or here)


def _opened(
    owner: User, sha256: str, size: int, now: datetime, recipe: Recipe
) -> Upload:
    _require_room(owner, size)
    mine = Upload.objects.filter(owner=owner, status=Upload.Status.OPEN)
    if mine.count() >= MAX_OPEN_UPLOADS:
        raise Conflict(
            "too_many_uploads",
            f"You have {MAX_OPEN_UPLOADS} unfinished uploads.",
            fix="Complete or abort some of them.",
        )
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                owner=owner,
                sha256=sha256,
                size=size,
                part_size=PART_SIZE,
                recipe=recipe,
                expires_at=now + VALIDITY,
            )
            for source in sorted({source for _, _, source, _ in recipe}):
                UploadSource.objects.create(upload=upload, blob_id=source)
            return upload
    except IntegrityError:
        return mine.get(sha256=sha256)


def _require_room(owner: User, size: int) -> None:
    used, limit = used_bytes(owner), settings.USER_BYTES
    if used + size > limit:
        raise LimitReached(
            "storage_quota",
            f"You hold {used} bytes here, uploads under way included; this file would "
            f"make it more than {limit}.",
            fix="Files that you uploaded and used for nothing are deleted after "
            f"{settings.KEEP_UNUSED_DAYS} days; abort uploads that you do not need.",
        )


def _with_room(upload: Upload) -> Upload:
    """The upload with a place for its parts in the store.

    Of two who make one at once the first is kept; one that S3 opened in vain is
    found by the collector.
    """
    session = stores.current().begin(upload.staging)
    if session == upload.session:
        return upload
    same = Upload.objects.filter(pk=upload.pk, session=upload.session)
    if same.update(session=session):
        upload.session = session
    else:
        upload.refresh_from_db(fields=["session"])
    return upload


def _check_claim(*, sha256: str, size: int) -> None:
    _check_digest(sha256)
    if size < 0:
        raise Invalid("size_invalid", "A size is 0 or more bytes.", where="size")
    if size > MAX_SIZE:
        raise TooLarge(
            "file_too_large",
            f"A file may have {MAX_SIZE} bytes; this one has {size}.",
            fix="Split it, or save the model in a smaller format.",
            where="size",
        )


def _check_digest(sha256: str) -> None:
    try:
        SHA256(sha256)
    except ValidationError as error:
        raise Invalid("digest_invalid", error.messages[0], where="sha256") from error


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
        raise upload_gone()
    return upload


def sign_parts(
    *, owner: User, upload_id: str, digests: Mapping[int, str]
) -> dict[int, stores.PartTarget | None]:
    """Where parts can be sent directly, by number; None: through the web server.

    Raises:
        NotFound: the upload is not open.
        Invalid: no such part, or no such digest.
    """
    upload = upload_of(owner=owner, upload_id=upload_id)
    seconds = int(LIFE.total_seconds())
    targets = {}
    for number, sha256 in digests.items():
        _check_number(upload, number)
        _check_digest(sha256)
        size = upload.length_of(number)
        targets[number] = stores.current().target(
            upload.staging, number, sha256, size, seconds
        )
    return targets


def put_part(
    *,
    owner: User,
    upload_id: str,
    number: int,
    body: BinaryIO,
    sha256: str = "",
    offset: int = 0,
) -> Arrived:
    """Store one part; sending it again replaces it.

    Memory holds the part. What came of one that broke off is kept, and the next try
    may leave it out.

    Args:
        sha256: what the part's digest must be, if that was said.
        offset: how many bytes of it came earlier and are left out of ``body``.

    Raises:
        NotFound: the upload is not open.
        Invalid: no such part number, or the body has another length or digest.
        Conflict: fewer or more bytes than ``offset`` are here.
    """
    upload = upload_of(owner=owner, upload_id=upload_id)
    _check_number(upload, number)
    content = _Part(upload, number)
    content.begin(offset)
    try:
        content.fill(body)
    except BaseException:
        content.save()
        raise
    return content.finish(sha256)


class _Part:
    """One part on its way into the store."""

    def __init__(self, upload: Upload, number: int) -> None:
        self._upload, self._number = upload, number
        self._store = stores.current()
        self._buffer = bytearray(upload.length_of(number))
        self._filled = 0

    def begin(self, offset: int) -> None:
        """Take up what came before."""
        if not offset:
            return
        known = self._store.read_torn(self._upload.staging, self._number)
        if len(known) != offset or offset > len(self._buffer):
            raise Conflict(
                "offset_mismatch",
                f"{len(known)} bytes of part {self._number} are here, not {offset}.",
                fix="Send the part from its beginning.",
                where="offset",
            )
        self._buffer[:offset] = known
        self._filled = offset

    def fill(self, body: BinaryIO) -> None:
        """Read what is missing, and see that it ends there."""
        size = len(self._buffer)
        # One byte more is asked for, so that a longer body is not taken for a whole.
        while piece := body.read(min(READ_SIZE, size - self._filled + 1)):
            if len(piece) > size - self._filled:
                raise _part_length(self._number, "more arrived", size)
            self._buffer[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
        if self._filled < size:
            raise _part_length(self._number, f"{self._filled} arrived", size)

    def save(self) -> None:
        """Keep the beginning for the next try."""
        if 0 < self._filled < len(self._buffer):
            begun = memoryview(self._buffer)[: self._filled]
            self._store.save_torn(self._upload.staging, self._number, begun)

    def finish(self, expected: str) -> Arrived:
        """Check the digest and store the part."""
        content = memoryview(self._buffer)
        found = sha256_of(content).hexdigest()
        if expected and found != expected:
            self._store.save_torn(self._upload.staging, self._number, content[:0])
            raise Invalid(
                "part_digest_mismatch",
                f"Part {self._number} arrived with SHA-256 {found}, not {expected}.",
                fix="Send the part again, from its beginning.",
            )
        self._store.put_part(self._upload.staging, self._number, content, found)
        return Arrived(self._number, found)


def _check_number(upload: Upload, number: int) -> None:
    if not 1 <= number <= upload.part_count:
        raise Invalid(
            "part_number_invalid",
            f"This upload has parts 1 to {upload.part_count}; {number} is none.",
        )


def _part_length(number: int, found: str, size: int) -> Invalid:
    return Invalid(
        "part_length_invalid",
        f"Part {number} has {size} bytes; {found}.",
        fix="Send the part again.",
    )


def complete_upload(*, owner: User, upload_id: str, now: datetime) -> Blob:
    """Join the parts, check the digest of the whole, and keep the blob.

    Raises:
        Conflict: parts are missing.
        Invalid: the whole has another digest; the parts are dropped.
        NotFound: the upload is not open.
    """
    upload = upload_of(owner=owner, upload_id=upload_id)
    store, blob = stores.current(), None
    try:
        _require_parts(upload, store.parts(upload.staging))
        with store.joined(upload.staging) as joined:
            draft = _whole(upload, joined)
            if (draft.sha256, draft.size) == (upload.sha256, upload.size):
                blob = keep(owner=owner, draft=draft)
                move(upload, Upload.Status.OPEN, Upload.Status.COMPLETE, expires_at=now)
            elif draft is not joined:
                store.discard(draft)
    except (Conflict, NotFound) as refusal:
        return _finished_by_another(upload, refusal)
    if blob is None:
        give_up(upload)
        raise Invalid(
            "digest_mismatch",
            f"The bytes that arrived have the SHA-256 {draft.sha256}, not "
            f"{upload.sha256}.",
            fix="Send the file again.",
        )
    upload.sources.all().delete()
    store.drop(upload.staging)
    return blob


def _whole(upload: Upload, joined: stores.Draft) -> stores.Draft:
    """The file itself: what was sent, or that and what is copied."""
    if not upload.recipe:
        return joined
    store = stores.current()
    with store.reread(joined) as sent:
        return store.write(assembled(upload, sent))


def _finished_by_another(upload: Upload, refusal: Refusal) -> Blob:
    """What another request completed while this one looked; else the refusal."""
    upload.refresh_from_db(fields=["status"])
    if upload.status != Upload.Status.COMPLETE:
        raise refusal
    return held_blob(owner=upload.owner, sha256=upload.sha256)


def _require_parts(upload: Upload, received: Mapping[int, str]) -> None:
    missing = [n for n in range(1, upload.part_count + 1) if n not in received]
    if missing:
        raise Conflict(
            "parts_missing",
            f"{len(missing)} of {upload.part_count} parts have not arrived, "
            f"the first is {missing[0]}.",
            fix="Send them, then complete again.",
        )


def abort_upload(*, owner: User, upload_id: str) -> None:
    """Give an upload up and drop its parts."""
    give_up(upload_of(owner=owner, upload_id=upload_id))


def give_up(upload: Upload) -> None:
    """End an open upload, whoever asked; one that is finished stays as it is."""
    if move(upload, Upload.Status.OPEN, Upload.Status.ABORTED):
        upload.sources.all().delete()
        stores.current().drop(upload.staging)
