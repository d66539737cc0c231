"""Execution logs in moto's log groups."""

from __future__ import annotations

from harness.stepfunctions.arns import Caller
from harness.stepfunctions.logs import Line


def log_group_exists(caller: Caller, name: str) -> bool:
    """Return whether a log group exists in an account and region."""
    from moto.logs.models import logs_backends  # noqa: PLC0415  (start-up)

    return name in logs_backends[caller.account_id][caller.region].groups


def write(line: Line) -> None:
    """Write a line. As on AWS, the line is lost if the log group has been deleted."""
    from moto.logs.models import logs_backends  # noqa: PLC0415  (start-up)

    owner = Caller.owner_of(line.group)
    name = line.group.partition(":log-group:")[2].removesuffix(":*")
    group = logs_backends[owner.account_id][owner.region].groups.get(name)
    if group is None:
        return
    if line.stream not in group.streams:
        group.create_log_stream(line.stream)
    event = {"timestamp": int(line.moment * 1000), "message": line.text}
    group.put_log_events(line.stream, [event])
