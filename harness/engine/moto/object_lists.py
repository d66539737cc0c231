"""List operations for objects and object versions, in S3's format.

Replaced in moto.s3.responses: `S3Response.list_objects`, `list_objects_v2` and
`list_object_versions`. moto's versions accept different parameters, return different results, and
take most of a second for a page of 1,000 keys.

Used parts of moto: `FakeBucket.keys`, which this package replaces with a `KeyStore`, and `FakeDeleteMarker`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeVar, cast

from moto.s3.exceptions import InvalidArgumentError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey
from moto.s3.responses import S3Response

from harness.engine.moto.key_store import KeyStore, Versions
from harness.engine.moto.pages import OWNER_ID, Asked, Page, as_xml, element, last_of, page_of, token_of
from harness.engine.moto.seeded_objects import SeededObjects

T = TypeVar("T")
Answer = tuple[int, dict[str, str], str]
Listed = FakeKey | SeededObjects
"""An object, or the group of seeded objects to which a listed key belongs."""
Version = tuple[FakeKey | FakeDeleteMarker, bool] | SeededObjects
"""A version of an object, with True if it is the latest. Seeded objects have only one version."""

# Since December 2024, S3 computes this checksum for objects uploaded without one:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
_USUAL_CHECKSUM: Final = "CRC64NVME"
_OWNER: Final = f"<Owner><ID>{OWNER_ID}</ID></Owner>"
# stored on a bucket: the versions that are older than the last version on a page
_OLDER: Final = "_harness_older"


def install() -> None:
    """Replace moto's lists in this process."""
    patched: Any = S3Response
    patched.list_objects = _list_objects
    patched.list_objects_v2 = _list_objects_v2
    patched.list_object_versions = _list_object_versions


