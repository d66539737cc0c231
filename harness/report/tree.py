"""All events of a run as a tree: execution > state > invocation > AWS call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from harness.expect.call_wording import ended, parameters_of
from harness.expect.wording import counted, time
from harness.functions.shared.model import Call, Invocation
from harness.observe.calls import task_call
from harness.observe.match_invocations import matching_tasks
from harness.observe.model import Execution, HistoryEvent, Observation, SeenCall
from harness.observe.tasks import Branch, Task, Visit, track
from harness.report.layout import BAD, GOOD, QUIET, STRONG, line
from harness.report.nodes import Node, one_of_each, without_repeats

WARN = "yellow"
_DIGITS = re.compile(r"\d+")
_GAP = "  "

Part = tuple[str, str]


def forest(observation: Observation) -> tuple[Node, ...]:
    """Return one tree per execution, and one for the invocations without a known execution."""
    executions = [execution for run in observation.runs for execution in run.executions]
    tracks = [track(execution) for execution in executions]
    found = matching_tasks((task for one in tracks for task in one.tasks), observation.invocations)
    invoked = {
        task: invocation
        for task, invocation in zip(found, observation.invocations, strict=True)
        if task is not None
    }
    view = _View(observation.functions, invoked)
    trees = [
        _node(
            execution.name,
            [(f"{execution.name} of {execution.machine_name}", STRONG), *_execution(execution)],
            view.states(one.root, execution),
        )
        for execution, one in zip(executions, tracks, strict=True)
    ]
    others = [i for task, i in zip(found, observation.invocations, strict=True) if task is None]
    if others:
        below = without_repeats([view.invocation(invocation) for invocation in others])
        trees.append(_node("others", [("invocations without a known execution", STRONG)], below))
    return tuple(trees)


def calls_of(invocation: Invocation) -> tuple[Node, ...]:
    """Return the calls from one invocation, with only the first of each series of identical calls."""
    return without_repeats([_call(call) for call in invocation.calls])


@dataclass(frozen=True)
class _View:
    """The names to show in an execution: logical IDs, and the invocation of each task."""

    functions: Mapping[str, str]
    invoked: Mapping[Task, Invocation]

    def states(self, branch: Branch, execution: Execution) -> tuple[Node, ...]:
        return without_repeats([self._state(visit, execution) for visit in branch.visits])

    def _state(self, visit: Visit, execution: Execution) -> Node:
        started = (visit.entered.timestamp - execution.started_at).total_seconds()
        parts = [(visit.name, ""), _status(visit, execution), (f"+{time(started)}", QUIET)]
        if visit.exited is not None:
            took = (visit.exited.timestamp - visit.entered.timestamp).total_seconds()
            parts += [(f"took {time(took)}", QUIET)] if took else []
        if len(visit.tasks) > 1:
            parts.append((counted(len(visit.tasks), "attempt"), WARN))
        below = [self._task(task) for task in visit.tasks]
        if visit.branches:
            noun = "iteration" if visit.kind == "Map" else "branch"
            below += one_of_each(
                [
                    self._branch(f"{noun} {n}", branch, execution)
                    for n, branch in enumerate(visit.branches, start=1)
                ]
            )
        return _node(visit.name, parts, without_repeats(below) if visit.tasks else below)

    def _branch(self, name: str, branch: Branch, execution: Execution) -> Node:
        buckets = (self._call(task).bucket for visit in branch.visits for task in visit.tasks)
        bucket = next(filter(None, buckets), "")
        parts = [(name, QUIET)] + ([(f"bucket {bucket}", "")] if bucket else [])
        below = self.states(branch, execution)
        return Node(name, _label(parts), "branch", below)

    def _task(self, task: Task) -> Node:
        invocation = self.invoked.get(task)
        attempt = [(f"attempt {task.attempt + 1}", QUIET)] if task.attempt else []
        if invocation is not None:
            return self.invocation(invocation, task, attempt)
        call = self._call(task)
        if not call.invokes:
            return _call(call, attempt)
        # Lambda rejected the invocation, or the engine does not record it.
        status = (ended(call), BAD if call.error is not None else GOOD)
        return _node("lambda:Invoke", [("lambda:Invoke", ""), status, (call.invokes, QUIET), *attempt])

    def invocation(
        self, invocation: Invocation, task: Task | None = None, attempt: Sequence[Part] = ()
    ) -> Node:
        name = self.functions.get(invocation.function, invocation.function)
        parts: list[Part] = [(name, "")]
        if invocation.error is not None:
            parts.append((invocation.error.type or "failed", BAD))
        elif task is not None and task.error is not None:
            parts.append((f"ok, but the state got {task.error}", BAD))
        else:
            parts.append(("ok", GOOD))
        parts.append((time(invocation.duration_s), QUIET))
        parts += attempt
        if invocation.faults:
            parts.append(("fault", WARN))
        return _node(name, parts, calls_of(invocation))

    def _call(self, task: Task) -> SeenCall:
        return task_call(task, self.functions)


def _execution(execution: Execution) -> Iterator[Part]:
    good = execution.status == "SUCCEEDED"
    yield execution.status, GOOD if good else BAD
    if execution.stopped_at is not None:
        yield time((execution.stopped_at - execution.started_at).total_seconds()), QUIET
    if execution.error:
        yield execution.error, BAD


def _status(visit: Visit, execution: Execution) -> Part:
    """Return the end of a visit: `ok`, `caught ValueError`, `failed: ValueError`, `running`, `stopped`."""
    error = _error(visit.last)
    if visit.exited is not None:
        return (f"caught {error}", WARN) if error else ("ok", GOOD)
    if visit.kind == "Fail":
        return "failed", BAD
    if visit.kind == "Succeed":
        return "ok", GOOD
    if error:
        return f"failed: {error}", BAD
    return ("running", WARN) if execution.status == "RUNNING" else ("stopped", WARN)


def _error(event: HistoryEvent) -> str:
    if not event.type.endswith(("Failed", "TimedOut")):
        return ""
    return event.text("error") or "an error without a name"


def _call(call: Call | SeenCall, attempt: Sequence[Part] = ()) -> Node:
    name = f"{call.service}:{call.operation}"
    failed = call.error is not None
    status = (ended(call), BAD if failed else WARN if call.attempts > 1 else GOOD)
    return _node(name, [(name, ""), status, (parameters_of(call), QUIET), *attempt])


def _node(name: str, parts: Iterable[Part], children: Iterable[Node] = ()) -> Node:
    """Return a node. Its kind consists of its parts that are not quiet: `ListObject1` and `ListObject2` are
    alike.
    """
    listed = [part for part in parts if part[0]]
    kind = tuple(
        _DIGITS.sub("#", text) if n == 0 else text for n, (text, style) in enumerate(listed) if style != QUIET
    )
    return Node(name, _label(listed), kind, tuple(children))


def _label(parts: Iterable[Part]) -> Text:
    return Text(_GAP).join(line(text.replace("\n", " "), style) for text, style in parts)
