"""An S3 bucket as store.

    blobs/ab/ab…    a blob, copied here after it was read back and is right
    incoming/…      drafts
    uploads/ID      where the parts of an upload are joined

Parts are S3's own: they go to the bucket by presigned addresses, each bound to one
part and its SHA-256, which S3 checks. S3 knows no SHA-256 of a whole object that came
in parts, so the joined object is read once and hashed before it is copied under its
digest. Once it is joined no part can be added: S3 forgets the session.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.utils.http import content_disposition_header

from assay.protocol.errors import NotFound
from storage.address import BucketAddress
from storage.stores.client import S3
from storage.stores.refusals import blob_missing, upload_gone
from storage.stores.store import Draft, PartTarget, Staging, Stored
from storage.stores.streams import HashedPieces, RangedObject, buffered

PIECE = 2**20


class Bucket:
    """A bucket of any server that speaks S3, with credentials from the environment."""

    def __init__(self, address: BucketAddress) -> None:
        self._prefix = address.prefix
        self._s3 = S3(address)

    def open(self, sha256: str) -> BinaryIO:
        """As ``Store.open``; read by ranges."""
        key = self._blob(sha256)
        try:
            size = int(self._s3.call("head_object", Key=key)["ContentLength"])
        except NotFound as error:
            raise blob_missing() from error
        return buffered(RangedObject(lambda start: self._body(key, start), size))

    def write(self, pieces: Iterable[bytes]) -> Draft:
        """As ``Store.write``; memory holds a few parts."""
        key = f"{self._prefix}incoming/{uuid4()}"
        reader = HashedPieces(pieces)
        self._s3.upload(cast("BinaryIO", reader), key)
        return Draft(reader.sha256, reader.size, key)

    def publish(self, draft: Draft) -> None:
        """As ``Store.publish``: a copy inside the bucket, whole or not at all."""
        self._s3.copy(draft.place, self._blob(draft.sha256))
        self.discard(draft)

    def discard(self, draft: Draft) -> None:
        """As ``Store.discard``."""
        self._s3.call("delete_object", Key=draft.place)

    def delete(self, sha256: str) -> None:
        """As ``Store.delete``."""
        self._s3.call("delete_object", Key=self._blob(sha256))

    def download_url(self, sha256: str, *, name: str, seconds: int) -> str | None:
        """As ``Store.download_url``: presigned, and names the file for who saves it."""
        disposition = content_disposition_header(as_attachment=True, filename=name)
        return self._s3.presigned(
            "get_object",
            seconds,
            Key=self._blob(sha256),
            ResponseContentDisposition=disposition,
            ResponseContentType="application/octet-stream",
        )

    def begin(self, staging: Staging) -> str:
        """As ``Store.begin``: S3's id of a multipart upload."""
        if staging.session and (self._lives(staging) or self._is_joined(staging)):
            return staging.session
        answer = self._s3.call(
            "create_multipart_upload",
            Key=self._joined(staging.upload),
            ChecksumAlgorithm="SHA256",
        )
        return str(answer["UploadId"])

    def target(
        self, staging: Staging, number: int, sha256: str, size: int, seconds: int
    ) -> PartTarget | None:
        """As ``Store.target``: S3 refuses bytes of another digest or length."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        url = self._s3.presigned(
            "upload_part",
            seconds,
            Key=self._joined(staging.upload),
            UploadId=staging.session,
            PartNumber=number,
            ContentLength=size,
            ChecksumSHA256=checksum,
        )
        return PartTarget(url, {"x-amz-checksum-sha256": checksum})

    def put_part(
        self, staging: Staging, number: int, content: memoryview, sha256: str
    ) -> None:
        """As ``Store.put_part``, for clients that cannot send to the bucket."""
        try:
            self._s3.call(
                "upload_part",
                Key=self._joined(staging.upload),
                UploadId=staging.session,
                PartNumber=number,
                Body=bytes(content),
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
            )
        except NotFound as error:
            raise upload_gone() from error

    def parts(self, staging: Staging) -> dict[int, str]:
        """As ``Store.parts``: what S3 lists; of those already joined, the numbers."""
        try:
            listed = self._listed(staging)
        except NotFound:
            joined = self._is_joined(staging)
            return dict.fromkeys(range(1, staging.part_count + 1), "") if joined else {}
        return {int(part["PartNumber"]): _hex(part) for part in listed}

    def save_torn(self, staging: Staging, number: int, content: memoryview) -> None:
        """Nothing: S3 keeps whole parts only."""

    def torn(self, staging: Staging) -> dict[int, int]:
        """None: S3 keeps whole parts only."""
        return {}

    def read_torn(self, staging: Staging, number: int) -> bytes:
        """Nothing: S3 keeps whole parts only."""
        return b""

    @contextmanager
    def joined(self, staging: Staging) -> Iterator[Draft]:
        """As ``Store.joined``; reads the object back to hash it."""
        key = self._joined(staging.upload)
        self._join(staging, key)
        hasher, size = hashlib.sha256(), 0
        try:
            body = self._body(key, 0)
        except NotFound as error:
            raise upload_gone() from error
        for piece in iter(lambda: body.read(PIECE), b""):
            hasher.update(piece)
            size += len(piece)
        yield Draft(hasher.hexdigest(), size, key)

    def reread(self, draft: Draft) -> BinaryIO:
        """As ``Store.reread``."""
        place = draft.place
        return buffered(RangedObject(lambda at: self._body(place, at), draft.size))

    def drop(self, staging: Staging) -> None:
        """As ``Store.drop``."""
        key = self._joined(staging.upload)
        with _gone_is_fine():
            self._s3.call("abort_multipart_upload", Key=key, UploadId=staging.session)
        self._s3.call("delete_object", Key=key)

    def blobs(self) -> Iterator[Stored]:
        """As ``Store.blobs``."""
        return self._keys("blobs/")

    def stagings(self) -> Iterator[Stored]:
        """As ``Store.stagings``: parts that wait, and what was joined of them."""
        yield from self._keys("uploads/")
        prefix = f"{self._prefix}uploads/"
        for page in self._s3.pages("list_multipart_uploads", Prefix=prefix):
            for found in page.get("Uploads", ()):
                name = found["Key"].rpartition("/")[2]
                yield Stored(name, found["Initiated"], str(found["UploadId"]))

    def sweep(self, before: datetime) -> int:
        """As ``Store.sweep``; S3 itself drops the parts of what was never finished."""
        old = [d for d in self._keys("incoming/") if d.changed_at < before]
        for draft in old:
            self._s3.call("delete_object", Key=f"{self._prefix}incoming/{draft.name}")
        return len(old)

    def check(self) -> None:
        """As ``Store.check``."""
        key = f"{self._prefix}incoming/{uuid4()}"
        self._s3.call("put_object", Key=key, Body=b"ready")
        self._s3.call("delete_object", Key=key)

    def _join(self, staging: Staging, key: str) -> None:
        try:
            # Not every server keeps the checksums that it has checked.
            names = ("PartNumber", "ETag", "ChecksumSHA256")
            parts = [
                {name: part[name] for name in names if name in part}
                for part in self._listed(staging)
            ]
            self._s3.call(
                "complete_multipart_upload",
                Key=key,
                UploadId=staging.session,
                MultipartUpload={"Parts": parts},
            )
        except NotFound:
            return  # it was joined before, and its answer was lost

    def _listed(self, staging: Staging) -> list[Any]:
        key = self._joined(staging.upload)
        pages = self._s3.pages("list_parts", Key=key, UploadId=staging.session)
        return [part for page in pages for part in page.get("Parts", ())]

    def _lives(self, staging: Staging) -> bool:
        try:
            self._listed(staging)
        except NotFound:
            return False
        return True

    def _is_joined(self, staging: Staging) -> bool:
        try:
            self._s3.call("head_object", Key=self._joined(staging.upload))
        except NotFound:
            return False
        return True

    def _keys(self, folder: str) -> Iterator[Stored]:
        prefix = f"{self._prefix}{folder}"
        for page in self._s3.pages("list_objects_v2", Prefix=prefix):
            for found in page.get("Contents", ()):
                yield Stored(found["Key"].rpartition("/")[2], found["LastModified"])

    def _body(self, key: str, start: int) -> Any:
        return self._s3.call("get_object", Key=key, Range=f"bytes={start}-")["Body"]

    def _blob(self, sha256: str) -> str:
        return f"{self._prefix}blobs/{sha256[:2]}/{sha256}"

    def _joined(self, upload: str) -> str:
        return f"{self._prefix}uploads/{upload}"


def _hex(part: Mapping[str, Any]) -> str:
    return base64.b64decode(part.get("ChecksumSHA256", "")).hex()


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except NotFound:
        return
