"""The message: a summary, and the facts about its run -> subject and text of an e-mail.

Mail programs show the text in a proportional font and wrap long lines. So nothing is aligned, and each
line is readable on its own.

AWS limits an SNS message and the payload between two states to 262,144 bytes, and the text stays below
both: lines that do not fit are added up in a line "(others)", so that the sums stay right.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from usage_report.about import About, counted_when, this_run, what_is_counted, where_the_rest_is
from usage_report.aggregate import Aggregate, largest_first, total
from usage_report.size import in_binary_units
from usage_report.summary import Summary, Unread

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: no line breaks, and fewer than 100 characters
MAX_SUBJECT_CHARACTERS = 99
MAX_TEXT_BYTES = 255_000  # as JSON, where a non-ASCII letter takes up to 6 bytes instead of 2
MAX_UNREAD_BYTES = 100_000
LARGEST_BUCKETS = 20
OTHERS = "(others)"

Entry = tuple[str, Aggregate]


class Message(NamedTuple):
    """The subject and the text to publish."""

    subject: str
    body: str


def compose(summary: Summary, about: About) -> Message:
    """Return the message about the run's results."""
    head = [
        f"S3 usage of account {about.origin.account}",
        "",
        *_overview_lines(summary, about),
        *_unread_lines(summary.unread),
    ]
    tail = [
        *_bucket_lines(summary.buckets),
        "",
        *what_is_counted(summary.extensions),
        "",
        *where_the_rest_is(about),
        "",
        *this_run(about),
    ]
    room = MAX_TEXT_BYTES - sum(_json_bytes(line) for line in [*head, *tail])
    lines = [*head, *_extension_lines(summary.extensions, room), *tail]
    return Message(_subject(summary, about), "\n".join(lines) + "\n")


def _subject(summary: Summary, about: About) -> str:
    """Return the longest subject that SNS accepts; shorter ones omit facts that the text begins with."""
    whose = f"S3 usage of {about.origin.account}: "
    if not (selected := _selected(summary)):
        if about.selected.account_buckets:
            return f"{whose}the patterns select none of {_count(about.selected.account_buckets, 'bucket')}"
        return f"{whose}no buckets"
    unread = f", {_count(len(summary.unread), 'bucket')} not read" if summary.unread else ""
    incomplete = ", INCOMPLETE" if summary.unread else ""
    longest_first = (
        f"{whose}{_overview(summary)}{unread}",
        f"{whose}{_overview(summary)}{incomplete}",
        f"{whose}{_count(selected, 'bucket')}{incomplete}",
    )
    return next(subject for subject in longest_first if len(subject) <= MAX_SUBJECT_CHARACTERS)


def _selected(summary: Summary) -> int:
    return len(summary.buckets) + len(summary.unread)


def _overview(summary: Summary) -> str:
    everything = summary.total
    buckets = _count(len(summary.buckets), "bucket")
    objects = _count(everything.object_count, "object")
    return f"{buckets}, {objects}, {in_binary_units(everything.total_bytes)}"


def _overview_lines(summary: Summary, about: About) -> list[str]:
    everything = (
        f"{_overview(summary)} in total." if _selected(summary) else "There are no buckets to report on."
    )
    return [everything, counted_when(about), *_selection_lines(summary, about)]


def _selection_lines(summary: Summary, about: About) -> list[str]:
    """Return lines about the buckets to read, the patterns that select them, and whether all were read."""
    selected, there = _selected(summary), about.selected.account_buckets
    if about.selected.by_patterns:
        lines = [f"Patterns in force: {about.selected.patterns}."]
        if not selected:
            lines.append(f"The patterns select NONE of the account's {_count(there, 'bucket')}.")
        elif left := there - selected:
            of_account = f"{selected:,} of the account's {_count(there, 'bucket')}"
            others = "the other one is" if left == 1 else f"the other {left:,} are"
            lines.append(f"They select {of_account}; {others} not in this report.")
        else:
            lines.append("They select all buckets of the account.")
    elif selected:
        lines = ["No patterns are in force: the report covers all buckets of the account."]
    else:
        lines = ["The account has none, and no patterns are in force."]
    if selected and not summary.unread:
        lines.append("Nothing is missing: every selected bucket was read.")
    return lines


def _unread_lines(buckets: tuple[Unread, ...]) -> list[str]:
    if not buckets:
        return []
    lines = [
        "",
        f"THIS REPORT IS INCOMPLETE: {_count(len(buckets), 'bucket')} could not be read, "
        f"and the numbers do not include {'it' if len(buckets) == 1 else 'them'}.",
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
    lines = _entries(ranked)
    if sum(map(_json_bytes, lines)) > room:
        # The heading is always present, and "(others)" needs a line.
        fixed = 4 * max(map(_json_bytes, lines))
        shown = _fitting(lines, room - fixed)
        lines = _entries(_folded(ranked, shown))
    return ["", "By extension", *lines]


def _bucket_lines(buckets: Mapping[str, Aggregate]) -> list[str]:
    if not buckets:
        return []
    ranked = largest_first(buckets)
    title = "By bucket" if len(ranked) <= LARGEST_BUCKETS else f"The {LARGEST_BUCKETS} largest buckets"
    return ["", title, *_entries(_folded(ranked, LARGEST_BUCKETS))]


def _folded(ranked: list[Entry], shown: int) -> list[Entry]:
    rest = ranked[shown:]
    return ranked[:shown] + ([(OTHERS, total(aggregate for _, aggregate in rest))] if rest else [])


def _entries(entries: list[Entry]) -> list[str]:
    everything = total(aggregate for _, aggregate in entries)
    return [f"  {name}: {_numbers(aggregate, everything)}" for name, aggregate in entries]


def _numbers(aggregate: Aggregate, everything: Aggregate) -> str:
    """Return the numbers as text: "2 objects, 4.0 KiB (12.3 %)"."""
    numbers = f"{_count(aggregate.object_count, 'object')}, {in_binary_units(aggregate.total_bytes)}"
    return f"{numbers} ({_share(aggregate, everything)})" if aggregate.total_bytes else numbers


def _share(aggregate: Aggregate, everything: Aggregate) -> str:
    share = f"{100 * aggregate.total_bytes / everything.total_bytes:.1f} %"
    return "less than 0.1 %" if share == "0.0 %" else share


def _fitting(lines: Iterable[str], max_bytes: int) -> int:
    """Return the number of first lines that together have at most that many bytes."""
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
