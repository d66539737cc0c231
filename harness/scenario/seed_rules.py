"""Rules for `seed`: object contents and counters, item values, and message bodies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from harness.json_types import Json, JsonObject, as_dict
from harness.numbered import Pattern
from harness.quotas import SQS_MESSAGE_BYTES
from harness.scenario import units
from harness.scenario.base import logical_id
from harness.scenario.bucket_rules import Entries, counter, repeated
from harness.scenario.finding import Finding, as_list, count_of, seeded_objects
from harness.scenario.plain import table_name
from harness.scenario.position import RefusedError
from harness.scenario.seed_items import wrong_in
from harness.scenario.seed_objects import CONTENTS
from harness.scenario.source import KeyPath


def _objects(data: JsonObject) -> Iterator[Finding]:
    """Check that each object's counter and count match, that it has at most one content, and that its size is
    correct.
    """
    for _, list_at, entries in seeded_objects(data):
        for n, entry in enumerate(entries):
            at = (*list_at, n)
            if isinstance(key := as_dict(entry).get("key"), str):
                yield from counter(key, entry, at, ("key",), "key")
            yield from _content(as_dict(entry), at)


def _content(entry: JsonObject, at: KeyPath) -> Iterator[Finding]:
    given = [key for key in CONTENTS if key in entry]
    for key in given[1:]:
        yield Finding((*at, key), f"{given[0]} and {key} of an object cannot be combined", "keep one of them")
    if "size" not in entry:
        if "key" in entry and not given:
            message = f"the object {entry['key']!r} has neither size nor body"
            yield Finding(at, message, "add one of them, or json, jsonl, csv or file")
        return
    if given and given != ["body"]:
        message = f"the size of the object is determined by its {given[0]}"
        yield Finding((*at, "size"), message, "remove the size")
        return
    body = entry.get("body")
    try:
        size = units.size_bytes(entry["size"])
    except RefusedError:
        return
    if isinstance(body, str) and size != (actual := len(body.encode())):
        message = f"size is {size:,} bytes, but the body has {actual:,}"
        yield Finding((*at, "size"), message, "remove the size", "value")


def _twice_in_bucket(data: JsonObject) -> Iterator[Finding]:
    """Check that keys are unique within a bucket."""
    for bucket, list_at, listed in seeded_objects(data):
        entries: Entries = []
        for n, entry in enumerate(listed):
            if isinstance(key := as_dict(entry).get("key"), str):
                entries.append(((*list_at, n, "key"), Pattern(key, count_of(entry))))
        for at, name in repeated(entries):
            yield Finding(at, f"the bucket {bucket!r} already has an object {name!r}", "remove one", "value")


def seeded_items(data: JsonObject) -> Iterator[tuple[str, KeyPath, list[Json]]]:
    """Yield each list of seeded items: the table name, the key path, and the items."""
    for table, spec in as_dict(as_dict(data.get("seed")).get("tables")).items():
        at: KeyPath = ("seed", "tables", table)
        if isinstance(spec, dict):
            yield table, (*at, "items"), as_list(spec.get("items"))
        else:
            yield table, at, as_list(spec)


def _table_names(data: JsonObject) -> Iterator[Finding]:
    """Check that a table is either in the template, by logical ID, or has a name and a key."""
    for name, spec in as_dict(as_dict(data.get("seed")).get("tables")).items():
        try:
            table_name(name) if "key" in as_dict(spec) else logical_id(name)
        except RefusedError as refused:
            yield Finding(("seed", "tables", name), refused.message, refused.remedy)


def _items(data: JsonObject) -> Iterator[Finding]:
    """Check that each value in an item is valid in DynamoDB."""
    for _, list_at, items in seeded_items(data):
        for n, item in enumerate(items):
            for at, message, remedy in wrong_in(as_dict(item), (*list_at, n)):
                yield Finding(at, message, remedy, "value")


def _messages(data: JsonObject) -> Iterator[Finding]:
    """Check that each message has exactly one body, and that SQS accepts it."""
    for queue, entries in as_dict(as_dict(data.get("seed")).get("queues")).items():
        for n, entry in enumerate(as_list(entries)):
            at: KeyPath = ("seed", "queues", queue, n)
            if isinstance(entry, dict) and ("body" in entry) == ("json" in entry):
                both = "both body and json" if "body" in entry else "neither body nor json"
                yield Finding(at, f"the message has {both}", "specify one of them")
                continue
            text = entry if isinstance(entry, str) else as_dict(entry).get("body")
            if "json" in as_dict(entry):
                text = json.dumps(as_dict(entry)["json"], ensure_ascii=False)
            if text == "":
                yield Finding(at, "an SQS message cannot be empty", "add text", "value")
            elif isinstance(text, str) and (size := len(text.encode())) > SQS_MESSAGE_BYTES:
                message = f"the message has {size:,} bytes"
                yield Finding(at, message, f"the SQS limit is {SQS_MESSAGE_BYTES:,}")


RULES: tuple[Callable[[JsonObject], Iterator[Finding]], ...] = (
    _objects,
    _twice_in_bucket,
    _table_names,
    _items,
    _messages,
)
