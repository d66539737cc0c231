"""Compares an observation with what a scenario expects: `compare.compare` gives all mismatches.

A new kind of expectation is a file here with a function that yields mismatches, a line below, and its type in
`harness.scenario.expect`.
"""

from harness.expect import (
    calls,
    duration,
    execution,
    invocations,
    items,
    logs,
    machines,
    messages,
    path,
    polls,
    usage_report,
)
from harness.expect.base import Overall, PerRun

EXPECTATIONS: tuple[PerRun | Overall, ...] = (
    PerRun("execution", execution.compare),
    PerRun("path", path.compare),
    PerRun("polls", polls.compare),
    PerRun("duration", duration.compare),
    PerRun("aggregates", usage_report.compare_aggregates),
    PerRun("bucket_status", usage_report.compare_status),
    Overall("messages", messages.compare),
    Overall("machines", machines.compare),
    Overall("invocations", invocations.compare),
    Overall("calls", calls.compare),
    Overall("logs", logs.compare),
    Overall("items", items.compare),
)
