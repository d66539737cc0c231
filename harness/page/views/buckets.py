"""S3 buckets, their objects, and the first bytes of an object."""

from __future__ import annotations

from collections.abc import Mapping

from harness.page.layout import Shown, place
from harness.page.look import SHOWN_BYTES, Look
from harness.page.markup import el
from harness.page.views.parts import long_text, moment, nothing, number, size, table, value


def buckets_view(look: Look, _query: Mapping[str, str]) -> Shown:
    """List the buckets."""
    buckets = look.buckets()
    if not buckets:
        return Shown("Buckets", nothing("No buckets yet."))
    rows = [
        (el("a", {"href": place("bucket", name=each.name)}, each.name), moment(each.made_at))
        for each in buckets
    ]
    return Shown(f"Buckets ({len(buckets):,})", table("Buckets", ("Bucket", "Created"), rows))


def bucket_view(look: Look, query: Mapping[str, str]) -> Shown | None:
    """List the objects in a bucket, starting after a key."""
    name, after = query.get("name", ""), query.get("after", "")
    objects = look.objects(name, after)
    if objects is None:
        return None
    up = el("p", {"class": "up"}, el("a", {"href": "buckets"}, "Buckets"))
    if not objects.listed:
        said = "No more objects." if after else "This bucket is empty."
        return Shown(name, el("div", None, up, nothing(said)))
    rows = [
        (
            el("a", {"href": place("object", bucket=name, key=each.key)}, each.key),
            number(size(each.size_bytes)),
            moment(each.changed_at),
        )
        for each in objects.listed
    ]
    following = place("bucket", name=name, after=objects.after)
    more = el("p", None, el("a", {"href": following}, "More objects")) if objects.after else None
    heads = ("Key", "Size", "-Changed")
    return Shown(name, el("div", None, up, table(f"Objects in {name}", heads, rows), more))


def object_view(look: Look, query: Mapping[str, str]) -> Shown | None:
    """Show the first bytes of an object."""
    bucket, key = query.get("bucket", ""), query.get("key", "")
    content = look.content(bucket, key)
    if content is None:
        return None
    up = el("p", {"class": "up"}, el("a", {"href": place("bucket", name=bucket)}, bucket))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("utf-8", "backslashreplace")
    if not content:
        shown = nothing("This object is empty.")
    elif "\0" in text[:1000]:
        shown = nothing(f"Binary data: {content[:32].hex(' ')} …")
    elif len(content) < SHOWN_BYTES:
        shown = value(text, "Content")
    else:
        shown = el("div", None, nothing(f"The first {size(SHOWN_BYTES)}:"), long_text(text, "Content"))
    return Shown(key, el("div", None, up, shown))
