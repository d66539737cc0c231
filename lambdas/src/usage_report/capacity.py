"""Capacity of machines: buckets -> one machine, or the minimum number of shards, or an error.

A machine is limited by the request that creates it, by the history of its execution, and by the stack's
parameter BucketsPerMachine. The number of machines is limited by the time that AWS takes to create them.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from usage_report.definition import MOST_RETRIES, Parts, report_definition, shard_definition
from usage_report.errors import TooManyBuckets
from usage_report.names import MOST_SHARDS, shard_arn

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 1 MB per request "including the
# request header and all other associated request data"; a signed header with a session token is about 2 KB.
MAX_REQUEST_BYTES = 1_048_576 - 8_192
MAX_EVENTS = 25_000
# Events of a run without errors, as recorded on AWS: five per task, two per Pass.
EVENTS_OUTSIDE = 18
EVENTS_PER_BUCKET = 10
EVENTS_PER_RETRY = 3  # scheduled, started, failed
SPARE_RETRIES_PER_BUCKET = 4
Request = Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """The parts of a request to create a machine, except for its definition.

    `settings` are additional arguments of CreateStateMachine, such as `{"tags": [...]}`.
    """

    machine_arn: str
    role_arn: str
    settings: Mapping[str, Any]

    def request(self, arn: str, definition: str) -> Request:
        """Return the arguments of CreateStateMachine for the machine with this ARN."""
        name = arn.rpartition(":")[2]
        return {"name": name, "definition": definition, "roleArn": self.role_arn, **self.settings}


def most_buckets(parts: Parts) -> int:
    """Return the maximum number of buckets per machine, from the stack's parameter and the history's limit.

    If Lambda lists fewer buckets at once than the machines start, every bucket may need the maximum number of
    retries.
    """
    is_throttled = 0 < parts.most_listed < parts.most_buckets * parts.lanes
    retries = MOST_RETRIES if is_throttled else SPARE_RETRIES_PER_BUCKET
    by_events = (MAX_EVENTS - EVENTS_OUTSIDE) // (EVENTS_PER_BUCKET + EVENTS_PER_RETRY * retries)
    return min(parts.most_buckets, by_events)


def request_bytes(request: Request) -> int:
    """Return the size of the request's body. botocore sends this JSON, in which a quote takes two
    bytes.
    """
    return len(json.dumps(request))


def fits_one(buckets: Sequence[str], frame: Frame, parts: Parts) -> bool:
    """Return whether the buckets fit in one machine's history, and in the request that creates it.

    CreateMessage's payload needs no check: 66 bytes per bucket are then far below its limit of 262,144 bytes.
    """
    if len(buckets) > most_buckets(parts):
        return False
    request = frame.request(frame.machine_arn, report_definition(buckets, parts))
    return request_bytes(request) <= MAX_REQUEST_BYTES


def split(buckets: Sequence[str], frame: Frame, parts: Parts) -> list[range]:
    """Distribute the buckets' indexes evenly over the minimum number of shards, with one machine each.

    Raises:
        TooManyBuckets: if one run cannot handle them; the message says how many would fit.
    """
    ends = [0, *accumulate(_branch_bytes(buckets, frame, parts))]
    room = MAX_REQUEST_BYTES - _shard_bytes([], 0, frame, parts)
    most = most_buckets(parts)
    found = _even_parts(ends, room, most)
    if found is None:
        counts = range(len(ends))
        limit = bisect_right(counts, False, key=lambda n: _even_parts(ends[: n + 1], room, most) is None) - 1
        raise TooManyBuckets(
            f"{len(buckets):,} buckets are too many for one report: {limit:,} of them would fit, "
            f"in {MOST_SHARDS} machines of at most {most:,} (AWS lets an account create 100 machines at "
            "once, and then one per second). Nothing was created. "
            'Select fewer with the input {"include": [patterns], "exclude": [patterns]} '
            "or with the stack's parameters IncludePatterns and ExcludePatterns, if necessary in "
            "several runs."
        )
    return found


def _even_parts(ends: Sequence[int], room: int, most: int) -> list[range] | None:
    """Return indexes in even parts of at most `most` buckets and `room` bytes; `ends` are
    cumulative sums.
    """
    total = len(ends) - 1
    for count in range(max(1, -(-total // most)), MOST_SHARDS + 1):
        borders = [total * number // count for number in range(count + 1)]
        parts = [range(start, end) for start, end in pairwise(borders)]
        if all(ends[part.stop] - ends[part.start] <= room for part in parts):
            return parts
    return None


def _branch_bytes(buckets: Sequence[str], frame: Frame, parts: Parts) -> Iterator[int]:
    """Return the maximum number of bytes that each bucket's branch, with a comma, adds to a request.

    The size depends on the length of its name, which is ASCII, and on the number of digits of the last index.
    """
    nothing = _shard_bytes([], 0, frame, parts)
    known: dict[int, int] = {}
    for bucket in buckets:
        length = len(bucket)
        if length not in known:
            known[length] = _shard_bytes([bucket], len(buckets), frame, parts) - nothing + 1
        yield known[length]


def _shard_bytes(buckets: Sequence[str], first: int, frame: Frame, parts: Parts) -> int:
    arn = shard_arn(frame.machine_arn, MOST_SHARDS)
    return request_bytes(frame.request(arn, shard_definition(buckets, first, parts)))
