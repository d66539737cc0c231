"""One execution: its end, its graph and time line, its events, and the output of its functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from harness.drawing.graph import legend, machine_graph, shape_for
from harness.drawing.time_line import time_line
from harness.drawing.visited import Invoked, visited
from harness.engine.seen import StartedExecution
from harness.html_report.cause import cause_of
from harness.json_types import Json
from harness.observe.access import Access
from harness.observe.match_invocations import matching_tasks
from harness.observe.model import Execution, HistoryEvent, Observation, Run
from harness.observe.tasks import track
from harness.page.layout import Shown, place
from harness.page.look import Look, Seen, by_execution
from harness.page.markup import Child, Html, el
from harness.page.views.parts import facts, folded, moment, nothing, number, span, status, table, value

_ANCHOR: Final = "state"
MOST_EVENTS: Final = 500
MOST_CHILDREN: Final = 100
_LONGEST_AGAIN: Final = 8_000
"""Maximum number of characters for an input in a URL."""


def execution_view(look: Look, query: Mapping[str, str]) -> Shown | None:
    """Show the execution with the given ARN; `from` is the number of the first event."""
    arn = query.get("arn", "")
    seen = look.execution(arn)
    if seen is None:
        return None
    execution = seen.execution
    known = look.executions()
    begin = int(first) if (first := query.get("from", "")).isdecimal() and len(first) < 9 else 1
    content = el(
        "div",
        None,
        _facts(execution, next((each.started_by for each in known if each.arn == arn), "")),
        _failure(look, execution),
        _picture(seen),
        _data(execution),
        el("h2", None, "States"),
        visited(execution, anchor=_ANCHOR, invoked=_invoked(look, execution)),
        folded(
            "events",
            "All events" if len(execution.events) > 1 else "The event",
            _events(execution, begin),
            opened=begin > 1,
        ),
        _children([each for each in known if each.started_by == arn]),
    )
    return Shown(execution.name, content)


def _picture(seen: Seen) -> Html:
    graph = machine_graph(seen.definition, seen.execution, made=seen.made, anchor=_ANCHOR)
    shape = shape_for(seen.definition, made=seen.made)
    return el(
        "div",
        None,
        el("h2", None, "Graph"),
        graph,
        legend(),
        el("h2", None, "Time line"),
        time_line(seen.execution, shape, anchor=_ANCHOR),
    )


def _invoked(look: Look, execution: Execution) -> Invoked:
    made = by_execution(look.invocations(), execution.arn) if look.knows_all else ()
    pairs = zip(matching_tasks(track(execution).tasks, made), made, strict=True)
    return Invoked({task: each for task, each in pairs if task is not None})


def _facts(execution: Execution, by: str) -> Html:
    took = (execution.stopped_at - execution.started_at).total_seconds() if execution.stopped_at else None
    pairs: list[tuple[str, Child]] = [
        ("Status", status(execution.status)),
        ("State machine", execution.machine_name),
        ("Started", moment(execution.started_at)),
        ("Duration", span(took) if took is not None else "Running"),
    ]
    if by:
        pairs.append(("Started by", el("a", {"href": place("execution", arn=by)}, by.rpartition(":")[2])))
    return facts(pairs)


def _data(execution: Execution) -> Html:
    fits = len(execution.input) <= _LONGEST_AGAIN
    again = place("start", machine=execution.machine_arn, input=execution.input if fits else "{}")
    return el(
        "div",
        None,
        el(
            "div",
            {"class": "pair"},
            el("div", None, el("h2", None, "Input"), value(execution.input, "Input")),
            el("div", None, el("h2", None, "Output"), _output(execution)),
        ),
        el("p", None, el("a", {"href": again}, "Start another with this input" if fits else "Start another")),
    )


def _output(execution: Execution) -> Html:
    if execution.output is not None:
        return value(execution.output, "Output")
    return nothing("None yet." if execution.stopped_at is None else "None.")


def _failure(look: Look, execution: Execution) -> Html | None:
    if execution.status in ("RUNNING", "SUCCEEDED"):
        return None
    cause = execution.cause or ""
    made = by_execution(look.invocations(), execution.arn) if look.knows_all else ()
    seen = Observation((Run("", execution),), invocations=made, access=_declared(look))
    began = cause_of(seen)
    return el(
        "section",
        {"class": "failure", "aria-label": "Failure"},
        el("h2", None, execution.error or execution.status.replace("_", " ").capitalize()),
        el("p", None, "It started in ", began) if began else None,
        value(cause, "Cause") if cause and cause not in began else None,
    )


def _declared(look: Look) -> Access:
    """Return the declarations in the stack, without permissions."""
    if look.stack is None:
        return Access()
    named = {each.physical_id: name for name, each in look.stack.resources.items()}
    return Access(origins=look.stack.origins, named=named)


def _events(execution: Execution, begin: int) -> Html:
    shown = execution.events[begin - 1 : begin - 1 + MOST_EVENTS]
    rows = [_event(execution, each) for each in shown]
    left = len(execution.events) - (begin - 1 + len(shown))
    more = el(
        "p",
        None,
        el(
            "a",
            {"href": place("execution", arn=execution.arn, **{"from": str(begin + MOST_EVENTS)})},
            f"{left:,} more events",
        ),
    )
    heads = ("No.", "Event", "After", "Details")
    return el("div", {"class": "history"}, table("Events", heads, rows), more if left > 0 else None)


def _event(execution: Execution, event: HistoryEvent) -> tuple[Child, ...]:
    after = (event.timestamp - execution.started_at).total_seconds()
    name = event.text("name")
    return (
        number(str(event.id)),
        [el("span", {"class": "type"}, event.type), " ", el("strong", None, name) if name else None],
        number(span(after)),
        list(_details(event)),
    )


def _details(event: HistoryEvent) -> Iterator[Html]:
    for name, found in event.details.items():
        if name == "name" or name.endswith("Details"):
            continue
        text = _text(found)
        if len(text) <= 60 and "\n" not in text:
            yield el("span", {"class": "detail"}, el("span", {"class": "quiet"}, f"{name} "), text)
        else:
            yield folded(f"event-{event.id}-{name}", name, value(text, f"{name} of event {event.id}"))


def _text(found: Json) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _children(started: list[StartedExecution]) -> Html | None:
    if not started:
        return None
    failed_first = sorted(started, key=lambda each: each.status in ("SUCCEEDED", "RUNNING"))
    rows = [
        (status(each.status), el("a", {"href": place("execution", arn=each.arn)}, each.name))
        for each in failed_first[:MOST_CHILDREN]
    ]
    more = len(started) - len(rows)
    return el(
        "section",
        None,
        el("h2", None, f"Child executions ({len(started):,})"),
        table("Child executions", ("Status", "Execution"), rows),
        nothing(f"{more:,} more are not shown; failed ones come first.") if more else None,
    )
