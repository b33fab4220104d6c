"""Calls to S3, whose failures are refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from assay.protocol.errors import NotFound
from storage.address import BucketAddress
from storage.stores.refusals import store_full, store_unreachable

_GONE = {"NoSuchKey", "NoSuchUpload", "404"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity"}


class S3:
    """One bucket through boto3."""

    def __init__(self, address: BucketAddress) -> None:
        self._bucket = address.bucket
        self._boto = boto3.client(
            "s3",
            endpoint_url=address.endpoint or None,
            region_name=address.region or None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"} if address.endpoint else None,
                retries={"max_attempts": 4, "mode": "standard"},
                connect_timeout=5,
                read_timeout=60,
                # Checksums where we ask for them: not every S3 knows the new default.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def call(self, verb: str, **words: Any) -> Any:
        """One request.

        Raises:
            NotFound: no such object, or no such multipart upload.
            Unavailable: S3 is full, or does not answer.
        """
        with _refusals():
            return getattr(self._boto, verb)(Bucket=self._bucket, **words)

    def pages(self, verb: str, **words: Any) -> Iterator[Any]:
        """Every page of a listing."""
        with _refusals():
            paginator = self._boto.get_paginator(verb)
            yield from paginator.paginate(Bucket=self._bucket, **words)

    def upload(self, reader: BinaryIO, key: str) -> None:
        """Send a stream of any length, in parts when it is long."""
        with _refusals():
            self._boto.upload_fileobj(reader, self._bucket, key)

    def copy(self, source: str, target: str) -> None:
        """Copy inside the bucket, in parts when it is large."""
        with _refusals():
            where = {"Bucket": self._bucket, "Key": source}
            self._boto.copy(where, self._bucket, target)

    def presigned(self, verb: str, seconds: int, **words: Any) -> str:
        """An address that does this one thing for a while."""
        return str(
            self._boto.generate_presigned_url(
                verb, Params={"Bucket": self._bucket, **words}, ExpiresIn=seconds
            )
        )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE:
            raise NotFound("object_not_found", "There is no such object.") from error
        if code in _FULL:
            raise store_full() from error
        raise store_unreachable(code or "an unknown error") from error
    except (BotoCoreError, Boto3Error) as error:
        raise store_unreachable(type(error).__name__) from error
