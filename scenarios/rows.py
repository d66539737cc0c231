"""The rows of the S3 usage report, as its table holds them.

A row has `run_id` (the execution's name) and `bucket_extension`: `<bucket>/<extension>` with `object_count`
and `total_bytes`, or `<bucket>/#status` with `status` and perhaps `reason`. Any table that has such rows is
read. What else is kept there during a run has a `bucket_extension` that begins with `#`.
"""

from collections.abc import Mapping
from typing import Any

from harness.expect import Observation, Run

STATUS = "#status"

Row = Mapping[str, Any]  # as boto3 reads an item: numbers are Decimal
Rows = Mapping[str, Mapping[str, Row]]


def rows_of(observation: Observation, run: Run) -> Rows:
    """A run's rows: bucket -> extension, or `#status` -> row."""
    found: dict[str, dict[str, Row]] = {}
    for row in (row for table in observation.tables.values() for row in table):
        key = row.get("bucket_extension")
        # What is kept about a run, and is no row of a bucket, has a key that begins with "#".
        if row.get("run_id") == run.execution.name and isinstance(key, str) and not key.startswith("#"):
            bucket, _, extension = key.partition("/")
            found.setdefault(bucket, {})[extension] = row
    return found
