"""Raw bodies, read as a stream under a hard limit."""

from typing import BinaryIO, cast

from django.http import HttpRequest, UnreadablePostError

from assay.protocol.errors import Invalid, TooLarge


class SizedBody:
    """A request's body as a file of exactly its declared length.

    Nothing past the declared length is read, so a part never takes more memory
    or disk than was checked beforehand.
    """

    def __init__(self, request: HttpRequest, size: int) -> None:
        self._request = request
        self._left = size

    def read(self, length: int = -1) -> bytes:
        """At most ``length`` bytes; empty at the end.

        Raises:
            Invalid: the connection ended before the declared length.
        """
        wanted = self._left if length < 0 else min(length, self._left)
        if wanted == 0:
            return b""
        try:
            piece = self._request.read(wanted)
        except UnreadablePostError:
            piece = b""
        if not piece:
            raise Invalid(
                "body_incomplete",
                f"The connection ended {self._left} bytes early.",
                fix="Send it again.",
            )
        self._left -= len(piece)
        return bytes(piece)


def sized_body(request: HttpRequest, *, limit: int) -> BinaryIO:
    """The body as a file, refused unread when it is larger than ``limit`` bytes.

    Raises:
        Invalid: the length is not declared.
        TooLarge: it is over the limit.
    """
    declared = request.META.get("CONTENT_LENGTH") or ""
    if not declared.isascii() or not declared.isdecimal():
        raise Invalid(
            "length_missing",
            "The request does not say how long its body is.",
            fix="Send Content-Length, and no chunked encoding.",
            where="Content-Length",
        )
    if int(declared) > limit:
        raise TooLarge(
            "body_too_large",
            f"This body may have {limit} bytes; {declared} were announced.",
            where="Content-Length",
        )
    return cast("BinaryIO", SizedBody(request, int(declared)))
