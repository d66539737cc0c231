"""The message: a summary -> subject and text for the reader of an e-mail.

AWS takes 262,144 bytes as an SNS message and as the payload between two states, and the text stays below
both: what does not fit is added up in a line "(others)", so that the sums stay right.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from usage_report.aggregate import Aggregate, largest_first, total
from usage_report.size import in_binary_units
from usage_report.summary import Summary, Unread

MAX_TEXT_BYTES = 255_000  # as JSON, where a letter outside of ASCII takes up to 6 bytes for 2
MAX_UNREAD_BYTES = 100_000
LARGEST_BUCKETS = 20
OTHERS = "(others)"

Entry = tuple[str, Aggregate]


class Message(NamedTuple):
    """The subject and the text that are published."""

    subject: str
    body: str


def compose(summary: Summary) -> Message:
    """The message about what the run found."""
    head = ["S3 usage report", "", *_overview_lines(summary), *_unread_lines(summary.unread)]
    tail = [*_bucket_lines(summary.buckets), "", f"Run id: {summary.run_id}"]
    room = MAX_TEXT_BYTES - sum(_json_bytes(line) for line in [*head, *tail])
    lines = [*head, *_extension_lines(summary.extensions, room), *tail]
    return Message(_subject(summary), "\n".join(lines) + "\n")


def _subject(summary: Summary) -> str:
    if _is_empty(summary):
        return "S3 usage: no buckets"
    unread = f", {_count(len(summary.unread), 'bucket')} not read" if summary.unread else ""
    return f"S3 usage: {_overview(summary)}{unread}"


def _is_empty(summary: Summary) -> bool:
    return not summary.buckets and not summary.unread


def _overview(summary: Summary) -> str:
    everything = summary.total
    buckets = _count(len(summary.buckets), "bucket")
    objects = _count(everything.object_count, "object")
    return f"{buckets}, {objects}, {in_binary_units(everything.total_bytes)}"


def _overview_lines(summary: Summary) -> list[str]:
    if _is_empty(summary):
        return ["There are no buckets to report on: the account has none, or the patterns select none."]
    return [f"{_overview(summary)} in all."]


def _unread_lines(buckets: tuple[Unread, ...]) -> list[str]:
    if not buckets:
        return []
    lines = [
        "",
        f"THIS REPORT IS INCOMPLETE: {_count(len(buckets), 'bucket')} could not be read, "
        "and the numbers do not contain them.",
    ]
    entries = [f"  {b.bucket}: {b.status}" + (f" ({b.reason})" if b.reason else "") for b in buckets]
    shown = _fitting(entries, MAX_UNREAD_BYTES)
    lines += entries[:shown]
    if left := len(entries) - shown:
        lines.append(f"  {OTHERS}: {_count(left, 'more bucket')}, with their reasons in the table")
    return lines


def _extension_lines(extensions: Mapping[str, Aggregate], room: int) -> list[str]:
    if not extensions:
        return []
    ranked = largest_first(extensions)
    title = "extension"
    lines = _table(title, ranked)
    if sum(map(_json_bytes, lines)) > room:
        # Heading, title and total are always there, and "(others)" needs a line of its own.
        fixed = 4 * max(map(_json_bytes, lines))
        shown = _fitting(lines[1:-1], room - fixed)
        lines = _table(title, _folded(ranked, shown))
    return ["", "By extension", *lines]


def _bucket_lines(buckets: Mapping[str, Aggregate]) -> list[str]:
    if not buckets:
        return []
    ranked = largest_first(buckets)
    return ["", "Largest buckets", *_table("bucket", _folded(ranked, LARGEST_BUCKETS))]


def _folded(ranked: list[Entry], shown: int) -> list[Entry]:
    rest = ranked[shown:]
    return ranked[:shown] + ([(OTHERS, total(aggregate for _, aggregate in rest))] if rest else [])


def _table(title: str, entries: list[Entry]) -> list[str]:
    everything = total(aggregate for _, aggregate in entries)
    cells = [
        (title, "objects", "bytes", "size", "share"),
        *(_cells(name, aggregate, everything) for name, aggregate in entries),
        _cells("total", everything, everything),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_aligned(row, widths) for row in cells]


def _cells(name: str, aggregate: Aggregate, everything: Aggregate) -> tuple[str, ...]:
    share = f"{100 * aggregate.total_bytes / everything.total_bytes:.1f} %" if everything.total_bytes else "-"
    size = in_binary_units(aggregate.total_bytes)
    return (name, f"{aggregate.object_count:,}", f"{aggregate.total_bytes:,}", size, share)


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    name, *numbers = cells
    aligned = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
    return "  " + "  ".join([name.ljust(widths[0]), *aligned])


def _fitting(lines: Iterable[str], max_bytes: int) -> int:
    """Count the first lines that together have at most that many bytes."""
    fitting = 0
    for line in lines:
        max_bytes -= _json_bytes(line)
        if max_bytes < 0:
            break
        fitting += 1
    return fitting


def _json_bytes(line: str) -> int:
    return len(json.dumps(line))  # with its quotes: as long as the line with its line break, "\\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
