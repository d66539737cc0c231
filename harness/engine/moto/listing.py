"""moto's lists of buckets and objects.

Patched in moto.s3.responses:
- `S3Response.all_buckets`, which cuts the list at MaxBuckets and gives no token for the rest: of more buckets
  than a page has, a function would silently miss some.
- `S3Response.list_objects_v2`, which takes most of a second for a page of 1,000 keys.
- It, `list_objects` and `list_object_versions`, which give as many keys as they are asked for; the last one
  writes keys into XML that have no place there.

And in moto.moto_server.utilities `RegexConverter.__init__`: a key with a line feed leads nowhere.
"""

from __future__ import annotations

import base64
import functools
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult
from moto.moto_server.utilities import RegexConverter
from moto.s3.exceptions import InvalidMaxPartArgument
from moto.s3.models import FakeDeleteMarker
from moto.s3.responses import S3Response
from werkzeug.routing import BaseConverter

MOST_KEYS = 1000
"""So many keys has a page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""
OWNER = {"ID": "bcaf1ffd86f41161ca5fb16fd081034f", "DisplayName": "webfile"}


def install() -> None:
    """Let ListBuckets sort by name and give a ContinuationToken; let ListObjectsV2 be quick."""
    patched: Any = S3Response
    patched.all_buckets = _all_buckets
    slow = patched.list_objects_v2

    @functools.wraps(slow)
    def list_objects_v2(self: Any) -> Any:
        asked = {name: values[0] for name, values in self.querystring.items()}
        if asked.keys() & {"delimiter", "fetch-owner"} or asked.get("continuation-token") == "":
            return slow(self)
        page = _page_of_objects(self.backend.get_bucket(self.bucket_name), asked)
        self.data["Action"] = "ListObjectsV2"
        return 200, {"Content-Type": "application/xml"}, page

    patched.list_objects_v2 = list_objects_v2
    for name in ("list_objects_v2", "list_objects", "list_object_versions"):
        setattr(patched, name, _in_pages(getattr(patched, name)))
    patched.list_object_versions = _quoted(patched.list_object_versions)
    converter: Any = RegexConverter
    converter.__init__ = _all_characters


def _in_pages(listing: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(listing)
    def in_pages(self: Any) -> Any:
        asked = self.querystring.get("max-keys", [str(MOST_KEYS)])[0]
        if not asked.isdigit():
            raise InvalidMaxPartArgument("maxKeys", 0, 2**31 - 1)
        if int(asked) > MOST_KEYS:
            self.querystring["max-keys"] = [str(MOST_KEYS)]
        return listing(self)

    return in_pages


def _quoted(listing: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap ListObjectVersions: keys are quoted where the client asks for that; XML lacks some characters."""

    @functools.wraps(listing)
    def quoted(self: Any) -> Any:
        if self.querystring.get("encoding-type", [""])[0] == "url":
            serialized = self.serialized
            self.serialized = lambda answer: serialized(ActionResult(_with_quotes(answer.result)))
        return listing(self)

    return quoted


def _with_quotes(listed: dict[str, Any]) -> dict[str, Any]:
    names = ("Prefix", "Delimiter", "KeyMarker", "NextKeyMarker", "Key")
    quoted = {
        name: urllib.parse.quote(value) if name in names and isinstance(value, str) else value
        for name, value in listed.items()
    }
    for name in ("Versions", "DeleteMarkers", "CommonPrefixes"):
        if name in listed:
            quoted[name] = [_with_quotes(entry) for entry in listed[name]]
    return quoted | ({"EncodingType": "url"} if "Versions" in listed else {})


def _all_characters(self: Any, url_map: Any, *items: Any) -> None:
    BaseConverter.__init__(self, url_map)
    self.regex = f"(?s:{items[0]})"


def _all_buckets(self: Any) -> Any:
    self.data["Action"] = "ListAllMyBuckets"
    self._authenticate_and_authorize_s3_action()
    found = self.backend.list_buckets(
        prefix=self._get_param("prefix"), bucket_region=self._get_param("bucket-region"), max_buckets=None
    )
    after = _decoded(self._get_param("continuation-token") or "")
    rest = sorted((b for b in found if b.name > after), key=lambda bucket: str(bucket.name))
    page = rest[: int(self._get_param("max-buckets") or len(rest))]
    result: dict[str, Any] = {
        "Owner": OWNER,
        "Buckets": [{"Name": b.name, "CreationDate": b.creation_date_ISO8601} for b in page],
    }
    if len(page) < len(rest):
        result["ContinuationToken"] = _encoded(page[-1].name)
    self.data["Action"] = "ListBuckets"
    return self.serialized(ActionResult(result))


def _page_of_objects(bucket: Any, asked: Mapping[str, str]) -> str:
    as_url = asked.get("encoding-type") == "url"
    text: Callable[[str], str] = urllib.parse.quote if as_url else escape
    prefix, limit = asked.get("prefix", ""), int(asked.get("max-keys", 1000))
    token = asked.get("continuation-token")
    after = _decoded(token) if token else asked.get("start-after", "")
    names = sorted(name for name in bucket.keys if name > after and name.startswith(prefix))
    keys = (bucket.keys[name] for name in names)
    rest = [key for key in keys if not isinstance(key, FakeDeleteMarker)]
    page = rest[:limit]
    more = bool(page) and len(page) < len(rest)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{bucket.name}</Name><Prefix>{text(prefix)}</Prefix><MaxKeys>{limit}</MaxKeys>"
        f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
    ]
    if as_url:
        parts.append("<EncodingType>url</EncodingType>")
    if token:
        parts.append(f"<ContinuationToken>{escape(token)}</ContinuationToken>")
    elif after:
        parts.append(f"<StartAfter>{text(after)}</StartAfter>")
    if more:
        parts.append(f"<NextContinuationToken>{_encoded(page[-1].name)}</NextContinuationToken>")
    for key in page:
        algorithm = key.checksum_algorithm
        checksum = f"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm>" if algorithm else ""
        parts.append(
            f"<Contents><Key>{text(key.name)}</Key><LastModified>{key.last_modified_ISO8601}</LastModified>"
            f"<ETag>{escape(key.etag)}</ETag>{checksum}<Size>{key.size}</Size>"
            f"<StorageClass>{key.storage_class}</StorageClass></Contents>"
        )
    return "".join([*parts, "</ListBucketResult>"])


def _encoded(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _decoded(token: str) -> str:
    return base64.urlsafe_b64decode(token).decode()