def _list_objects(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, marker = asked.number("max-keys", "maxKeys"), asked.text("marker")
    page = _page(_current, bucket, asked, marker, limit)
    parts = [element("Marker", asked.quoted(marker))]
    if page.more and asked.text("delimiter"):
        parts.append(element("NextMarker", asked.quoted(page.last)))
    parts += _objects(page.items, asked, _OWNER)
    return _answer("ListBucketResult", bucket, asked, limit, page, parts, asked.plain_prefix)


def _list_objects_v2(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, token = asked.number("max-keys", "maxKeys"), asked.values.get("continuation-token")
    after = asked.text("start-after") if token is None else last_of(token)
    page = _page(_current, bucket, asked, after, limit)
    parts = [element("KeyCount", str(len(page.items) + len(page.prefixes)))]
    if token is not None:
        parts.append(element("ContinuationToken", as_xml(token)))
    elif after:
        parts.append(element("StartAfter", asked.quoted(after)))
    if page.more:
        parts.append(element("NextContinuationToken", token_of(page.last)))
    parts += _objects(page.items, asked, _OWNER if asked.text("fetch-owner").lower() == "true" else "")
    return _answer("ListBucketResult", bucket, asked, limit, page, parts)


def _list_object_versions(self: Any) -> Answer:
    bucket, asked = self.backend.get_bucket(self.bucket_name), Asked.of(self.querystring)
    limit, marker = asked.number("max-keys", "maxKeys"), asked.text("key-marker")
    version = asked.text("version-id-marker")
    if version and not marker:
        said = "A version-id marker cannot be specified without a key marker."
        raise InvalidArgumentError(said, "version-id-marker", version)
    older = [(marker, each) for each in _older(bucket, marker, version)] if version else []
    page = _page(_versions, bucket, asked, marker, limit, older)
    parts = [element("KeyMarker", asked.quoted(marker)), element("VersionIdMarker", as_xml(version))]
    if page.more:
        parts.append(element("NextKeyMarker", asked.quoted(page.last)))
        if page.items and page.items[-1][0] == page.last:
            ended = _version_id(page.items[-1][1])
            parts.append(element("NextVersionIdMarker", ended))
            _remember(bucket, page.last, ended)
    parts += (_version(name, each, asked.quoted) for name, each in page.items)
    return _answer("ListVersionsResult", bucket, asked, limit, page, parts)


def _page(
    items_of: Callable[[Versions], Sequence[T]],
    bucket: FakeBucket,
    asked: Asked,
    after: str,
    limit: int,
    first: Iterable[tuple[str, T]] = (),
) -> Page[T | SeededObjects]:
    """Return a page of items for the keys with the requested prefix. `first` comes before them."""
    prefix, store = asked.text("prefix"), cast(KeyStore, bucket.keys)

    def found(start: str, inclusive: bool = True) -> Iterator[tuple[str, T | SeededObjects]]:
        for name, entry in store.behind(start, inclusive=inclusive):
            if not name.startswith(prefix):
                return
            if isinstance(entry, SeededObjects):
                yield name, entry
                continue
            for item in items_of(entry):
                yield name, item

    behind = found(prefix) if prefix > after else found(after, inclusive=False)
    return page_of(chain(first, behind), asked, after, limit, found)


def _current(versions: Versions) -> Sequence[FakeKey]:
    """Return an object as it appears in object lists, or nothing if it is deleted."""
    newest = versions[-1]
    return () if isinstance(newest, FakeDeleteMarker) else (newest,)


def _versions(versions: Versions) -> Sequence[Version]:
    """Return the versions of an object, newest first."""
    return [(key, number == 0) for number, key in enumerate(reversed(versions))]


def _version_id(of: Version) -> str:
    return "null" if isinstance(of, SeededObjects) else of[0].version_id


def _older(bucket: FakeBucket, name: str, version: str) -> Sequence[Version]:
    """Return the versions of a key that are older than this one.

    This version may have been deleted since it was the last version on a page.
    """
    found = _versions(bucket.keys.getlist(name, []))
    ids = [_version_id(each) for each in found]
    if version in ids:
        return found[ids.index(version) + 1 :]
    remembered = getattr(bucket, _OLDER, {}).get((name, version))
    if remembered is None:
        raise InvalidArgumentError("Invalid version id specified", "version-id-marker", version)
    return [each for each in found if _version_id(each) in remembered]


def _remember(bucket: FakeBucket, name: str, version: str) -> None:
    """Store which versions are older than the last one on a page, because that one may be deleted soon."""
    older = _older(bucket, name, version)
    kept: dict[tuple[str, str], frozenset[str]] = bucket.__dict__.setdefault(_OLDER, {})
    kept[name, version] = frozenset(_version_id(each) for each in older)


def _objects(listed: Sequence[tuple[str, Listed]], asked: Asked, owner: str) -> Iterator[str]:
    seeded = before = behind = None
    for text, (name, of) in zip(asked.quoted_texts(name for name, _ in listed), listed, strict=True):
        if of is not seeded:
            if not isinstance(of, SeededObjects):
                yield f"<Contents><Key>{text}</Key>{_described(name, of)}{owner}</Contents>"
                continue
            seeded, (before, behind) = of, _around_the_etag(of)
        yield f'<Contents><Key>{text}</Key>{before}"{seeded.etag(name)}"{behind}{owner}</Contents>'


def _version(name: str, version: Version, quoted: Callable[[str], str]) -> str:
    of, latest = (version, True) if isinstance(version, SeededObjects) else version
    known = (
        f"<Key>{quoted(name)}</Key><VersionId>{_version_id(version)}</VersionId>"
        f"<IsLatest>{str(latest).lower()}</IsLatest>{_OWNER}"
    )
    if isinstance(of, FakeDeleteMarker):
        modified = element("LastModified", of.last_modified_ISO8601)
        return f"<DeleteMarker>{known}{modified}</DeleteMarker>"
    return f"<Version>{known}{_described(name, of)}</Version>"


def _described(name: str, of: Listed) -> str:
    if isinstance(of, SeededObjects):
        before, behind = _around_the_etag(of)
        return f'{before}"{of.etag(name)}"{behind}'
    etag, checksum = as_xml(of.etag), (of.checksum_algorithm, of.checksum_type)
    return _members(of.last_modified_ISO8601, etag, of.size, checksum, of.storage_class)


@lru_cache(maxsize=64)
def _around_the_etag(of: SeededObjects) -> tuple[str, str]:
    """Cache the XML that seeded objects share: the parts before and after their entity tags."""
    before, behind = _members(of.modified, "\0", of.size_bytes).split("\0")
    return before, behind


def _members(
    modified: str,
    etag: str,
    size_bytes: int,
    checksum: tuple[str | None, str | None] = (None, None),
    storage_class: str | None = "STANDARD",
) -> str:
    """Return the members that describe an object in lists, except the key.

    `checksum` is an algorithm and a type.
    """
    algorithm, kind = checksum
    return (
        f"<LastModified>{modified}</LastModified><ETag>{etag}</ETag>"
        f"<ChecksumAlgorithm>{algorithm or _USUAL_CHECKSUM}</ChecksumAlgorithm>"
        f"<ChecksumType>{kind or 'FULL_OBJECT'}</ChecksumType>"
        f"<Size>{size_bytes}</Size><StorageClass>{storage_class}</StorageClass>"
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
    """Return a page: the elements of all lists, then `parts` and the common prefixes."""
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
