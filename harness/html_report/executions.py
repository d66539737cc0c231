"""Shows the executions of a scenario: graph, time line, and states with their input and output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS, end_of_execution
from harness.drawing.folding import folded
from harness.drawing.graph import Graphs, shape_for
from harness.drawing.time_line import time_line
from harness.drawing.values import BRIEF, SHOWN, shown_json, shown_text
from harness.drawing.visited import Invoked, visited
from harness.expect.values import message_of
from harness.expect.wording import time
from harness.observe.match_invocations import matching_tasks
from harness.observe.model import Execution, Observation
from harness.observe.tasks import track

Level = Literal["full", "brief", "short"]
"""The level of detail: everything for failures; states without events, or no states, for
passed scenarios.
"""
MOST: Final = 12
"""Maximum number of executions to show per scenario, failed ones first. Only names are shown
for the others.
"""
NAMED: Final = 200


@dataclass(frozen=True)
class Part:
    """A scenario's part of a page: its number, the page's graphs, and the level of detail."""

    number: int
    graphs: Graphs
    level: Level


def executions(observation: Observation, part: Part) -> Markup:
    """Return all executions of the runs, and their child executions."""
    found = [(run.name, each) for run in observation.runs for each in run.executions]
    invoked = _invoked(observation) if part.level == "full" else Invoked()
    order = sorted(range(len(found)), key=lambda n: (end_of_execution(found[n][1]) != "failed", n))
    shown = sorted(order[:MOST])
    items = [_execution(observation, *found[n], part, n, invoked) for n in shown]
    left = [each for n, (_, each) in enumerate(found) if n not in shown]
    if left:
        names = ", ".join(f"{each.name} of {each.machine_name} {each.status}" for each in left[:NAMED])
        more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
        items.append(shown_text(f"{len(left):,} more executions", names + more))
    return joined(*items)


def size_of(observation: Observation) -> int:
    """Return the number of states that `executions` would show."""
    found = [each for run in observation.runs for each in run.executions]
    return sum(len(folded(each).ids) for each in found[:MOST])


def _execution(
    observation: Observation, run: str, execution: Execution, part: Part, number: int, invoked: Invoked
) -> Markup:
    end = end_of_execution(execution)
    over = execution.stopped_at
    took = f" · {time((over - execution.started_at).total_seconds())}" if over else ""
    title = f"{run}: {execution.machine_name}" if execution.name in ("", run) else execution.machine_name
    head = element(
        "summary",
        element("b", MARKS[end], class_=f"mark {end}"),
        " ",
        element("b", title),
        " ",
        element("span", execution.status, class_=end),
        element(
            "span",
            f" · {execution.name}{took}",
            class_="quiet",
        ),
    )
    body = [*_facts(execution, part), *_pictures(observation, execution, part, number, invoked)]
    return element("details", head, *body, class_="execution", open=part.level == "full" or number == 0)


def _facts(execution: Execution, part: Part) -> Iterator[Markup]:
    most = SHOWN if part.level == "full" else BRIEF
    if execution.error:
        yield element("p", element("b", "error"), " ", element("code", execution.error), class_="value bad")
    if execution.cause:
        yield shown_text("cause", message_of(execution.cause), most=most)
    if part.level != "short":
        yield shown_json("input", execution.input, most=most)
        yield shown_json("output", execution.output, most=most)


def _pictures(
    observation: Observation, execution: Execution, part: Part, number: int, invoked: Invoked
) -> Iterator[Markup]:
    definition = observation.definitions.get(execution.arn)
    brief = part.level != "full"
    anchor = "" if part.level == "short" else f"s{part.number}x{number}"
    made = definition is not None and not definition.name
    if definition is not None:
        yield part.graphs.graph(definition.text, execution, made=made, anchor=anchor)
    shape = shape_for(definition.text if definition is not None else "{}", made=made)
    yield time_line(execution, shape, anchor=anchor, brief=brief)
    if part.level != "short":
        states = visited(execution, anchor=anchor, invoked=invoked, brief=brief)
        title = f"States: {len(track(execution).visits and execution.path):,} entered"
        yield element("details", element("summary", title), states, open=not brief)


def _invoked(observation: Observation) -> Invoked:
    tracks = [track(each) for run in observation.runs for each in run.executions]
    found = matching_tasks((task for one in tracks for task in one.tasks), observation.invocations)
    pairs = zip(found, observation.invocations, strict=True)
    return Invoked({task: each for task, each in pairs if task is not None}, observation.functions)
