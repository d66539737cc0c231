"""Expectations for the rows of the S3 usage report: `aggregates` and `bucket_status`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, Field

from harness.expect import (
    Entry,
    Expectation,
    Json,
    KeyPath,
    Matcher,
    Mismatch,
    Model,
    Natural,
    Observation,
    Pattern,
    PerRun,
    Positive,
    RefusedError,
    Run,
    Size,
    counted,
    described,
    keys_are_buckets,
    off,
    same,
    size,
    unmet,
)

from .rows import STATUS, Row, Rows, rows_of

BucketState = Literal["COUNTED", "DENIED", "DELETED", "FAILED"]
_UNIT = re.compile(r"\s*['\"]?[\d.]+ *([A-Za-z]*)")


def _extension(text: str) -> str:
    if not text.startswith((".", "(")):
        raise RefusedError(
            f"{text!r} is not an extension",
            f"write {'.' + text!r}, or (none), (folder), (other) for objects without an extension",
        )
    return text


Extension = Annotated[str, AfterValidator(_extension)]


class Aggregate(NamedTuple):
    """Objects and bytes for one extension in one bucket; in the file `[1, 2 MiB]`."""

    object_count: Natural
    total_bytes: Size


class BucketAggregates(Model):
    """A bucket's aggregates by extension, or those of many buckets if the name contains a counter
    `{n}`.
    """

    count: Positive | None = Field(
        default=None, description="Number of buckets that `{n}` in the name stands for."
    )
    extensions: Mapping[Extension, Aggregate] = Field(
        default={},
        description="Objects and bytes by extension: `{.jpg: [1, 2 MiB]}`. Other extensions are not allowed.",
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {
        "type": "object",
        "propertyNames": {"pattern": r"^[.(]"},
        "additionalProperties": Aggregate,
    }
    wants: ClassVar[str] = "a mapping from extensions to [objects, size]"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """`{"extensions": {".jpg": [1, 5]}}` for `{".jpg": [1, 5]}`."""
        if isinstance(value, dict) and not (value and value.keys() <= {"count", "extensions"}):
            return {"extensions": value}
        return value


class BucketStatus(Model):
    """The result of counting a bucket, or many buckets if the name contains a counter `{n}`."""

    status: BucketState = Field(description="The result.")
    reason: Matcher | None = Field(default=None, description="Matches the reason why it was not counted.")
    count: Positive | None = Field(
        default=None, description="Number of buckets that `{n}` in the name stands for."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"enum": ["COUNTED", "DENIED", "DELETED", "FAILED"]}
    wants: ClassVar[str] = "a status, or a mapping with status and reason"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """`{"status": status}` for a bare status."""
        return {"status": value} if isinstance(value, str) else value


@dataclass(frozen=True)
class _Difference:
    """A difference in a bucket. Equal differences in several buckets become one mismatch."""

    summary: str
    expected: str
    seen: str
    about: str = ""
    key_path: KeyPath = ()


def compare_aggregates(
    wanted: Mapping[str, BucketAggregates], run: Run, observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Yield every row that is missing, wrong, or not listed."""
    rows = rows_of(observation, run)
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
    counts = {bucket: _counts(rows, bucket) for bucket in rows}
    extra = [name for name, seen in counts.items() if seen and not any(name in p for p in patterns)]
    yield from _grouped(entry, {name: [_unlisted(counts[name])] for name in extra})


def compare_status(
    wanted: Mapping[str, BucketStatus], run: Run, observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Compare the status of every listed bucket, and its reason if one is expected."""
    rows = rows_of(observation, run)
    for pattern, status in wanted.items():
        found = {name: _in_status(status, _status_row(rows, name)) for name in Pattern(pattern, status.count)}
        yield from _grouped(entry.at(pattern), found)


def _counts(rows: Rows, bucket: str) -> dict[str, Row]:
    """Return the bucket's rows by extension."""
    return {extension: row for extension, row in rows.get(bucket, {}).items() if extension != STATUS}


def _status_row(rows: Rows, bucket: str) -> Row | None:
    return rows.get(bucket, {}).get(STATUS)


def _grouped(entry: Entry, found: Mapping[str, Iterable[_Difference]]) -> Iterator[Mismatch]:
    """Yield one mismatch per difference, with all affected buckets."""
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
    wanted: Mapping[str, Aggregate], bucket: str, rows: Rows, place: Entry
) -> Iterator[_Difference]:
    seen, status = _counts(rows, bucket), _status_row(rows, bucket)
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


def _or_nothing(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _unit(entry: Entry) -> str:
    """Return the unit in which the file specifies a size: `MiB`; empty for bytes without a unit."""
    where = entry.scenario.position(*entry.path, of="value")
    for _, line in entry.scenario.excerpt(where, 0, 0):
        if found := _UNIT.match(line, where.column - 1):
            return found[1]
    return ""


EXPECTATIONS: tuple[Expectation[Any], ...] = (
    PerRun(
        key="aggregates",
        wanted=Mapping[str, BucketAggregates],
        description="Objects and bytes by bucket and extension, exactly: a row that is not listed is a "
        "mismatch.",
        rules=(keys_are_buckets,),
        compare=compare_aggregates,
    ),
    PerRun(
        key="bucket_status",
        wanted=Mapping[str, BucketStatus],
        description="The result of counting these buckets.",
        rules=(keys_are_buckets,),
        compare=compare_status,
    ),
)
