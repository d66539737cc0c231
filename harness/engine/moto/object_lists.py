"""The lists of objects and of their versions, as S3 gives them.

Replaced in moto.s3.responses: `S3Response.list_objects`, `list_objects_v2` and `list_object_versions`. moto's
differ in what they take and give, and need most of a second for a page of 1,000 keys.

Used of moto: `FakeBucket.keys` (a list of versions for each key, the newest last), `FakeDeleteMarker`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from moto.s3.exceptions import InvalidArgumentError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey
from moto.s3.responses import S3Response

from harness.engine.moto.pages import OWNER_ID, Asked, Page, as_xml, element, last_of, page_of, token_of

Answer = tuple[int, dict[str, str], str]
Version = tuple[FakeKey | FakeDeleteMarker, bool]
"""A version of an object, and if it is the latest."""

# Since December 2024 S3 makes this checksum of objects that come without one:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
_USUAL_CHECKSUM: Final = "CRC64NVME"
_OWNER: Final = f"<Owner><ID>{OWNER_ID}</ID></Owner>"
_OLDER: Final = "_harness_older"  # on a bucket: what is older than a version that ended a page


def install() -> None:
    """Replace moto's lists in this process."""
    patched: Any = S3Response
    patched.list_objects = _list_objects
    patched.list_objects_v2 = _list_objects_v2
    patched.list_object_versions = _list_object_versions


