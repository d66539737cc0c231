"""A scenario's runs and their verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.bug import Bug
from harness.execute import Started
from harness.expect.model import Mismatch
from harness.notes import Note
from harness.observe.model import Observation, Run
from harness.report.model import Broke
from harness.scenario.model import Scenario
from harness.stack.model import STATE_MACHINE, Stack
from harness.unanswered import remedy


@dataclass(frozen=True)
class Judgement:
    """A scenario's runs, and everything that is wrong with them.

    `mismatches` are the differences from the scenario's expectations, and everything that AWS would have
    rejected: calls without permission, and sizes beyond a limit. `reason` is empty unless a run did not
    finish in time or the engine raised an exception (`bugs`). If a run did not finish, `reason` lists the
    state of its executions. In both cases, expectations are not compared. `notes` are the findings that the
    project accepts.
    """

    observation: Observation
    mismatches: tuple[Mismatch, ...] = ()
    reason: str = ""
    bugs: tuple[Bug, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def broke(self) -> Broke:
        """The component that broke down."""
        if all(bug.stopped for bug in self.bugs):
            return ""
        return "harness" if any(bug.is_of_harness for bug in self.bugs) else "engine"


def standing(started: Started, seen: Run, scenario: Scenario, stack: Stack) -> str:
    """Return the status of the executions in a run that did not finish in time."""
    end = f"did not end within {started.timeout_s:g} s of real time ({_limit(started, scenario)})"
    if started.standstill:
        end = f"can never end: {started.standstill}"
    lines = [f"run {started.name} {end}; its executions:"]
    for execution in seen.executions:
        entered = [e for e in execution.events if e.type.endswith("StateEntered")]
        state = (
            f"has been in state {entered[-1].details['name']} since {entered[-1].timestamp:%H:%M:%S}"
            if entered
            else ""
        )
        lines.append(f"  {execution.status} {execution.machine_name}/{execution.name} {state}".rstrip())
    if started.unanswered:
        lines += remedy(started.unanswered, scenario, stack)
    return "\n".join(lines)


def unsettled(started: Sequence[Started], scenario: Scenario) -> str:
    """Return the message for functions that the executions triggered and that did not finish within the
    longest time limit.
    """
    longest = max(started, key=lambda each: each.timeout_s)
    return (
        f"the functions that the executions triggered did not end within {longest.timeout_s:g} s of real "
        f"time ({_limit(longest, scenario)})"
    )


def _limit(started: Started, scenario: Scenario) -> str:
    """Return the remedy for a run that needs more time: the key of its time limit, and the location of
    that key.
    """
    if scenario.path.suffix == ".py":
        return "give it a longer timeout_s"
    number = next((n for n, run in enumerate(scenario.runs) if run.name == started.name), 0)
    where = scenario.position("run", number, "timeout")
    return f"raise run.timeout, {where.path}:{where.line}"


def without_others(seen: Observation, stack: Stack, stacks: Iterable[Stack]) -> Observation:
    """Return a copy of the observation in which `machines_left` omits the state machines in other stacks."""
    others = {
        arn.rpartition(":")[2]
        for other in stacks
        if other != stack
        for arn in other.of_type(STATE_MACHINE).values()
    }
    return replace(seen, machines_left=tuple(n for n in seen.machines_left if n not in others))
