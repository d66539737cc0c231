"""`aggregates` and `bucket_status`: the rows of the S3 usage report.

A table row has `run_id` (the execution's name) and `bucket_extension`: `<bucket>/<extension>` with
`object_count` and `total_bytes`, or `<bucket>/#status` with `status` and perhaps `reason`. Any table that has
such rows is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.expect.base import Entry
from harness.expect.matcher import described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import same
from harness.expect.wording import counted, off, size
from harness.observe.model import Observation, Run
from harness.scenario.expect import Aggregate, BucketAggregates, BucketStatus
from harness.scenario.pattern import Pattern
from harness.scenario.source import KeyPath

STATUS = "#status"
_UNIT = re.compile(r"\s*['\"]?[\d.]+ *([A-Za-z]*)")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Rows:
    """One run's rows: bucket -> extension -> row, and bucket -> status row."""

    aggregates: Mapping[str, Mapping[str, Row]]
    status: Mapping[str, Row]


@dataclass(frozen=True)
class _Difference:
    """What is wrong in a bucket; equal ones in many buckets become one mismatch."""

    summary: str
    expected: str
    seen: str
    about: str = ""
    key_path: KeyPath = field(default=())


def compare_aggregates(
    wanted: Mapping[str, BucketAggregates], run: Run, observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Every row that is missing, wrong, or not listed."""
    rows = _rows(run, observation)
    for pattern, bucket in wanted.items():
        place = entry.at(pattern)
        yield from _grouped(
            place,
            {
                name: _in_bucket(bucket.extensions, name, rows, place)
                for name in Pattern(pattern, bucket.count)
            },
        )
    patterns = [Pattern(pattern, bucket.count) for pattern, bucket in wanted.items()]
    extra = [name for name in rows.aggregates if not any(name in pattern for pattern in patterns)]
    yield from _grouped(entry, {name: [_unlisted(rows.aggregates[name])] for name in extra})


def compare_status(
    wanted: Mapping[str, BucketStatus], run: Run, observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """The status, and the reason where one is expected, of every bucket that is listed."""
    rows = _rows(run, observation)
    for pattern, status in wanted.items():
        names = Pattern(pattern, status.count)
        yield from _grouped(
            entry.at(pattern), {name: _in_status(status, rows.status.get(name)) for name in names}
        )


def _rows(run: Run, observation: Observation) -> _Rows:
    aggregates: dict[str, dict[str, Row]] = defaultdict(dict)
    status: dict[str, Row] = {}
    for row in (row for table in observation.tables.values() for row in table):
        key = row.get("bucket_extension")
        if row.get("run_id") != run.execution.name or not isinstance(key, str):
            continue
        bucket, _, extension = key.partition("/")
        if extension == STATUS:
            status[bucket] = row
        else:
            aggregates[bucket][extension] = row
    return _Rows(aggregates, status)


def _grouped(entry: Entry, found: Mapping[str, Iterable[_Difference]]) -> Iterator[Mismatch]:
    """One mismatch for each difference, with all buckets that have it."""
    buckets: dict[_Difference, list[str]] = defaultdict(list)
    for bucket, differences in found.items():
        for difference in differences:
            buckets[difference].append(bucket)
    for difference, names in buckets.items():
        subject = f"bucket {names[0]}"
        if len(names) > 1:
            subject += f" and {counted(len(names) - 1, 'other')}"
        yield entry.at(*difference.key_path).mismatch(
            difference.summary, difference.expected, difference.seen, subject + difference.about
        )


def _in_bucket(
    wanted: Mapping[str, Aggregate], bucket: str, rows: _Rows, place: Entry
) -> Iterator[_Difference]:
    seen, status = rows.aggregates.get(bucket, {}), rows.status.get(bucket)
    if wanted and not seen:
        why = f"its status is {_status(status)}" if status else "it has no status row either"
        yield _Difference(f"no rows; {why}", _listed(wanted), f"(no rows; {why})")
        return
    for extension, aggregate in wanted.items():
        of_extension: KeyPath = ("extensions", extension)
        about = f", extension {extension}"
        unit = _unit(place.at(*of_extension, 1))
        expected = f"{extension}: {_amount(*aggregate, unit)}"
        if (row := seen.get(extension)) is None:
            summary = f"expected {_amount(*aggregate, unit)}, seen no row"
            yield _Difference(summary, expected, f"{extension}: no row", about, of_extension)
        elif reasons := tuple(_wrong(aggregate, row, unit)):
            shown = f"{extension}: {_seen_amount(row, unit)}"
            yield _Difference("; ".join(reasons), expected, shown, about, of_extension)
    for extension in seen.keys() - wanted.keys():
        amount = _seen_amount(seen[extension])
        about = f", extension {extension}"
        yield _Difference(f"not expected, seen {amount}", "", f"{extension}: {amount}", about)


def _wrong(wanted: Aggregate, row: Row, unit: str) -> Iterator[str]:
    count, total = row.get("object_count"), row.get("total_bytes")
    if not same(wanted.object_count, count):
        missed = f" ({off(count, wanted.object_count, 'object')})" if isinstance(count, int) else ""
        yield f"expected {counted(wanted.object_count, 'object')}, seen {_or_nothing(count)}{missed}"
    if not same(wanted.total_bytes, total):
        expected = size(wanted.total_bytes, unit)
        if isinstance(total, int):
            missed = size(abs(total - wanted.total_bytes), unit)
            direction = "few" if total < wanted.total_bytes else "many"
            yield f"expected {expected}, seen {size(total, unit)} ({missed} too {direction})"
        else:
            yield f"expected {expected}, seen {_or_nothing(total)}"


def _unlisted(seen: Mapping[str, Row]) -> _Difference:
    shown = "\n".join(f"{extension}: {_seen_amount(row)}" for extension, row in seen.items())
    return _Difference(f"not expected, seen {shown.replace(chr(10), '; ')}", "", shown)


def _in_status(wanted: BucketStatus, row: Row | None) -> Iterator[_Difference]:
    if row is None:
        yield _Difference(f"expected {wanted.status}, seen no status row", wanted.status, "no status row")
        return
    if row.get("status") != wanted.status:
        summary = f"expected {wanted.status}, seen {_status(row)}"
        yield _Difference(summary, wanted.status, _status(row), "", ("status",))
    reason = row.get("reason")
    if wanted.reason is not None and (reasons := unmet(wanted.reason, reason)):
        what = "the reason " + " and ".join(reasons)
        yield _Difference(what, described(wanted.reason), _or_nothing(reason), "", ("reason",))


def _status(row: Row) -> str:
    reason = row.get("reason")
    return str(row.get("status")) + (f" ({reason})" if reason else "")


def _listed(wanted: Mapping[str, Aggregate]) -> str:
    return "\n".join(f"{extension}: {_amount(*a)}" for extension, a in wanted.items())


def _amount(object_count: int, total_bytes: int, unit: str = "") -> str:
    return f"{counted(object_count, 'object')}, {size(total_bytes, unit)}"


def _seen_amount(row: Row, unit: str = "") -> str:
    count, total = row.get("object_count"), row.get("total_bytes")
    if isinstance(count, int) and isinstance(total, int) and count >= 0 and total >= 0:
        return _amount(count, total, unit)
    return f"object_count {_or_nothing(count)}, total_bytes {_or_nothing(total)}"


def _or_nothing(value: Any) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _unit(entry: Entry) -> str:
    """The unit in which the file gives a size: `MiB`; empty for bytes without a unit."""
    where = entry.scenario.position(*entry.path, of="value")
    for _, line in entry.scenario.excerpt(where, 0, 0):
        if found := _UNIT.match(line, where.column - 1):
            return found[1]
    return ""
