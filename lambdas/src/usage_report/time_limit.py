"""The time limit of a report, and the longer time that the orchestrator waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

# A poll of the orchestrator takes 9 of the 25,000 events that its history can have: 2,500 polls leave room
# for retries, and for polls after the report's time limit.
MAX_POLLS = 2_500
SPARE_POLLS = 20


@dataclass(frozen=True)
class TimeLimit:
    """Seconds until the report machine times out, and until the orchestrator stops waiting."""

    report_s: int
    orchestrator_s: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the limits in these environment variables."""
        poll_s = int(environment["POLL_INTERVAL_SECONDS"])
        report_s = min(int(environment["REPORT_TIME_LIMIT_SECONDS"]), poll_s * MAX_POLLS)
        return cls(report_s, report_s + poll_s * SPARE_POLLS)
