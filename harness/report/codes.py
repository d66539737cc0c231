"""The codes for a failure. `harness explain` accepts them and shows more details."""

from __future__ import annotations

from collections.abc import Iterator

from harness.explaining import code_of, pages
from harness.report.expected_failures import Parted, parted
from harness.report.model import Result

_EXCEPTION = "engine-exception"
_NOT_BEGUN = "stack-failed"
_WITHOUT_END = "run-timeout"


def codes_of_failure(result: Result, parts: Parted | None = None) -> tuple[str, ...]:
    """Return the codes for a failure's reason, causes and mismatches, without duplicates.

    A scenario that did not fail has no codes. `parts` are its failures, if the caller already has them.
    """
    if result.outcome not in ("failed", "error"):
        return ()
    if parts is None and result.observation is not None:
        parts = parted(result, result.observation)
    return tuple(dict.fromkeys(_codes(result, parts)))


def _codes(result: Result, parts: Parted | None) -> Iterator[str]:
    if result.reason:
        not_over = _NOT_BEGUN if result.observation is None else _WITHOUT_END
        yield code_of(result.reason, _EXCEPTION if result.broke else not_over)
    if parts is not None:
        causes = parts.causes
        errors = [ending.error for ending in causes.endings] + [task.error for task in causes.tasks]
        errors += [each.error.type for each in causes.invocations if each.error is not None]
        yield from (error for error in errors if error in pages())
    yield from (mismatch.expectation.lstrip("-") for mismatch in result.mismatches)
