"""S3 list operations for buckets, uploads and parts.

`object_lists` contains the list operations for objects.

Replaced in moto.s3.responses: `S3Response.all_buckets`, which truncates the list at MaxBuckets and returns no
token for the rest (a function would silently miss buckets beyond one page), and `list_multipart_uploads`,
which ignores its parameters. Wrapped: `list_parts`.

Also patched in moto.moto_server.utilities: `RegexConverter.__init__`, because a key with a line feed matches
no route.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import boto3
from moto.core.responses import ActionResult
from moto.core.utils import iso_8601_datetime_without_milliseconds_s3, utcnow
from moto.moto_server.utilities import RegexConverter
from moto.s3.exceptions import InvalidArgumentError, S3ClientError
from moto.s3.models import FakeBucket, FakeMultipart
from moto.s3.responses import S3Response
from werkzeug.routing import BaseConverter

from harness.engine.moto import object_answers, object_lists
from harness.engine.moto.pages import LARGEST, OWNER_ID, Asked, last_of, page_of, token_of

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
_MOST_BUCKETS: Final = 10_000
_PARAMETERS: Final = frozenset(["bucket-region", "continuation-token", "max-buckets", "prefix"])
_OWNER: Final = {"ID": OWNER_ID}


class WrongRegion(S3ClientError):
    """The error for a region that does not exist."""

    code = "InvalidArgument"

    def __init__(self, region: str) -> None:
        super().__init__(f"Argument value {region} is not a valid AWS Region")
        self.argument_name = "bucket-region"


def install() -> None:
    """Replace moto's lists in this process."""
    patched: Any = S3Response
    patched.all_buckets = _all_buckets
    patched.list_multipart_uploads = _list_multipart_uploads
    patched.list_parts = _with_numbers(patched.list_parts)
    object_lists.install()
    object_answers.install()
    upload: Any = FakeMultipart
    upload.__init__ = _with_moment(upload.__init__)
    converter: Any = RegexConverter
    converter.__init__ = _all_characters


def _all_characters(self: Any, url_map: Any, *items: Any) -> None:
    BaseConverter.__init__(self, url_map)
    self.regex = f"(?s:{items[0]})"


def _all_buckets(self: Any) -> Any:
    self.data["Action"] = "ListAllMyBuckets"
    self._authenticate_and_authorize_s3_action()
    asked = Asked.of(self.querystring)
    region, prefix, token = (asked.text(name) for name in ("bucket-region", "prefix", "continuation-token"))
    if region and region not in _regions():
        raise WrongRegion(region)
    found = self.backend.list_buckets(prefix=prefix, bucket_region=region or None, max_buckets=None)
    after = last_of(token) if token else ""
    rest = sorted((b for b in found if b.name > after), key=lambda bucket: str(bucket.name))
    page = rest[: _most_buckets(asked)]
    narrowed = not _PARAMETERS.isdisjoint(self.querystring)
    result: dict[str, Any] = {"Owner": _OWNER, "Buckets": [_bucket(each, narrowed) for each in page]}
    if prefix:
        result["Prefix"] = prefix
    if len(page) < len(rest):
        result["ContinuationToken"] = token_of(page[-1].name)
    self.data["Action"] = "ListBuckets"
    return self.serialized(ActionResult(result))


def _bucket(bucket: FakeBucket, with_region: bool) -> dict[str, Any]:
    """Describe a bucket. Its region is shown only in responses to requests with parameters."""
    described = {
        "Name": bucket.name,
        "CreationDate": bucket.creation_date_ISO8601,
        "BucketArn": bucket.arn,
    }
    return described | ({"BucketRegion": bucket.region_name} if with_region else {})


def _most_buckets(asked: Asked) -> int:
    most = asked.number("max-buckets", "max-buckets", usual=_MOST_BUCKETS + 1)
    if asked.text("max-buckets") and not 1 <= most <= _MOST_BUCKETS:
        said = f"Argument max-buckets must be an integer between 1 and {_MOST_BUCKETS}"
        raise InvalidArgumentError(said, "max-buckets", asked.text("max-buckets"))
    return min(most, _MOST_BUCKETS)


