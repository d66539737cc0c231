"""Normalizes a result for comparison: removes values that differ from run to run (times, IDs, poll counts).

Names that CloudFormation generated are replaced by their names in the template: `${OrdersTable}`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from harness.expect.values import plain
from harness.observe.model import Execution, Observation
from harness.observe.tasks import track
from harness.observe.texts import without_times
from harness.report.model import Result

LONGEST_CYCLE = 8
REQUEST_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True)
class NormalizedResult:
    """A result in comparable form. `parts` maps each compared part to its lines.

    Each execution has a part `history of MACHINE/NAME`. An execution with loops also has a part
    `loops of MACHINE/NAME`, because the number of polls is random. A part that only one engine has is not
    compared.
    """

    verdict: str
    reason: str = ""  # for a result that did not pass
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def normalized(result: Result, volatile: Collection[str] = ()) -> NormalizedResult:
    """A result in comparable form. A skipped result or an error has only a verdict and a reason.

    `volatile` are the attributes of items to leave out.
    """
    seen = result.observation
    if result.outcome not in ("passed", "failed") or seen is None:
        return NormalizedResult(result.outcome, result.reason)
    parts = {
        "path": tuple(f"{r.name}: {' '.join(straight(r.execution.path))}" for r in seen.runs),
        "rows": tuple(_rows(seen, volatile)),
        "messages": tuple(f"{m.topic}: {m.subject}\n{m.body}" for m in map(without_times, seen.messages)),
        "machines": seen.machines_left,
        # By name: the order of executions that a Map starts at the same time is random.
        "executions": tuple(sorted(f"{_called(e)}: {e.status}" for r in seen.runs for e in r.executions)),
    }
    for execution in (e for r in seen.runs for e in r.executions):
        way = straight(execution.path)
        history = tuple(_history(execution))
        parts[f"history of {_called(execution)}"] = tuple(
            line for name, line in history if name in ("", *way)
        )
        if len(way) < len(execution.path):
            apart = (line for name, line in history if name not in ("", *way))
            parts[f"loops of {_called(execution)}"] = (" ".join(collapsed(execution.path)), *apart)
    return NormalizedResult(
        result.outcome,
        reason="; ".join(mismatch.summary for mismatch in result.mismatches),
        parts={
            _anonymous(part, seen): tuple(_anonymous(line, seen) for line in lines)
            for part, lines in parts.items()
        },
    )


def _called(execution: Execution) -> str:
    return f"{execution.machine_name}/{execution.name}"


def _anonymous(text: str, seen: Observation) -> str:
    """The text without the account, generated names, the stack's ID and request IDs."""
    text = re.sub(rf"(?<!\d){seen.account_id}(?!\d)", "ACCOUNT", text) if seen.account_id else text
    text = seen.access.without_stack_id(seen.access.with_references(text), "STACK-ID")
    return REQUEST_ID.sub("REQUEST-ID", text)


def straight(path: Sequence[str]) -> tuple[str, ...]:
    """The path without its loops: the states between a state and the return to it are left out."""
    way: list[str] = []
    for state in path:
        if state in way:
            del way[way.index(state) + 1 :]
        else:
            way.append(state)
    return tuple(way)


def collapsed(path: Sequence[str]) -> tuple[str, ...]:
    """The path with consecutive repetitions of a group merged, because the number of polls is random."""
    steps = list(path)
    at = 0
    while at < len(steps):
        for size in range(1, LONGEST_CYCLE + 1):
            group = steps[at : at + size]
            while len(group) == size and steps[at + size : at + 2 * size] == group:
                del steps[at + size : at + 2 * size]
        at += 1
    return tuple(steps)


def _rows(seen: Observation, volatile: Collection[str]) -> Iterable[str]:
    for table, items in sorted(seen.tables.items()):
        for item in items:
            steady = {key: value for key, value in item.items() if key not in volatile}
            yield f"{table}: {json.dumps(steady, sort_keys=True, default=plain)}"


def _history(execution: Execution) -> Iterable[tuple[str, str]]:
    """State and line: the number of events of each type in the state, per visit; "" for events outside
    states.
    """
    visits = track(execution).visits
    states = ((visits[e.id].name if e.id in visits else "", e.type) for e in execution.events)
    entered = Counter(execution.path)
    for (name, kind), count in sorted(Counter(states).items()):
        yield name, f"{name or '(no state)'} {kind} x {count / entered.get(name, 1):g}"
