"""Object headers, in S3's format.

Wrapped in moto.s3: `FakeKey.response_dict`, which omits the encryption if a bucket uses S3's
default, and returns a request header; `S3Backend.put_object` (moto.s3.models),
`S3Response.put_object` and `head_object`, which omit the checksum type.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response

# "Amazon S3 applies server-side encryption with Amazon S3 managed keys (SSE-S3) as the base level":
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html
_ENCRYPTION: Final = "x-amz-server-side-encryption"
_USUAL: Final = "AES256"
_KIND: Final = "x-amz-checksum-type"


def install() -> None:
    """Patch moto in this process."""
    key: Any = FakeKey
    backend: Any = S3Backend
    response: Any = S3Response
    described = key.response_dict.fget
    key.response_dict = property(lambda self: _described(described(self)))
    put = backend.put_object

    @functools.wraps(put)
    def put_with_kind(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = put(self, *args, **kwargs)
        if made.checksum_value and not made.checksum_type:
            made.checksum_type = "FULL_OBJECT"
        return made

    backend.put_object = put_with_kind
    for name in ("put_object", "head_object"):
        setattr(response, name, _with_kind(getattr(response, name)))


def _described(headers: dict[str, Any]) -> dict[str, Any]:
    headers.setdefault(_ENCRYPTION, _USUAL)
    headers.pop("x-amz-sdk-checksum-algorithm", None)
    return headers


def _with_kind(answered: Any) -> Any:
    """Wrap an operation so that a response with a checksum also includes the checksum type."""

    @functools.wraps(answered)
    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        status, headers, body = answered(self, *args, **kwargs)
        checksum = next((v for k, v in headers.items() if k.lower().startswith("x-amz-checksum-")), None)
        if checksum is not None:
            headers.setdefault(_KIND, "COMPOSITE" if "-" in str(checksum) else "FULL_OBJECT")
        return status, headers, body

    return answer