@functools.cache
def _regions() -> frozenset[str]:
    """Return all S3 regions in all partitions."""
    session = boto3.Session()
    partitions = session.get_available_partitions()
    return frozenset(each for p in partitions for each in session.get_available_regions("s3", p))


def _list_multipart_uploads(self: Any) -> Any:
    asked = Asked.of(self.querystring)
    limit, marker = asked.number("max-uploads", "max-uploads"), asked.text("key-marker")
    upload_marker = asked.text("upload-id-marker") if marker else ""
    uploads = self.backend.list_multipart_uploads(self.bucket_name).values()
    page = page_of(_behind(uploads, asked, marker, upload_marker), asked, marker, limit)
    found = [upload for _, upload in page.items]
    ends = bool(found) and found[-1].key_name == page.last
    result: dict[str, Any] = {
        "Bucket": self.bucket_name,
        "KeyMarker": asked.quoted_text(marker),
        "UploadIdMarker": upload_marker,
        "NextKeyMarker": asked.quoted_text(page.last) if ends else "",
        "NextUploadIdMarker": found[-1].id if ends else "",
        "MaxUploads": limit,
        "IsTruncated": page.more,
        "Uploads": [_upload(each, asked) for each in found],
        "CommonPrefixes": [{"Prefix": asked.quoted_text(prefix)} for prefix in page.prefixes],
    }
    for name, member in (("prefix", "Prefix"), ("delimiter", "Delimiter")):
        if asked.text(name):
            result[member] = asked.quoted_text(asked.text(name))
    if "encoding-type" in asked.values:
        result["EncodingType"] = "url"
    self.data["Action"] = "ListMultipartUploads"
    return self.serialized(ActionResult(result))


def _behind(
    uploads: Sequence[FakeMultipart], asked: Asked, marker: str, upload_marker: str
) -> Iterator[tuple[str, FakeMultipart]]:
    """Return the uploads after the markers, sorted by key and then by start time."""
    prefix = asked.text("prefix")
    ordered = sorted(uploads, key=lambda upload: upload.key_name)
    if upload_marker:
        of_key = [upload for upload in ordered if upload.key_name == marker]
        ids = [upload.id for upload in of_key]
        if upload_marker not in ids:
            raise InvalidArgumentError("Invalid uploadId marker", "upload-id-marker", upload_marker)
        yield from ((marker, upload) for upload in of_key[ids.index(upload_marker) + 1 :])
    for upload in ordered:
        if upload.key_name > marker and upload.key_name.startswith(prefix):
            yield upload.key_name, upload


def _upload(upload: FakeMultipart, asked: Asked) -> dict[str, Any]:
    return {
        "Key": asked.quoted_text(upload.key_name),
        "UploadId": upload.id,
        "Initiator": _OWNER | {"DisplayName": "webfile"},
        "Owner": _OWNER,
        "StorageClass": upload.storage or "STANDARD",
        "Initiated": getattr(upload, "initiated", None),
        "ChecksumAlgorithm": upload.metadata.get("x-amz-checksum-algorithm"),
        "ChecksumType": upload.metadata.get("x-amz-checksum-type"),
    }


def _with_moment(init: Any) -> Any:
    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        init(self, *args, **kwargs)
        self.initiated = iso_8601_datetime_without_milliseconds_s3(utcnow())

    return __init__


def _with_numbers(listed: Any) -> Any:
    """Wrap ListParts.

    It rejects invalid numbers with S3's error messages, and omits the owner's display name.
    """

    @functools.wraps(listed)
    def list_parts(self: Any) -> Any:
        asked = Asked.of(self.querystring)
        most = asked.number("max-parts", "max-parts")
        marker = asked.number("part-number-marker", "part-number-marker", LARGEST) % LARGEST
        self.querystring["max-parts"] = [str(most)]
        self.querystring["part-number-marker"] = [str(marker)]
        serialized = self.serialized
        self.serialized = lambda answer: serialized(ActionResult(_with_owner(answer.result)))
        status, headers, body = listed(self)
        return status, headers, body.replace("ListPartsOutput", "ListPartsResult")

    return list_parts


def _with_owner(listed: Mapping[str, Any]) -> dict[str, Any]:
    return {**listed, "Owner": _OWNER}
