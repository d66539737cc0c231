"""`objects`: the objects in buckets after the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import ClassVar, Final

from pydantic import Field

from harness.expect.alike import common_text, only, paired
from harness.expect.base import Entry, Overall, keys_are
from harness.expect.contents import Content, Unmet, asked_content, unmet_content
from harness.expect.entries import Kind, exact, lacking
from harness.expect.matcher import clauses, described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import pretty_text
from harness.expect.wording import quoted, size
from harness.json_types import Json, JsonObject
from harness.observe.left_model import SeenBucket, SeenObject
from harness.observe.model import Observation
from harness.scenario.base import Model, Size
from harness.scenario.matcher import Count, Matcher
from harness.scenario.seed import Reference

_MOST_OBJECTS: Final = 50
"""The maximum number of objects to record individually. Above it, only the number is recorded."""


class ExpectedObject(Content):
    """An object in a bucket. Its content is UTF-8 text."""

    key: Matcher = Field(description="Matches its key.")
    size_bytes: Size | None = Field(default=None, alias="size", description="Its size.")


class Objects(Model):
    """The objects in a bucket."""

    count: Count | None = Field(default=None, description="Their number.")
    contain: tuple[ExpectedObject, ...] | None = Field(
        default=None, description="For each of these, the bucket has a matching object."
    )
    exact: tuple[ExpectedObject, ...] | None = Field(
        default=None, description="The complete objects in the bucket, in any order."
    )
    absent: tuple[Matcher, ...] | None = Field(
        default=None, description="The bucket has no object whose key matches one of these."
    )

    def asks_content(self, key: str) -> bool:
        """Return whether an object with this key has an expectation for its content."""
        entries = (*(self.contain or ()), *(self.exact or ()))
        return any(each.asks_content and not unmet(each.key, key) for each in entries)

    wants: ClassVar[str] = "a mapping with count, contain, exact or absent"
    may_be_empty: ClassVar[bool] = False


def compare(wanted: Mapping[str, Objects], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield mismatches for `count`, `contain`, `exact` and `absent`, bucket by bucket."""
    for bucket, objects in wanted.items():
        place, subject = entry.at(bucket), f"bucket {bucket}"
        seen = observation.left.buckets.get(bucket)
        if seen is None:
            yield place.mismatch("the bucket does not exist at the end", subject=subject)
        elif seen.is_cut and (objects.count or objects.exact is not None):
            yield place.mismatch(
                f"it has more than {len(seen.objects):,} objects, so they are not compared; compare some of "
                "them with contain",
                subject=subject,
            )
        else:
            yield from _of_bucket(objects, seen, place, subject)


def _of_bucket(wanted: Objects, seen: SeenBucket, place: Entry, subject: str) -> Iterator[Mismatch]:
    objects = seen.objects
    if wanted.count is not None and len(objects) not in wanted.count:
        said = f"expected {wanted.count} objects, seen {len(objects):,}"
        keys = "\n".join(each.key for each in objects[:20])
        yield place.at("count").mismatch(said, str(wanted.count), f"{len(objects)}\n{keys}", subject)
    for number, each in enumerate(wanted.contain or ()):
        at = place.at("contain", number)
        if named := [found for found in objects if not unmet(each.key, found.key)]:
            yield from lacking(_KIND, each, named, at, subject)
        else:
            yield _no_such_key(each, objects, at, subject)
    if wanted.exact is not None:
        yield from exact(_KIND, tuple(enumerate(wanted.exact)), objects, place.at("exact"), subject)
    for number, matcher in enumerate(wanted.absent or ()):
        for found in objects:
            if not unmet(matcher, found.key):
                at = place.at("absent", number)
                said = f"object {quoted(found.key)} must not exist, because its key "
                yield at.mismatch(said + " and ".join(clauses(matcher)), "(no object)", _text(found), subject)


def _no_such_key(wanted: ExpectedObject, seen: tuple[SeenObject, ...], at: Entry, subject: str) -> Mismatch:
    keys = [each.key for each in seen]
    near = get_close_matches(str(wanted.key.equals or ""), keys, n=1, cutoff=0.6)
    hint = f"; the closest is {quoted(near[0])}" if near else ""
    said = f"no object whose key {' and '.join(clauses(wanted.key))}{hint}"
    shown = "\n".join(keys[:20]) + (f"\n... {len(keys) - 20:,} more" if len(keys) > 20 else "")
    return at.mismatch(said, described(wanted.key), shown or "(no objects)", subject)


def _unmet(wanted: ExpectedObject, seen: SeenObject) -> tuple[Unmet, ...]:
    found: list[Unmet] = []
    if reasons := unmet(wanted.key, seen.key):
        found.append(Unmet("key", reasons, described(wanted.key), seen.key))
    if wanted.size_bytes is not None and wanted.size_bytes != seen.size_bytes:
        reasons = (f"is {size(seen.size_bytes)}, not {size(wanted.size_bytes)}",)
        found.append(Unmet("size", reasons, size(wanted.size_bytes), size(seen.size_bytes)))
    if wanted.asks_content:
        text, reason = _decoded(seen)
        if reason:
            found.append(Unmet("body", (reason,), "\n".join(asked_content(wanted)), ""))
        else:
            found += unmet_content(wanted, text)
    return tuple(found)


def _decoded(seen: SeenObject) -> tuple[str | None, str]:
    """Return an object's text, or the reason why it is unavailable."""
    if seen.body is None:
        return None, f"was not read: it has {size(seen.size_bytes)}"
    try:
        return seen.body.decode(), ""
    except UnicodeDecodeError:
        return None, f"is not UTF-8 text ({size(seen.size_bytes)})"


def _asked(wanted: ExpectedObject) -> str:
    return ", ".join([f"key {' and '.join(clauses(wanted.key))}", *asked_content(wanted)])


def _text(seen: SeenObject) -> str:
    text, _ = _decoded(seen)
    return f"key: {seen.key}\nsize: {size(seen.size_bytes)}" + (f"\n\n{pretty_text(text)}" if text else "")


_KIND = Kind[ExpectedObject, SeenObject]("object", _unmet, _asked, lambda seen: quoted(seen.key), _text)


def record(observations: Sequence[Observation]) -> Json:
    """Return the keys and sizes of objects in each bucket, to the extent that they are the same."""
    found: JsonObject = {}
    for bucket in sorted(observations[0].left.buckets):
        seen = [each.left.buckets.get(bucket) for each in observations]
        buckets = [each for each in seen if each is not None and not each.is_cut]
        pairs = paired([each.objects for each in buckets], lambda each: each.key)
        if pairs is None or len(buckets) < len(seen):
            continue
        entries = [_recorded(objects) for objects in pairs[:_MOST_OBJECTS]]
        if len(entries) < len(pairs) or not all("key" in each for each in entries):
            found[bucket] = {"count": len(pairs)}
        else:
            found[bucket] = {"exact": list(entries)}
    return found or None


def _recorded(objects: Sequence[SeenObject]) -> JsonObject:
    key, length = common_text([each.key for each in objects]), only(each.size_bytes for each in objects)
    entry: JsonObject = {"key": key, "size": None if length is None else f"{length} B"}
    return {name: value for name, value in entry.items() if value is not None}


EXPECTATION = Overall(
    key="objects",
    wanted=Mapping[Reference, Objects],
    description="The objects in buckets, by the bucket's logical ID or by a seeded bucket's name.",
    names=keys_are("bucket"),
    compare=compare,
    record=record,
)
