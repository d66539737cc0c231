"""Capacity of machines: buckets -> one machine, or the fewest shards that carry them, or a refusal.

A machine is limited by the request that makes it, by the history of its execution, and by the stack's
parameter BucketsPerMachine; the number of machines by the time that AWS takes to make them.
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

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 1 MB a request "including the
# request header and all other associated request data"; a signed header with a session token is about 2 KB.
MAX_REQUEST_BYTES = 1_048_576 - 8_192
MAX_EVENTS = 25_000
# Events of a run without errors, as AWS records them: five per task, two per Pass.
EVENTS_OUTSIDE = 18
EVENTS_PER_BUCKET = 10
EVENTS_PER_RETRY = 3  # scheduled, started, failed
SPARE_RETRIES_PER_BUCKET = 4
Request = Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """The parts of a request for a machine of a run beside its definition.

    `settings` are further arguments of CreateStateMachine, such as `{"tags": [...]}`.
    """

    machine_arn: str
    role_arn: str
    settings: Mapping[str, Any]

    def request(self, arn: str, definition: str) -> Request:
        """The arguments of CreateStateMachine for the machine with this ARN."""
        name = arn.rpartition(":")[2]
        return {"name": name, "definition": definition, "roleArn": self.role_arn, **self.settings}


def most_buckets(parts: Parts) -> int:
    """The most buckets of one machine, by the stack's parameter and by its history.

    Where Lambda lists fewer buckets at once than the machines begin, all may have to be tried again as often
    as they are.
    """
    is_throttled = 0 < parts.most_listed < parts.most_buckets * parts.lanes
    retries = MOST_RETRIES if is_throttled else SPARE_RETRIES_PER_BUCKET
    by_events = (MAX_EVENTS - EVENTS_OUTSIDE) // (EVENTS_PER_BUCKET + EVENTS_PER_RETRY * retries)
    return min(parts.most_buckets, by_events)


def request_bytes(request: Request) -> int:
    """The size of the request's body: botocore sends just this JSON, in which each quote takes two bytes."""
    return len(json.dumps(request))


def fits_one(buckets: Sequence[str], frame: Frame, parts: Parts) -> bool:
    """Tell whether one machine carries the buckets: its history, and the request that makes it.

    CreateMessage's payload needs no check: 66 bytes a bucket are far below its limit of 262,144 bytes then.
    """
    if len(buckets) > most_buckets(parts):
        return False
    request = frame.request(frame.machine_arn, report_definition(buckets, parts))
    return request_bytes(request) <= MAX_REQUEST_BYTES


def split(buckets: Sequence[str], frame: Frame, parts: Parts) -> list[range]:
    """The places of the buckets in the fewest shards, as even as can be, each of which one machine carries.

    Raises:
        TooManyBuckets: if they are more than a run makes; it says how many of these would fit.
    """
    ends = [0, *accumulate(_branch_bytes(buckets, frame, parts))]
    room = MAX_REQUEST_BYTES - _shard_bytes([], 0, frame, parts)
    most = most_buckets(parts)
    found = _even_parts(ends, room, most)
    if found is None:
        counts = range(len(ends))
        limit = bisect_right(counts, False, key=lambda n: _even_parts(ends[: n + 1], room, most) is None) - 1
        raise TooManyBuckets(
            f"{len(buckets):,} buckets are more than one report can carry: of these, {limit:,} would fit, "
            f"in {MOST_SHARDS} machines of at most {most:,} (AWS lets an account make 100 machines at once, "
            "and one a second after that). Nothing was created. "
            'Select fewer with the input {"include": [patterns], "exclude": [patterns]} '
            "or with the stack's parameters IncludePatterns and ExcludePatterns, in several runs if need be."
        )
    return found


def _even_parts(ends: Sequence[int], room: int, most: int) -> list[range] | None:
    """The places of buckets in even parts of at most `most` and `room` bytes; `ends` are sums of bytes."""
    total = len(ends) - 1
    for count in range(max(1, -(-total // most)), MOST_SHARDS + 1):
        borders = [total * number // count for number in range(count + 1)]
        parts = [range(start, end) for start, end in pairwise(borders)]
        if all(ends[part.stop] - ends[part.start] <= room for part in parts):
            return parts
    return None


def _branch_bytes(buckets: Sequence[str], frame: Frame, parts: Parts) -> Iterator[int]:
    """The bytes that each bucket's branch, with a comma, adds to a request at most.

    They follow from the length of its name, which is ASCII, and from the digits of its number: of the last.
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
