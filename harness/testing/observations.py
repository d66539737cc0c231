"""Builders for observations, and for sweep trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.expect import BUILT_IN
from harness.expect.model import Mismatch
from harness.functions.shared.hosts import SeenRequest
from harness.functions.shared.model import Invocation
from harness.observe.access import Access
from harness.observe.calls import calls as calls_of
from harness.observe.model import Execution, Keys, Message, Observation, Run, SeenCall, TableItem
from harness.report.model import Outcome, Result
from harness.scenario.load import parse
from harness.sweep.model import Played, Point, Times, Trial, Variant
from harness.testing.clock import ACCOUNT_ID, REGION
from harness.testing.histories import an_execution


def a_message(subject: str | None, body: str = "", topic: str = "Topic") -> Message:
    """Return a message as received by a subscriber to the topic with this logical ID."""
    return Message(topic, subject, body)


def observed(
    *runs: Execution | Run,
    invocations: Iterable[Invocation] = (),
    functions: Mapping[str, str] | None = None,
    calls: Iterable[SeenCall] | None = None,
    tables: Mapping[str, Iterable[TableItem]] | None = None,
    table_keys: Keys | None = None,
    messages: Iterable[Message] = (),
    machines_left: Iterable[str] = (),
    access: Access | None = None,
    fired: Mapping[int, int] | None = None,
    durations_matched: Mapping[int, int] | None = None,
    stand_ins_used: Mapping[int, int] | None = None,
    requests: Iterable[SeenRequest] = (),
    hosts_used: Mapping[int, int] | None = None,
    task_tokens: Mapping[str, str] | None = None,
) -> Observation:
    """Return the observation for these runs. Each execution becomes a run with the execution's name.

    Without `calls`, the calls are derived from the histories and the invocations. For the other members, see
    harness.observe.model.Observation.
    """
    started = tuple(run if isinstance(run, Run) else Run(run.name, run) for run in runs)
    made, names = tuple(invocations), functions or {}
    return Observation(
        runs=started,
        tables={table: tuple(items) for table, items in (tables or {}).items()},
        messages=tuple(messages),
        machines_left=tuple(machines_left),
        invocations=made,
        functions=names,
        calls=calls_of(started, made, names) if calls is None else tuple(calls),
        table_keys=table_keys or {},
        access=access or Access(),
        account_id=ACCOUNT_ID,
        region=REGION,
        fired=fired or {},
        durations_matched=durations_matched or {},
        stand_ins_used=stand_ins_used or {},
        requests=tuple(requests),
        hosts_used=hosts_used or {},
        task_tokens=task_tokens or {},
    )


def played(
    seen: Observation | None,
    base: Observation | None = None,
    *,
    outcome: Outcome = "passed",
    reason: str = "",
    mismatches: tuple[Mismatch, ...] = (),
    point: Point | None = None,
    variant: Variant | None = None,
    times: Times = "once",
) -> Played:
    """Return a trial in the format passed to an invariant: the run results with the fault, and without it
    (`base`).

    `base` defaults to one execution that succeeded. The default fault is a SlowDown error from
    s3:ListObjectsV2. Set `point` and `variant` for a different fault.
    """
    point = point or Point("call", "s3:ListObjectsV2", "Function", "State", 1)
    variant = variant or Variant("error", "SlowDown", {"error": "SlowDown"})
    scenario = parse(
        "title: A trial\n"
        "faults: [{call: s3:ListObjectsV2, error: SlowDown}]\n"
        "expect: {execution: {status: SUCCEEDED}}\n",
        BUILT_IN,
    )
    trial = Trial((point,), (variant,), times, ({**point.where, **variant.keys},))
    result = Result(scenario, "moto", outcome, 0.1, mismatches, seen, reason)
    return Played(trial, base or observed(an_execution()), result)
