"""Sending files: streamed, resumable by Range (RFC 9110), never held in memory.

In production the bytes do not pass through here: nginx sends a file of the disk that
it is pointed to (``X-Accel-Redirect``), and a bucket sends its own.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from assay.protocol.errors import Invalid
from storage import stores
from storage.blobs import chunks, open_blob
from storage.links import LIFE
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
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if known == ["*"] or etag in known:
        return _described(HttpResponse(status=304), etag=etag, name=name)
    elsewhere = _elsewhere(request, blob, name)
    if elsewhere is not None:
        return _described(elsewhere, etag=etag, name=name)
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


def _elsewhere(request: HttpRequest, blob: Blob, name: str) -> HttpResponse | None:
    """An answer that lets somebody else send the bytes; None: nobody is set up to."""
    if request.META["REQUEST_METHOD"] == "HEAD":
        return None
    if settings.ACCEL_REDIRECT and settings.STORAGE_BUCKET is None:
        place = f"{settings.ACCEL_REDIRECT.rstrip('/')}/{blob.sha256[:2]}/{blob.sha256}"
        return HttpResponse(content_type=BINARY, headers={"X-Accel-Redirect": place})
    if not settings.STORAGE_REDIRECT:
        return None
    seconds = int(LIFE.total_seconds())
    file_name = name.rpartition("/")[2]
    url = stores.current().download_url(blob.sha256, name=file_name, seconds=seconds)
    return None if url is None else HttpResponse(status=302, headers={"Location": url})


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
