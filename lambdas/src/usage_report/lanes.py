"""Lists a bucket in lanes: threads of one invocation, each of which lists one range of keys after another.

A small bucket needs only one lane. Lanes shorten the function's run time: they wait for S3 simultaneously,
and share one processor.
"""

import threading
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from usage_report import aws
from usage_report.aggregate import Aggregate, Counts
from usage_report.ranges import Range, Splitter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Listed:
    """The progress of listing a bucket.

    Attributes:
        aggregates: objects and bytes by extension of the listed part.
        left: the ranges that are not listed yet, as `[after, until]`; empty at the end.
        pages: the number of listed pages.
    """

    aggregates: dict[str, Aggregate]
    left: tuple[tuple[str, str | None], ...]
    pages: int


NOTHING = Listed({}, (("", None),), 0)
"""The progress at the beginning."""


class Lanes:
    """The lanes of one bucket; `most` is their maximum number, `is_late` returns whether to stop."""

    def __init__(self, s3: "S3Client", bucket: str, most: int, is_late: Callable[[], bool]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._most = most
        self._is_late = is_late
        self._lock = threading.Lock()
        self._waiting: list[Range] = []
        self._live: list[Range] = []
        self._left: list[Range] = []
        self._threads: list[threading.Thread] = []
        self._error: Exception | None = None

    def list(self, before: Listed = NOTHING) -> tuple[Listed, Exception | None]:
        """List the remaining ranges, until the end, a permanent error or the time to stop.

        Return the progress, and the error that ended it, if any.
        """
        self._splitter = Splitter(self._most, before.pages)
        self._counts = Counts(before.aggregates)
        self._waiting = [Range(after, until) for after, until in reversed(before.left)]
        for _ in range(min(self._most, len(self._waiting)) - 1):
            self._start()
        self._run()
        while self._threads:
            self._threads.pop().join()
        left = sorted((*self._waiting, *self._left), key=lambda each: each.after)
        listed = tuple((each.after, each.until) for each in left)
        return Listed(self._counts.aggregates(), listed, self._splitter.pages), self._error

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="lane")
        thread.start()
        self._threads.append(thread)

    def _run(self) -> None:
        """Run a lane: list one range after another while there are waiting ranges."""
        while (listed := self._next()) is not None:
            is_over, error = False, None
            try:
                is_over = self._list(listed)
            except Exception as caught:
                error = caught
            # In one step: no other lane may take a range that this lane still has.
            with self._lock:
                self._live.remove(listed)
                if error is not None and self._live and aws.may_pass(error):
                    # S3 throttles the lanes: others list the rest of the range. The last lane does not wait.
                    self._most = len(self._live)
                    self._waiting.insert(0, listed)
                elif not is_over:
                    self._left.append(listed)
                    self._error = self._error or error

    def _next(self) -> Range | None:
        with self._lock:
            if self._error is not None or not self._waiting or len(self._live) >= self._most:
                return None
            listed = self._waiting.pop()
            self._live.append(listed)
            return listed

    def _list(self, listed: Range) -> bool:
        """List a range to its end; return False if it is time to stop earlier."""
        while True:
            page = self._s3.list_objects_v2(**self._request(listed))
            contents = page.get("Contents", ())
            keys = [entry["Key"] for entry in contents]
            mine = len(keys) if listed.until is None else bisect_right(keys, listed.until)
            with self._lock:
                self._counts.add((entry["Key"], entry["Size"]) for entry in contents[:mine])
                self._splitter.note(listed, keys[:mine])
                listed.token = page.get("NextContinuationToken")
                if not page["IsTruncated"] or mine < len(keys):
                    return True
                if self._error is not None or self._is_late():
                    return False
                if len(self._live) + len(self._waiting) < self._most:
                    upper = self._splitter.split(listed, self._live)
                    if upper is not None:
                        self._waiting.append(upper)
                        self._start()

    def _request(self, listed: Range) -> Any:
        request: dict[str, str] = {"Bucket": self._bucket}
        if listed.token is not None:
            request["ContinuationToken"] = listed.token
        elif listed.after:
            request["StartAfter"] = listed.after
        return request
