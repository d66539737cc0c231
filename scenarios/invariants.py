"""Invariants of the S3 usage report: `harness sweep` checks them at every point, for every fault.

A run must end in one of three ways:

- SUCCEEDED, with exact rows and one report;
- SUCCEEDED, with one report that names every bucket that is missing from it, and exact rows for all others;
- FAILED, with one error published that names the cause.

A run is never silent, never reports a wrong sum, and never sends two reports.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.observe.model import Message, Run
from harness.sweep.invariants import aws_would_allow_it, ends_within, fault_fires, retries_are_bounded
from harness.sweep.model import Invariant, Played, Point, Variant

from .rows import STATUS, Row, Rows, rows_of

ERROR_SUBJECT = re.compile(r"S3 usage of \d{12}: a run failed")
UNREAD = "(DENIED|DELETED|FAILED|NOT STORED)"
NUMBERS = ("object_count", "total_bytes")
TIME_LIMIT_S = 6 * 3600 + 3600
"""The template's ReportTimeLimitSeconds, plus an hour for the steps after it."""
_SUBJECT = re.compile(r"S3 usage of \d{12}: ([\d,]+) buckets?, ([\d,]+) objects?, ")


def counted(rows: Mapping[str, Row]) -> bool:
    """Return whether the status row says that the bucket's rows are complete."""
    return rows.get(STATUS, {}).get("status") == "COUNTED"


def numbers(rows: Mapping[str, Row]) -> dict[str, tuple[Any, ...]]:
    """The numbers of a bucket's rows by extension."""
    return {extension: tuple(row[name] for name in NUMBERS) for extension, row in rows.items()}


def each_run(played: Played) -> Iterator[tuple[Run, Rows, Rows, list[str], list[str]]]:
    """Yield each run with its rows with and without the fault, and the text of its reports and
    errors.
    """
    if played.seen is None:
        return
    for run, before in zip(played.seen.runs, played.base.runs, strict=True):
        mine = [m for m in played.seen.messages if f"Run id: {run.execution.name}\n" in m.body]
        reports = [f"{m.subject}\n{m.body}" for m in mine if not is_error(m)]
        errors = [m.body for m in mine if is_error(m)]
        yield run, rows_of(played.seen, run), rows_of(played.base, before), reports, errors


def is_error(message: Message) -> bool:
    """Return whether the message is about a failed run."""
    return ERROR_SUBJECT.fullmatch(message.subject or "") is not None


def never_silent(played: Played) -> Iterator[str]:
    """Check that a successful run sends one report, and a failed run one error that names the cause."""
    for run, _, _, reports, errors in each_run(played):
        status = run.execution.status
        if status == "SUCCEEDED":
            if len(reports) != 1:
                yield f"{run.name} SUCCEEDED and sent {len(reports)} reports instead of one"
            if errors:
                yield f"{run.name} SUCCEEDED and published an error"
        elif status == "FAILED":
            if len(reports) > 1:
                yield f"{run.name} sent {len(reports)} reports"
            if len(errors) != 1:
                yield f"{run.name} FAILED and published {len(errors)} errors instead of one"
            elif (run.execution.error or "") not in errors[0]:
                yield f"{run.name} FAILED with {run.execution.error}, which its error message does not name"
        else:
            yield f"{run.name} ended {status} without a message"


def complete_or_named(played: Played) -> Iterator[str]:
    """Check that a report names each bucket that it does not count, and counts the others correctly."""
    for run, rows, before, reports, _ in each_run(played):
        if run.execution.status != "SUCCEEDED" or len(reports) != 1:
            continue
        report = reports[0]
        for bucket in sorted({*rows, *before}):
            named = re.search(rf"^  {re.escape(bucket)}: {UNREAD}", report, re.M)
            if not counted(rows.get(bucket, {})) and not named:
                yield f"{run.name}: the report does not say that bucket {bucket} is missing"
        complete = [rows[bucket] for bucket in rows if counted(rows[bucket])]
        objects = sum(row["object_count"] for of in complete for name, row in of.items() if name != STATUS)
        subject = _SUBJECT.match(report)
        said = [int(number.replace(",", "")) for number in subject.groups()] if subject else []
        if before and said != [len(complete), objects]:
            right = [len(complete), objects]
            yield f"{run.name}: the report says {said} buckets and objects, the rows say {right}"


def rows_are_exact(played: Played) -> Iterator[str]:
    """Check that rows equal the rows without the fault, or are a subset of them marked as incomplete."""
    for run, rows, before, _, _ in each_run(played):
        for bucket, mine in rows.items():
            wanted, found = numbers(before.get(bucket, {})), numbers(mine)
            if counted(mine) and found != wanted:
                yield f"{run.name}: bucket {bucket} is COUNTED with {found} instead of {wanted}"
            for extension in found.keys() - {STATUS}:
                if found[extension] != wanted.get(extension):
                    yield f"{run.name}: bucket {bucket} has a wrong row for {extension}: {found[extension]}"


def machines_are_named(played: Played) -> Iterator[str]:
    """Check that a report machine remains only after a failure, and that the message names it."""
    if played.seen is None or not played.seen.machines_left:
        return
    if all(run.execution.status == "SUCCEEDED" for run in played.seen.runs):
        yield f"machines remain although all runs succeeded: {', '.join(played.seen.machines_left)}"
    told = "\n".join(message.body for message in played.seen.messages)
    for name in played.seen.machines_left:
        if name not in told:
            yield f"machine {name} remains, and no message names it"


# Errors after which the same call may soon succeed. AWS returns the first two for new resources.
PASSING = frozenset(
    {
        "ExecutionDoesNotExist",
        "StateMachineDoesNotExist",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceException",
        "SlowDown",
        "Throttled",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def passing_trouble_changes_nothing(played: Played) -> Iterator[str]:
    """Check that a single AWS failure (throttling, a 5xx response, a lost connection) costs only time."""
    trial = played.trial
    if trial.times != "once" or not all(
        _passes(p, v) for p, v in zip(trial.points, trial.variants, strict=True)
    ):
        return
    for run, rows, before, reports, _ in each_run(played):
        if run.execution.status != "SUCCEEDED" or "INCOMPLETE" in "".join(reports):
            yield f"{run.name} ended {run.execution.status}, because it did not retry"
        elif {b: numbers(r) for b, r in rows.items()} != {b: numbers(r) for b, r in before.items()}:
            yield f"{run.name} has other rows than without the fault"


def _passes(point: Point, variant: Variant) -> bool:
    if point.what == "sns:publish" and variant.kind == "cut":
        return False  # it may have been sent: a retry could send a second report
    return variant.kind in ("cut", "delay", "partial", "twice") or variant.label in PASSING


def one_bucket_is_one_line(played: Played) -> Iterator[str]:
    """Check that a failure of one bucket costs one line of the report, not the whole report."""
    if all(point.bucket for point in played.trial.points):
        for run, *_ in each_run(played):
            if run.execution.status != "SUCCEEDED":
                yield f"{run.name} ended {run.execution.status} because of one bucket"


INVARIANTS: tuple[Invariant, ...] = (
    ends_within(TIME_LIMIT_S),
    aws_would_allow_it,
    fault_fires,
    retries_are_bounded,
    never_silent,
    complete_or_named,
    rows_are_exact,
    machines_are_named,
    passing_trouble_changes_nothing,
    one_bucket_is_one_line,
)
