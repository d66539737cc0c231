"""Functions that read an HTTP/1.1 request from a connection and write the response."""

from __future__ import annotations

import http
import http.client
from collections.abc import Iterator, Mapping
from typing import IO, Final

from ..shared.hosts import HostEntry, HttpRequest, joined

_MOST_LINE: Final = 65_536
"""Maximum length of a line in bytes, as in Python's own client and server."""
_BODILESS: Final = (204, 304)


class Malformed(Exception):
    """The client does not use HTTP/1.1, or disconnected in the middle of a request."""


def read_request(host: str, stream: IO[bytes], go_on: IO[bytes]) -> HttpRequest:
    """Read a request to a host; `go_on` receives "100 Continue" if the client waits for it.

    Raises:
        Malformed: the connection has no valid request.
    """
    line = stream.readline(_MOST_LINE)
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1"):
        raise Malformed(repr(line[:80]))
    try:
        parsed = http.client.parse_headers(stream)
    except http.client.HTTPException as error:
        raise Malformed(str(error)) from None
    headers = joined((name.lower(), value) for name, value in parsed.items())
    if headers.get("expect", "").lower() == "100-continue":
        go_on.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        go_on.flush()
    body = b"".join(_body(stream, headers))
    return HttpRequest(host, words[0], words[1], headers, body.decode("utf-8", "replace"))


def _body(stream: IO[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := _size(stream.readline(_MOST_LINE).partition(b";")[0], 16):
            yield _exactly(stream, size)
            stream.readline(_MOST_LINE)
        while stream.readline(_MOST_LINE).strip():
            pass
    elif "content-length" in headers:
        yield _exactly(stream, _size(headers["content-length"].encode(), 10))


def _size(text: bytes, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise Malformed(f"{text[:40]!r} is not a valid size") from None


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Malformed(f"the body has {len(data)} of {size} bytes")
    return data


def answer_text(entry: HostEntry, method: str) -> bytes:
    """Write an entry's response; the connection then closes."""
    body = entry.body.encode()
    names = {name.lower() for name, _ in entry.headers}
    headers = [*entry.headers, ("Connection", "close")]
    if entry.status not in _BODILESS and "content-length" not in names:
        headers.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    start = f"HTTP/1.1 {entry.status} {phrase(entry.status)}\r\n"
    sends = method != "HEAD" and entry.status not in _BODILESS
    return (start + head + "\r\n").encode("latin-1", "replace") + (body if sends else b"")


def phrase(status: int) -> str:
    """Return the reason phrase for a status, or "" if it has none."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""
