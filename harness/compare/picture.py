"""What has to be the same on every engine, without what differs from run to run (times, ids, poll counts)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.observe.model import Execution, HistoryEvent, Observation
from harness.report.model import Result

LONGEST_CYCLE = 8
OF_BRANCHES = ("ParallelState", "MapState", "MapRun")
VOLATILE = frozenset({"expires_at"})
REQUEST_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Picture:
    """A result in comparable form; `parts` maps what is compared to its lines.

    Each execution has a part of its own, `history of MACHINE/NAME`, and one that went in circles also
    `loops of MACHINE/NAME`: whether one polls at all is chance. What only one engine has is not compared.
    """

    verdict: str
    reason: str = ""  # why it was skipped, or broke off
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def picture(result: Result) -> Picture:
    """The comparable form of a result. One that was skipped or broke off has only its verdict."""
    seen = result.observation
    if result.outcome not in ("passed", "failed") or seen is None:
        return Picture(result.outcome, result.reason)
    parts = {
        "path": tuple(f"{r.name}: {' '.join(straight(r.execution.path))}" for r in seen.runs),
        "rows": tuple(_rows(seen)),
        "messages": tuple(f"{m.topic}: {m.subject}\n{m.body}" for m in seen.messages),
        "machines": seen.machines_left,
        "executions": tuple(f"{_called(e)}: {e.status}" for r in seen.runs for e in r.executions),
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
    return Picture(
        result.outcome,
        parts={
            part: tuple(_anonymous(line, seen.account_id) for line in lines) for part, lines in parts.items()
        },
    )


def _called(execution: Execution) -> str:
    return f"{execution.machine_name}/{execution.name}"


def _anonymous(text: str, account_id: str) -> str:
    """Without the scenario's own account, and the ids of requests, which an error's JSON carries."""
    text = re.sub(rf"(?<!\d){account_id}(?!\d)", "ACCOUNT", text) if account_id else text
    return REQUEST_ID.sub("REQUEST-ID", text)


def straight(path: Sequence[str]) -> tuple[str, ...]:
    """The path without its circles: what lies between a state and its return is left out."""
    way: list[str] = []
    for state in path:
        if state in way:
            del way[way.index(state) + 1 :]
        else:
            way.append(state)
    return tuple(way)


def collapsed(path: Sequence[str]) -> tuple[str, ...]:
    """The path with groups that come several times in a row written once: how often one polls is chance."""
    steps = list(path)
    at = 0
    while at < len(steps):
        for size in range(1, LONGEST_CYCLE + 1):
            group = steps[at : at + size]
            while len(group) == size and steps[at + size : at + 2 * size] == group:
                del steps[at + size : at + 2 * size]
        at += 1
    return tuple(steps)


def _rows(seen: Observation) -> Iterable[str]:
    for table, items in sorted(seen.tables.items()):
        for item in items:
            yield f"{table}: {json.dumps(_steady(item), sort_keys=True, default=str)}"


def _steady(item: Any) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in VOLATILE}


def _history(execution: Execution) -> Iterable[tuple[str, str]]:
    """State and line: how often each kind of event came in it, per visit; "" for what is in no state."""
    names: dict[int, str] = {
        e.id: e.details["name"] for e in execution.events if e.type.endswith("StateEntered")
    }
    before = {e.id: e.previous_event_id for e in execution.events}
    visits = Counter(execution.path)

    def state(event: HistoryEvent) -> str:
        if "name" in event.details:
            return str(event.details["name"])
        if event.type.startswith(OF_BRANCHES):  # linked to whichever branch came last
            return ""
        at = event.id
        while at and at not in names:
            at = before.get(at, 0)
        return names.get(at, "")

    counts = Counter((state(e), e.type) for e in execution.events)
    for (name, kind), count in sorted(counts.items()):
        yield name, f"{name or '(start)'} {kind} x {count / visits.get(name, 1):g}"