def _list_objects(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, marker = asked.number("max-keys", "maxKeys"), asked.text("marker")
    page = page_of(_objects(bucket, asked, marker), asked, marker, limit)
    parts = [element("Marker", asked.quoted(marker))]
    if page.more and asked.text("delimiter"):
        parts.append(element("NextMarker", asked.quoted(page.last)))
    parts += (_object(key, asked.quoted, _OWNER) for key in page.items)
    return _answer("ListBucketResult", bucket, asked, limit, page, parts, asked.plain_prefix)


def _list_objects_v2(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, token = asked.number("max-keys", "maxKeys"), asked.values.get("continuation-token")
    after = asked.text("start-after") if token is None else last_of(token)
    page = page_of(_objects(bucket, asked, after), asked, after, limit)
    parts = [element("KeyCount", str(len(page.items) + len(page.prefixes)))]
    if token is not None:
        parts.append(element("ContinuationToken", as_xml(token)))
    elif after:
        parts.append(element("StartAfter", asked.quoted(after)))
    if page.more:
        parts.append(element("NextContinuationToken", token_of(page.last)))
    owner = _OWNER if asked.text("fetch-owner").lower() == "true" else ""
    parts += (_object(key, asked.quoted, owner) for key in page.items)
    return _answer("ListBucketResult", bucket, asked, limit, page, parts)


def _list_object_versions(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, marker = asked.number("max-keys", "maxKeys"), asked.text("key-marker")
    version = asked.text("version-id-marker")
    if version and not marker:
        said = "A version-id marker cannot be specified without a key marker."
        raise InvalidArgumentError(said, "version-id-marker", version)
    page = page_of(_versions(bucket, asked, marker, version), asked, marker, limit)
    parts = [element("KeyMarker", asked.quoted(marker)), element("VersionIdMarker", as_xml(version))]
    if page.more:
        parts.append(element("NextKeyMarker", asked.quoted(page.last)))
        if page.items and page.items[-1][0].name == page.last:
            ended = page.items[-1][0]
            parts.append(element("NextVersionIdMarker", ended.version_id))
            _remember(bucket, ended)
    parts += (_version(key, asked.quoted, latest) for key, latest in page.items)
    return _answer("ListVersionsResult", bucket, asked, limit, page, parts)


def _names(bucket: FakeBucket, asked: Asked, after: str) -> list[str]:
    """The keys with the asked prefix behind `after`, in the order of their bytes, which is that of Python."""
    prefix = asked.text("prefix")
    return sorted(name for name in bucket.keys if name > after and name.startswith(prefix))


def _objects(bucket: FakeBucket, asked: Asked, after: str) -> Iterator[tuple[str, FakeKey]]:
    for name in _names(bucket, asked, after):
        key = bucket.keys[name]
        if not isinstance(key, FakeDeleteMarker):
            yield name, key


def _versions(bucket: FakeBucket, asked: Asked, marker: str, version: str) -> Iterator[tuple[str, Version]]:
    """The versions behind the markers: the newest of each key first."""
    if version:
        yield from ((marker, each) for each in _older(bucket, marker, version))
    for name in _names(bucket, asked, marker):
        yield from ((name, each) for each in _of_key(bucket, name))


def _of_key(bucket: FakeBucket, name: str) -> list[Version]:
    newest_first = reversed(bucket.keys.getlist(name, []))
    return [(key, number == 0) for number, key in enumerate(newest_first)]


def _older(bucket: FakeBucket, name: str, version: str) -> list[Version]:
    """The versions of a key that are older than one, which may have been deleted since it ended a page."""
    found = _of_key(bucket, name)
    ids = [key.version_id for key, _ in found]
    if version in ids:
        return found[ids.index(version) + 1 :]
    remembered = getattr(bucket, _OLDER, {}).get((name, version))
    if remembered is None:
        raise InvalidArgumentError("Invalid version id specified", "version-id-marker", version)
    return [each for each in found if each[0].version_id in remembered]


def _remember(bucket: FakeBucket, ended: FakeKey | FakeDeleteMarker) -> None:
    """Keep what is older than the version that ends a page: it may be deleted soon."""
    older = _older(bucket, ended.name, ended.version_id)
    kept: dict[tuple[str, str], frozenset[str]] = bucket.__dict__.setdefault(_OLDER, {})
    kept[ended.name, ended.version_id] = frozenset(key.version_id for key, _ in older)


def _object(key: FakeKey, quoted: Callable[[str], str], owner: str) -> str:
    return f"<Contents><Key>{quoted(key.name)}</Key>{_described(key)}{owner}</Contents>"


def _version(key: FakeKey | FakeDeleteMarker, quoted: Callable[[str], str], latest: bool) -> str:
    known = (
        f"<Key>{quoted(key.name)}</Key><VersionId>{key.version_id}</VersionId>"
        f"<IsLatest>{str(latest).lower()}</IsLatest>{_OWNER}"
    )
    if isinstance(key, FakeDeleteMarker):
        modified = element("LastModified", key.last_modified_ISO8601)
        return f"<DeleteMarker>{known}{modified}</DeleteMarker>"
    return f"<Version>{known}{_described(key)}</Version>"


def _described(key: FakeKey) -> str:
    return (
        f"<LastModified>{key.last_modified_ISO8601}</LastModified><ETag>{as_xml(key.etag)}</ETag>"
        f"<ChecksumAlgorithm>{key.checksum_algorithm or _USUAL_CHECKSUM}</ChecksumAlgorithm>"
        f"<ChecksumType>{key.checksum_type or 'FULL_OBJECT'}</ChecksumType>"
        f"<Size>{key.size}</Size><StorageClass>{key.storage_class}</StorageClass>"
    )


def _answer(
    kind: str,
    bucket: FakeBucket,
    asked: Asked,
    limit: int,
    page: Page[Any],
    parts: list[str],
    prefix: str | None = None,
) -> Answer:
    """Write a page: what all lists have, then `parts` and the common prefixes."""
    head = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
        element("Name", bucket.name),
        element("Prefix", asked.quoted(asked.text("prefix")) if prefix is None else prefix),
        element("MaxKeys", str(limit)),
        element("IsTruncated", str(page.more).lower()),
    ]
    if "encoding-type" in asked.values:
        head.append(element("EncodingType", "url"))
    if asked.text("delimiter"):
        head.append(element("Delimiter", asked.quoted(asked.text("delimiter"))))
    tail = [element("CommonPrefixes", element("Prefix", asked.quoted(prefix))) for prefix in page.prefixes]
    return 200, {"Content-Type": "application/xml"}, "".join([*head, *parts, *tail, f"</{kind}>"])
