"""Sending files: streamed, resumable by Range (RFC 9110), never held in memory."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from assay.protocol.errors import Invalid
from storage.blobs import chunks, open_blob
from storage.models import Blob

RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
BINARY = "application/octet-stream"


class NotSatisfiable(Invalid):
    """A range that begins after the file's end; its answer is 416."""

    def __init__(self, size: int) -> None:
        super().__init__(
            "range_not_satisfiable",
            f"The file has {size} bytes and none in this range.",
            fix="Ask for a range inside the file.",
            where="Range",
        )
        self.size = size


def send_blob(request: HttpRequest, blob: Blob, *, name: str) -> HttpResponseBase:
    """The blob, or the one range of it that was asked for, as an attachment.

    Several ranges, and ranges this cannot read, are answered with the whole, as
    the standard allows. The ETag is the SHA-256, so ``If-Range`` and
    ``If-None-Match`` work across hosts.

    Raises:
        NotSatisfiable: the range begins after the end.
    """
    etag = f'"{blob.sha256}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _described(HttpResponse(status=304), etag=etag, name=name)
    span = _span(request.headers.get("Range", ""), blob.size)
    if span is None or request.headers.get("If-Range", etag) != etag:
        whole = _pieces(request, blob, 0, blob.size)
        return _described(whole, etag=etag, name=name)
    start, stop = span
    if start >= stop:
        raise NotSatisfiable(blob.size)
    response = _pieces(request, blob, start, stop)
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    return _described(response, etag=etag, name=name)


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Start and stop of the one range asked for; None when that cannot be read."""
    asked = RANGE.fullmatch(header)
    if asked is None:
        return None
    first, last, suffix = asked.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1 if last else size)


class _Slice:
    """Bytes ``start`` to ``stop`` of an open file, which ends with the response."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file = file
        self._length = stop - start
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return chunks(self._file, self._length)

    def close(self) -> None:
        self._file.close()


def _pieces(
    request: HttpRequest, blob: Blob, start: int, stop: int
) -> HttpResponseBase:
    response: HttpResponseBase
    if request.META["REQUEST_METHOD"] == "HEAD":
        response = HttpResponse(content_type=BINARY)
    else:
        pieces = _Slice(open_blob(blob.sha256), start, stop)
        response = StreamingHttpResponse(pieces, content_type=BINARY)
    response["Content-Length"] = str(stop - start)
    return response


def _described(response: HttpResponseBase, *, etag: str, name: str) -> HttpResponseBase:
    file_name = name.rpartition("/")[2]
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=file_name
    )
    response["X-Content-Type-Options"] = "nosniff"
    # What may be seen can change; the bytes behind an ETag cannot.
    response["Cache-Control"] = "private, no-cache"
    return response
