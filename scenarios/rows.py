"""The rows of the S3 usage report in its table.

A row has `run_id` (the execution's name) and `bucket_extension`: `<bucket>/<extension>` with
`object_count` and `total_bytes`, or `<bucket>/#status` with `status` and optionally `reason`. Any table
with such rows is read. For other data about a run, `bucket_extension` begins with `#`.
"""

from collections.abc import Mapping
from typing import Any

from harness.expect import Observation, Run

STATUS = "#status"

Row = Mapping[str, Any]  # as boto3 returns an item: numbers are Decimal
Rows = Mapping[str, Mapping[str, Row]]


def rows_of(observation: Observation, run: Run) -> Rows:
    """A run's rows: bucket -> extension, or `#status` -> row."""
    found: dict[str, dict[str, Row]] = {}
    for row in (row for table in observation.tables.values() for row in table):
        key = row.get("bucket_extension")
        # The key of other data about a run begins with "#".
        if row.get("run_id") == run.execution.name and isinstance(key, str) and not key.startswith("#"):
            bucket, _, extension = key.partition("/")
            found.setdefault(bucket, {})[extension] = row
    return found
